import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holds } from "../../../test/support/pure/holds.ts";
import { type BatchResult, type BatchStep, DbError, type StepResult } from "../db/hrana.ts";
import { statement } from "../db/statement.ts";
import type { UnitOfWork, UnitResult } from "../db/unit-of-work.ts";
import { DEFAULT_LIMITS, GroupCommit } from "./group-commit.ts";

/**
 * A primary that understands just the statements a batch is made of, with the semantics measured on sqld: conditions, savepoints,
 * a failed step that leaves the transaction open. Units here say `effect <name>` and guards hold or not by their text.
 */
class ModelPrimary {
  receipts = new Map<string, { fingerprint: string; code: string | null; answer: string }>();
  batches = new Map<string, "committed" | "void">();
  effects: string[] = [];
  seq = 0;
  concurrent = 0;

  run(steps: BatchStep[]): BatchResult {
    const before = { receipts: new Map(this.receipts), batches: new Map(this.batches), effects: [...this.effects], seq: this.seq };
    let open = false;
    let savepoint: { receipts: ModelPrimary["receipts"]; effects: string[] } | null = null;
    const results: (StepResult | null)[] = [];
    const errors: BatchResult["errors"] = [];
    const restore = () => {
      this.receipts = before.receipts;
      this.batches = before.batches;
      this.effects = before.effects;
      this.seq = before.seq;
      open = false;
    };
    for (const { stmt, condition } of steps) {
      if (condition && !holds(condition, { results, errors }, !open)) {
        results.push(null);
        errors.push(null);
        continue;
      }
      const args = stmt.args as string[];
      let rows: StepResult["rows"] = [];
      try {
        if (stmt.sql === "BEGIN IMMEDIATE") open = true;
        else if (stmt.sql === "COMMIT") open = false;
        else if (stmt.sql === "ROLLBACK") restore();
        else if (stmt.sql.startsWith("INSERT INTO batches")) {
          if (this.batches.has(args[0] as string)) throw new Error("UNIQUE constraint failed: batches.batch_id");
          this.batches.set(args[0] as string, "committed");
        } else if (stmt.sql === "SAVEPOINT unit") savepoint = { receipts: new Map(this.receipts), effects: [...this.effects] };
        else if (stmt.sql === "ROLLBACK TO unit") {
          this.receipts = new Map(savepoint?.receipts);
          this.effects = [...(savepoint?.effects ?? [])];
        } else if (stmt.sql === "RELEASE unit") savepoint = null;
        else if (stmt.sql.startsWith("INSERT INTO receipts")) {
          const key = args.slice(0, 4).join("|");
          if (this.receipts.has(key)) throw new Error("UNIQUE constraint failed: receipts");
          const refusal = stmt.sql.includes("code, answer");
          const answer = JSON.stringify(refusal ? { refused: true } : { effects: this.effects.length });
          this.receipts.set(key, { fingerprint: args[4] as string, code: refusal ? (args[8] as string) : null, answer });
          rows = [{ answer }];
        } else if (stmt.sql.startsWith("SELECT fingerprint")) {
          const receipt = this.receipts.get(args.join("|"));
          rows = receipt
            ? [{ fingerprint: receipt.fingerprint, status: 200, code: receipt.code, answer: receipt.answer, request_id: "" }]
            : [];
        } else if (stmt.sql.startsWith("SELECT json(CASE WHEN (SELECT code IS NULL")) {
          const receipt = this.receipts.get(args.slice(1).join("|"));
          if (!receipt || receipt.code !== null || receipt.fingerprint !== args[0]) throw new Error("malformed JSON");
        } else if (stmt.sql.startsWith("SELECT json(CASE WHEN fails")) throw new Error("malformed JSON");
        else if (stmt.sql.startsWith("UPDATE commit_state")) rows = [{ epoch: "e", commit_seq: ++this.seq }];
        else if (stmt.sql === "effect") this.effects.push(args[0] as string);
        else if (stmt.sql === "broken") throw new Error("no such table");
        else if (stmt.sql === "sinks the transaction") {
          restore();
          throw new Error("disk full");
        }
        results.push({ rows, affected_rows: 1, rows_read: 0, rows_written: 0, duration_ms: 0 });
        errors.push(null);
      } catch (error) {
        results.push(null);
        errors.push({ message: (error as Error).message, code: "SQLITE" });
      }
    }
    if (open) restore();
    return { results, errors };
  }
}

