import fc from "fast-check";
import { expect, test } from "vitest";
import { SqlitePrimary } from "../../../test/support/pure/sqlite-primary.ts";
import { type BatchResult, type BatchStep, DbError } from "../db/hrana.ts";
import { statement } from "../db/statement.ts";
import type { UnitOfWork, UnitResult } from "../db/unit-of-work.ts";
import { voidBatch } from "./batch-outcome.ts";
import { DEFAULT_LIMITS, GroupCommit } from "./group-commit.ts";
import { sweepUnit } from "./sweep.ts";

/**
 * Sends, commits, lost and late answers, crashes, two writers at once, retries and sweeps in any order, over real SQLite and in model time. The
 * promise: one effect a key at most, and for 24 h after it took effect every answer for the key is its first one.
 */
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const COMMIT_DEADLINE_MS = 8_000;
const SETTLE_DEADLINE_MS = 2_000;

interface Fate {
  kind: "ok" | "lost_before" | "lost_after" | "late" | "not_sent";
  /** From the object to the database, and back. */
  there_ms: number;
  back_ms: number;
  /** How long after the others a late one arrives. */
  late_ms: number;
}

type Action =
  | { kind: "send"; key: number; writer: number }
  | { kind: "crash" }
  /** A second object for the tenant; the first does not know. */
  | { kind: "failover" }
  | { kind: "sweep" };

interface Step {
  action: Action;
  after_ms: number;
}

/** Time that passes when nothing else is left to happen at this moment. */
class ModelTime {
  now = 1_000_000_000_000;
  private order = 0;
  private readonly timers: { at_ms: number; order: number; run: () => void }[] = [];

  at(ms: number, run: () => void): void {
    this.timers.push({ at_ms: this.now + Math.max(0, ms), order: this.order++, run });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resume) => this.at(ms, resume));
  }

  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    for (;;) {
      await new Promise((resume) => setImmediate(resume));
      this.timers.sort((a, b) => a.at_ms - b.at_ms || a.order - b.order);
      const next = this.timers[0];
      if (!next || next.at_ms > until) break;
      this.timers.shift();
      this.now = next.at_ms;
      next.run();
    }
    this.now = until;
  }
}

class World {
  readonly time = new ModelTime();
  readonly primary = new SqlitePrimary("CREATE TABLE effects (key INTEGER NOT NULL, serial INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;");
  private readonly fates: Fate[];
  private ids = 0;
  writers: { group: GroupCommit; alive: boolean }[] = [];
  readonly first_sent_ms = new Map<number, number>();
  readonly decided_ms = new Map<number, number>();
  readonly first_answer = new Map<number, string>();

  constructor(fates: readonly Fate[]) {
    this.fates = [...fates];
    this.startWriter();
  }

  startWriter(): void {
    const writer = { alive: true } as World["writers"][number];
    // A dead object does nothing more: what it waits for never comes.
    const whileAlive = async <T>(work: Promise<T>): Promise<T> => {
      const done = await work.catch((error) => (writer.alive ? Promise.reject(error) : new Promise<T>(() => {})));
      return writer.alive ? done : new Promise<T>(() => {});
    };
    writer.group = new GroupCommit({
      clock: { now: () => this.time.now, newId: () => this.newId() },
      limits: { ...DEFAULT_LIMITS, units_per_batch: 3, remembered_answers: 2 },
      sleep: (ms) => whileAlive(this.time.sleep(ms)),
      send: (plan) => whileAlive(this.carry(plan.steps, COMMIT_DEADLINE_MS)),
      settle: (batchId) => whileAlive(voidBatch((steps) => this.carry(steps, SETTLE_DEADLINE_MS), batchId, this.time.now)),
    });
    this.writers.push(writer);
  }

  heal(): void {
    this.fates.length = 0;
  }

  newId(): string {
    return `id-${++this.ids}`;
  }

  /** A batch on its way there and back, as its fate wills. */
  private async carry(steps: readonly BatchStep[], deadlineMs: number): Promise<BatchResult> {
    const fate = this.fates.shift() ?? { kind: "ok", there_ms: 1, back_ms: 1, late_ms: 0 };
    const lost = async (ms: number): Promise<never> => {
      await this.time.sleep(ms);
      throw new DbError("lost", fate.kind);
    };
    if (fate.kind === "not_sent") throw new DbError("not_sent", "429");
    if (fate.kind === "late") {
      this.time.at(fate.there_ms + fate.late_ms, () => this.arrive(steps));
      return lost(fate.there_ms);
    }
    if (fate.kind === "lost_before") return lost(fate.there_ms);
    const arrived = Promise.withResolvers<BatchResult>();
    this.time.at(fate.there_ms, () => arrived.resolve(this.arrive(steps)));
    if (fate.kind === "lost_after" || fate.there_ms + fate.back_ms > deadlineMs)
      return lost(Math.min(fate.there_ms + fate.back_ms, deadlineMs));
    const result = await arrived.promise;
    await this.time.sleep(fate.back_ms);
    return result;
  }

  private arrive(steps: readonly BatchStep[]): BatchResult {
    const result = this.primary.run(steps);
    const doubled = this.primary.all("SELECT key FROM effects GROUP BY key HAVING count(*) > 1");
    expect(doubled, "effects that stand twice").toEqual([]);
    for (const { key } of this.primary.all("SELECT key FROM receipts WHERE route = '/x'") as { key: string }[])
      if (!this.decided_ms.has(Number(key))) this.decided_ms.set(Number(key), this.time.now);
    return result;
  }

