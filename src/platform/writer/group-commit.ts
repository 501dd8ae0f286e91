import type { Clock } from "../../kernel/clock.ts";
import { type BatchResult, DbError } from "../db/hrana.ts";
import type { UnitOfWork, UnitResult } from "../db/unit-of-work.ts";
import { type BatchPlan, planBatch, receiptOf } from "./batch-plan.ts";

export interface GroupCommitDeps {
  clock: Clock;
  /** Sends one batch to the primary. Throws DbError. */
  send(plan: BatchPlan, unitCount: number): Promise<BatchResult>;
  /** Makes sure that the batch, if it has not happened, never will. Throws DbError while it cannot. */
  settle(batchId: string): Promise<void>;
  sleep(ms: number): Promise<void>;
  limits: GroupCommitLimits;
}

export interface GroupCommitLimits {
  units_per_batch: number;
  steps_per_batch: number;
  bytes_per_batch: number;
  units_waiting: number;
  /** A bulk unit that has waited this long goes ahead of sales, so that it is never starved. */
  bulk_patience_ms: number;
  /** How long a unit may wait for the primary before its caller is told `unavailable`. */
  give_up_ms: number;
  /** How long a duplicate waits for the first request with its key. */
  duplicate_wait_ms: number;
  remembered_answers: number;
}

export const DEFAULT_LIMITS: GroupCommitLimits = {
  units_per_batch: 64,
  steps_per_batch: 1_000,
  bytes_per_batch: 4_000_000,
  units_waiting: 1_000,
  bulk_patience_ms: 250,
  give_up_ms: 15_000,
  duplicate_wait_ms: 8_000,
  remembered_answers: 1_000,
};

interface Waiting {
  unit: UnitOfWork;
  bytes: number;
  since_ms: number;
  resolve(result: UnitResult): void;
}

const stepCount = (unit: UnitOfWork): number => 8 + 2 * unit.steps.length;

function byteCount(unit: UnitOfWork): number {
  let bytes = 0;
  for (const step of [...unit.steps, unit.answer.select]) {
    if ("sql" in step) bytes += step.sql.length;
    for (const arg of step.args ?? []) bytes += typeof arg === "string" ? arg.length : arg instanceof Uint8Array ? arg.length * 1.34 : 8;
  }
  return bytes;
}

const keyText = (unit: UnitOfWork): string => {
  const { principal, method, route, key } = receiptOf(unit);
  return `${principal}\n${method}\n${route}\n${key}`;
};

/**
 * Group commit with one batch in flight, always. What arrives meanwhile goes together in the next. Memory here is a cache and a queue,
 * never the truth: every unit is remembered by its receipt, so sending a unit again is harmless, and a batch whose answer was
 * lost is settled (made void, or found committed) and its units are sent again to get their answers.
 */
export class GroupCommit {
  private readonly deps: GroupCommitDeps;
  private readonly sales: Waiting[] = [];
  private readonly bulk: Waiting[] = [];
  private running = false;
  private readonly exclusive_jobs: (() => Promise<void>)[] = [];
  private readonly in_flight = new Map<string, { fingerprint: string; result: Promise<UnitResult> }>();
  private readonly finished = new Map<string, { fingerprint: string; result: UnitResult }>();
  /** Whether a unit that others wait for was applied; kept while its call lasts. */
  private readonly decided_bases = new Map<string, boolean>();
  /** After a failed batch the next ones carry one unit each until they pass, so that one bad unit sinks no other. */
  private singly = 0;

  constructor(deps: GroupCommitDeps) {
    this.deps = deps;
  }

  /** Units in order; a unit may depend on an earlier one of the same call. Never rejects. */
  async submit(units: readonly UnitOfWork[]): Promise<UnitResult[]> {
    const bases = new Set(units.map((unit) => unit.depends_on));
    const results = units.map((unit) => {
      if (!bases.has(unit.id)) return this.once(unit);
      // A base always goes through a batch, ahead of its dependents, so that the batch can decide for them too.
      return this.enqueue(unit).then((result) => {
        this.decided_bases.set(unit.id, result.kind === "applied");
        return result;
      });
    });
    const decided = await Promise.all(results);
    for (const base of bases) if (base !== undefined) this.decided_bases.delete(base);
    return decided;
  }