type Fate = "ok" | "lost_before" | "lost_after" | "late" | "not_sent" | "cut_then_settle_fails";

interface Script {
  name: string;
  kind: "effect" | "refused" | "broken" | "sinks";
  keyed: boolean;
  lane: "sale" | "bulk";
  copies: number;
  base: boolean;
}

function unitFor(script: Script, id: string, dependsOn: string | undefined): UnitOfWork {
  const steps: UnitOfWork["steps"] = [statement("effect", script.name)];
  if (script.kind === "refused") steps.push({ guard: "CONFLICT", holds: "fails" });
  if (script.kind === "broken") steps.push(statement("broken"));
  if (script.kind === "sinks") steps.push(statement("sinks the transaction"));
  return {
    id,
    steps,
    answer: { status: 200, select: statement("SELECT 1") },
    lane: script.lane,
    wakes: false,
    ...(script.keyed
      ? { receipt: { principal: "p", method: "POST", route: "/x", key: script.name, fingerprint: "f", request_id: "" } }
      : {}),
    ...(dependsOn === undefined ? {} : { depends_on: dependsOn }),
  };
}

let writers = 0;

function harness(primary: ModelPrimary, fates: Fate[]) {
  let now = 0;
  const writer = ++writers;
  let ids = 0;
  let batchesInFlight = 0;
  const late: BatchStep[][] = [];
  const clock = { now: () => now, newId: () => `id-${writer}-${++ids}` };
  const deps = {
    clock,
    limits: { ...DEFAULT_LIMITS, units_per_batch: 4, give_up_ms: 1_000_000 },
    sleep: (ms: number): Promise<void> => {
      // Model time passes at once; only a duplicate's patience outlasts every test.
      if (ms === DEFAULT_LIMITS.duplicate_wait_ms) return new Promise(() => {});
      now += ms;
      return Promise.resolve();
    },
    async send(plan: { steps: BatchStep[] }): Promise<BatchResult> {
      batchesInFlight += 1;
      expect(batchesInFlight).toBe(1);
      await Promise.resolve();
      now += 5;
      batchesInFlight -= 1;
      const fate = fates.shift() ?? "ok";
      if (fate === "not_sent") throw new DbError("not_sent", "429");
      if (fate === "lost_before") throw new DbError("lost", "cut before");
      if (fate === "late") {
        late.push(plan.steps);
        throw new DbError("lost", "cut, still running");
      }
      const result = primary.run(plan.steps);
      if (fate === "lost_after" || fate === "cut_then_settle_fails") throw new DbError("lost", "cut after");
      return result;
    },
    async settle(batchId: string) {
      const fate = fates[0];
      if (fate === "cut_then_settle_fails") {
        fates.shift();
        throw new DbError("lost", "settle cut");
      }
      if (!primary.batches.has(batchId)) primary.batches.set(batchId, "void");
      // What was still running arrives now, after it was made void.
      for (const steps of late.splice(0)) primary.run(steps);
    },
  };
  return { group: new GroupCommit(deps), deps };
}

const fate = fc.constantFrom<Fate>("ok", "ok", "lost_before", "lost_after", "late", "not_sent", "cut_then_settle_fails");
const script = fc.record({
  kind: fc.constantFrom<Script["kind"]>("effect", "effect", "effect", "refused", "broken", "sinks"),
  keyed: fc.boolean(),
  lane: fc.constantFrom<Script["lane"]>("sale", "bulk"),
  copies: fc.integer({ min: 1, max: 3 }),
  base: fc.boolean(),
});