  /** Whether a client may still count on the key: it took effect less than a day ago, or nobody knows and it was first sent so. */
  counts(key: number): boolean {
    const since = this.decided_ms.get(key) ?? this.first_sent_ms.get(key) ?? this.time.now;
    return this.time.now - since <= DAY_MS;
  }

  send(key: number, writer: number): void {
    const one = this.writers[writer % this.writers.length];
    if (!one?.alive || !this.counts(key)) return;
    if (!this.first_sent_ms.has(key)) this.first_sent_ms.set(key, this.time.now);
    one.group.submit([this.unit(key)]).then(([result]) => {
      if (one.alive) this.answered(key, result as UnitResult);
    });
  }

  private unit(key: number): UnitOfWork {
    return {
      id: this.newId(),
      receipt: { principal: "p", method: "POST", route: "/x", key: String(key), fingerprint: "f", request_id: "r" },
      steps: [
        // Of every third key: what it did itself would refuse it when it is repeated.
        ...(key % 3 === 1 ? [{ guard: "CONFLICT" as const, holds: "NOT EXISTS (SELECT 1 FROM effects WHERE key = ?)", args: [key] }] : []),
        statement("INSERT INTO effects (key) VALUES (?)", key),
        ...(isRefused(key) ? [{ guard: "CONFLICT", holds: "false" } as const] : []),
      ],
      answer: { status: 201, select: statement("SELECT json_object('serial', (SELECT serial FROM effects WHERE key = ?))", key) },
      lane: "sale",
      wakes: false,
    };
  }

  private answered(key: number, result: UnitResult): void {
    if (["busy", "unavailable", "in_progress"].includes(result.kind)) return;
    const answer = result.kind === "applied" ? `${result.status} ${result.answer}` : `${result.kind} ${JSON.stringify(result)}`;
    const told = result.kind === "refused" ? `refused ${result.code} ${JSON.stringify(result.details)}` : answer;
    const first = this.first_answer.get(key) ?? told;
    this.first_answer.set(key, first);
    expect(told, `the answer for key ${key}`).toBe(first);
    expect(result.kind).toBe(isRefused(key) ? "refused" : "applied");
  }
}

const isRefused = (key: number): boolean => key % 3 === 2;

const shortly = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 60 }) }, fc.integer({ min: 0, max: 12_000 }));
const fate: fc.Arbitrary<Fate> = fc.record({
  kind: fc.constantFrom("ok", "ok", "lost_before", "lost_after", "late", "not_sent"),
  there_ms: shortly,
  back_ms: shortly,
  late_ms: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 50 * 60_000 })),
});
const key = fc.integer({ min: 0, max: 5 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("send" as const), key, writer: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: "crash" }) },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: "failover" }) },
  { weight: 2, arbitrary: fc.constant<Action>({ kind: "sweep" }) },
);
const gap = fc.oneof(
  { weight: 6, arbitrary: shortly },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 * HOUR_MS }) },
  // Around the end of the promise.
  { weight: 2, arbitrary: fc.integer({ min: DAY_MS - 20_000, max: DAY_MS + 1_000 }) },
);
const step: fc.Arbitrary<Step> = fc.record({ action, after_ms: gap });

function act(world: World, action: Action): void {
  const { writers } = world;
  if (action.kind === "send") world.send(action.key, action.writer);
  else if (action.kind === "failover") world.startWriter();
  else if (action.kind === "sweep") void writers.at(-1)?.group.submit([sweepUnit(world.newId(), world.time.now)]);
  else {
    for (const writer of writers.splice(0)) writer.alive = false;
    world.startWriter();
  }
}

/** A receipt that was dated long before its late batch was committed: found when the sweep took receipts at the end of their day. */
const datedEarly: [Step[], Fate[]] = [
  [
    { action: { kind: "send", key: 0, writer: 0 }, after_ms: 0 },
    { action: { kind: "crash" }, after_ms: 40_001 },
    { action: { kind: "send", key: 0, writer: 0 }, after_ms: DAY_MS - 20_000 },
    { action: { kind: "sweep" }, after_ms: 1_000 },
    { action: { kind: "crash" }, after_ms: 0 },
    { action: { kind: "send", key: 0, writer: 0 }, after_ms: 1_000 },
  ],
  [
    { kind: "late", there_ms: 0, back_ms: 0, late_ms: 40_001 },
    { kind: "lost_before", there_ms: 0, back_ms: 0, late_ms: 0 },
  ],
];

test("one effect a key at most, and none is forgotten within 24 h, in whatever order things happen", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 40 }), fc.array(fate, { maxLength: 60 }), async (steps, fates) => {
      const world = new World(fates);
      try {
        for (const { action, after_ms } of steps) {
          act(world, action);
          await world.time.pass(after_ms);
        }
        await world.time.pass(40_000);
        // No key is stuck: whoever may still ask gets its answer from an object that knows nothing.
        world.heal();
        act(world, { kind: "crash" });
        const asked = [...world.first_sent_ms.keys()].filter((key) => world.counts(key));
        for (const key of asked) world.send(key, world.writers.length - 1);
        await world.time.pass(HOUR_MS);
        for (const key of asked) expect(world.first_answer.has(key), `an answer for key ${key}`).toBe(true);
      } finally {
        world.primary.close();
      }
    }),
    { numRuns: Number(process.env["RUNS"] ?? 300), examples: [datedEarly] },
  );
}, 60_000);