  /** Runs `job` between two batches, alone. */
  exclusive<T>(job: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.exclusive_jobs.push(() => job().then(resolve, reject));
      this.pump();
    });
  }

  private async once(unit: UnitOfWork): Promise<UnitResult> {
    if (!unit.receipt) return this.enqueue(unit);
    const key = keyText(unit);
    const done = this.finished.get(key);
    if (done) return this.again(unit, done.fingerprint, done.result);
    const first = this.in_flight.get(key);
    if (first) {
      if (first.fingerprint !== unit.receipt.fingerprint) return { kind: "key_reused" };
      const result = await Promise.race([first.result, this.deps.sleep(this.deps.limits.duplicate_wait_ms).then(() => null)]);
      return result === null ? { kind: "in_progress" } : this.again(unit, first.fingerprint, result);
    }
    const result = this.enqueue(unit);
    this.in_flight.set(key, { fingerprint: unit.receipt.fingerprint, result });
    const settled = await result;
    this.in_flight.delete(key);
    if (settled.kind === "applied" || settled.kind === "refused") this.remember(key, unit.receipt.fingerprint, settled);
    return settled;
  }

  private again(unit: UnitOfWork, fingerprint: string, result: UnitResult): UnitResult {
    if (fingerprint !== unit.receipt?.fingerprint) return { kind: "key_reused" };
    return result.kind === "applied" || result.kind === "refused" ? { ...result, replayed: true } : result;
  }

  private remember(key: string, fingerprint: string, result: UnitResult): void {
    if (result.kind === "applied" && result.answer.length > 16_384) return;
    this.finished.set(key, { fingerprint, result });
    if (this.finished.size <= this.deps.limits.remembered_answers) return;
    const oldest = this.finished.keys().next();
    if (!oldest.done) this.finished.delete(oldest.value);
  }

  private enqueue(unit: UnitOfWork): Promise<UnitResult> {
    if (this.sales.length + this.bulk.length >= this.deps.limits.units_waiting) return Promise.resolve({ kind: "busy" });
    return new Promise((resolve) => {
      const lane = unit.lane === "bulk" ? this.bulk : this.sales;
      lane.push({ unit, bytes: byteCount(unit), since_ms: this.deps.clock.now(), resolve });
      this.pump();
    });
  }

  private pump(): void {
    if (this.running) return;
    this.running = true;
    // One turn of the event loop lets everything that has already arrived join the first batch.
    Promise.resolve()
      .then(() => this.drain())
      .finally(() => {
        this.running = false;
        if (this.exclusive_jobs.length + this.sales.length + this.bulk.length > 0) this.pump();
      });
  }

  private async drain(): Promise<void> {
    for (;;) {
      const job = this.exclusive_jobs.shift();
      if (job) {
        await job();
        continue;
      }
      const group = this.takeGroup();
      if (group.length === 0) return;
      await this.commit(group);
    }
  }

  private takeGroup(): Waiting[] {
    const { limits, clock } = this.deps;
    this.dropOrphans();
    const head = this.bulk[0];
    if (head && (this.sales.length === 0 || clock.now() - head.since_ms >= limits.bulk_patience_ms)) return this.bulk.splice(0, 1);
    const most = this.singly > 0 ? 1 : limits.units_per_batch;
    let steps = 0;
    let bytes = 0;
    let count = 0;
    for (const waiting of this.sales) {
      steps += stepCount(waiting.unit);
      bytes += waiting.bytes;
      if (count > 0 && (count >= most || steps > limits.steps_per_batch || bytes > limits.bytes_per_batch)) break;
      count += 1;
    }
    return this.sales.splice(0, count);
  }

  /** Units whose base was refused in an earlier batch are refused; those whose base was applied stand alone. */
  private dropOrphans(): void {
    for (const lane of [this.sales, this.bulk]) {
      for (let index = lane.length - 1; index >= 0; index--) {
        const waiting = lane[index] as Waiting;
        const base = waiting.unit.depends_on;
        const applied = base === undefined ? undefined : this.decided_bases.get(base);
        if (applied === undefined) continue;
        if (applied) {
          const { depends_on: _, ...alone } = waiting.unit;
          waiting.unit = alone;
        } else {
          lane.splice(index, 1);
          waiting.resolve({ kind: "dependency_refused" });
        }
      }
    }
  }

  /** Sends a group until it is decided or its callers' patience ends; then the next group's turn comes. */
  private async commit(group: Waiting[]): Promise<void> {
    const { clock, limits } = this.deps;
    let waiting = group;
    for (let attempt = 0; waiting.length > 0; attempt++) {
      const expired = waiting.filter(({ since_ms }) => clock.now() - since_ms > limits.give_up_ms);
      for (const { resolve } of expired) resolve({ kind: "unavailable" });
      waiting = waiting.filter((entry) => !expired.includes(entry));
      if (waiting.length === 0) return;
      if (attempt > 0) await this.deps.sleep(Math.min(25 * 2 ** attempt, 1_000));
      const outcome = await this.attempt(waiting);
      if (outcome === "again") continue;
      if (outcome === "split") {
        // Back to the front of their lane, in order, one unit a batch.
        this.singly += waiting.length;
        const lane = waiting[0]?.unit.lane === "bulk" ? this.bulk : this.sales;
        lane.unshift(...waiting);
        return;
      }
      this.singly = Math.max(0, this.singly - waiting.length);
      waiting.forEach(({ resolve }, index) => {
        resolve(outcome[index] as UnitResult);
      });
      return;
    }
  }

  private async attempt(group: Waiting[]): Promise<UnitResult[] | "again" | "split"> {
    const { clock, limits } = this.deps;
    const batchId = clock.newId();
    const plan = planBatch(
      batchId,
      group.map(({ unit }) => unit),
      clock.now(),
    );
    try {
      const result = await this.deps.send(plan, group.length);
      const outcome = plan.read(result);
      if (outcome) return outcome;
      // Fenced (platform/db/fence.ts): it stays so here, whoever asks again is to be sent where the database went.
      if (result.errors.some((error) => error?.code === "BLOCKED")) return group.map(() => ({ kind: "moving" }));
      if (group.length > 1) return "split";
      const message = result.errors.find((error) => error !== null)?.message ?? "the batch was not committed";
      return /busy|locked/i.test(message) ? "again" : [{ kind: "fault", message }];
    } catch (error) {
      if (!(error instanceof DbError)) return group.map(() => ({ kind: "fault", message: String(error) }));
      // A statement that cannot be read: it never will be, but only its own unit is to blame.
      if (error.kind === "refused" && error.status === null)
        return group.length > 1 ? "split" : [{ kind: "fault", message: error.message }];
      if (error.kind === "lost") {
        const since = Math.min(...group.map(({ since_ms }) => since_ms));
        await this.settleUntil(batchId, since + limits.give_up_ms);
      }
      return "again";
    }
  }

  private async settleUntil(batchId: string, untilMs: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.deps.settle(batchId);
      } catch (error) {
        // Receipts make sending the units again safe even unsettled; settling only keeps a late commit from surprising anybody.
        if (!(error instanceof DbError) || this.deps.clock.now() > untilMs) return;
        await this.deps.sleep(Math.min(25 * 2 ** attempt, 1_000));
      }
    }
  }
}