describe("group commit", () => {
  test("every unit takes effect once or is refused, never half, under any failures and restarts", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(script, { minLength: 1, maxLength: 12 }),
        fc.array(fate, { maxLength: 12 }),
        fc.boolean(),
        async (drafts, fates, restart) => {
          const scripts: Script[] = drafts.map((draft, index) => ({ ...draft, name: `n${index}` }));
          const primary = new ModelPrimary();
          const first = harness(primary, [...fates]);
          // A restart loses all memory: the second writer knows nothing of the first.
          const second = restart ? harness(primary, []) : first;
          const calls: Promise<UnitResult[]>[] = [];
          scripts.forEach((one, index) => {
            const copies = one.keyed ? one.copies : 1;
            for (let copy = 0; copy < copies; copy++) {
              const unit = unitFor(one, `u${index}-${copy}`, undefined);
              const group = copy > 0 ? second.group : first.group;
              if (!one.base) calls.push(group.submit([unit]));
              else {
                const child: Script = { ...one, name: `${one.name}-child`, kind: "effect" };
                calls.push(group.submit([unit, unitFor(child, `u${index}-${copy}-child`, unit.id)]));
              }
            }
          });
          const results = await Promise.all(calls);
          for (const [index, one] of scripts.entries()) {
            const times = primary.effects.filter((name) => name === one.name).length;
            expect(times, `${one.name} ${one.kind}`).toBe(one.kind === "effect" ? 1 : 0);
            if (!one.base) continue;
            const children = primary.effects.filter((name) => name === `${one.name}-child`).length;
            expect(children, `child of ${one.name} ${one.kind} (${index})`).toBe(one.kind === "effect" ? 1 : 0);
          }
          for (const result of results.flat()) expect(["applied", "refused", "fault", "dependency_refused"]).toContain(result.kind);
          expect(new Set(primary.effects).size).toBe(primary.effects.length);
        },
      ),
      { numRuns: 400 },
    );
  });

  test("a hundred submissions of one key: one effect, equal answers", async () => {
    const primary = new ModelPrimary();
    const { group } = harness(primary, ["lost_after"]);
    const one: Script = { name: "sale", kind: "effect", keyed: true, lane: "sale", copies: 1, base: false };
    const results = (
      await Promise.all(Array.from({ length: 100 }, (_, index) => group.submit([unitFor(one, `u${index}`, undefined)])))
    ).flat();
    expect(primary.effects).toEqual(["sale"]);
    expect(new Set(results.map((result) => (result.kind === "applied" ? result.answer : result.kind))).size).toBe(1);
  });

  test("the same key for another request is refused while the first runs and afterwards", async () => {
    const primary = new ModelPrimary();
    const { group } = harness(primary, []);
    const one: Script = { name: "k", kind: "effect", keyed: true, lane: "sale", copies: 1, base: false };
    const other = unitFor(one, "u2", undefined);
    if (other.receipt) other.receipt.fingerprint = "g";
    const [first, during] = await Promise.all([group.submit([unitFor(one, "u1", undefined)]), group.submit([other])]);
    expect(first[0]?.kind).toBe("applied");
    expect(during[0]).toEqual({ kind: "key_reused" });
    expect((await group.submit([other]))[0]).toEqual({ kind: "key_reused" });
  });

  test("a full queue refuses without writing", async () => {
    const primary = new ModelPrimary();
    const { deps } = harness(primary, []);
    const group = new GroupCommit({ ...deps, limits: { ...deps.limits, units_waiting: 2 } });
    const one = (name: string): Script => ({ name, kind: "effect", keyed: false, lane: "sale", copies: 1, base: false });
    const results = (await Promise.all(["a", "b", "c"].map((name) => group.submit([unitFor(one(name), name, undefined)])))).flat();
    expect(results.map(({ kind }) => kind)).toEqual(["applied", "applied", "busy"]);
    expect(primary.effects).toEqual(["a", "b"]);
  });

  test("sales go before bulk work, and bulk work is not starved", async () => {
    const primary = new ModelPrimary();
    const { group } = harness(primary, []);
    const of = (name: string, lane: Script["lane"]): Script => ({ name, kind: "effect", keyed: false, lane, copies: 1, base: false });
    const calls = [group.submit([unitFor(of("bulk", "bulk"), "bulk", undefined)])];
    for (let index = 0; index < 400; index++) calls.push(group.submit([unitFor(of(`s${index}`, "sale"), `s${index}`, undefined)]));
    await Promise.all(calls);
    const place = primary.effects.indexOf("bulk");
    expect(place).toBeGreaterThan(100);
    expect(place).toBeLessThan(400);
  });
});
