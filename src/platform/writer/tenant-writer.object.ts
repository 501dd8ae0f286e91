import { DurableObject } from "cloudflare:workers";
import { configOf } from "../../env.ts";
import { uuidV7 } from "../../kernel/ids.ts";
import { databaseToken } from "../db/access-token.ts";
import { fenceDatabase } from "../db/fence.ts";
import { type BatchResult, type BatchStep, runBatch } from "../db/hrana.ts";
import { CENTRAL_STREAM, TENANT_STREAM } from "../db/migrations.ts";
import { type MigrationReport, migrate } from "../db/migrator.ts";
import type { UnitOfWork, UnitResult } from "../db/unit-of-work.ts";
import { logEvent } from "../observability/log.ts";
import { sendMessages } from "../queues/messages.ts";
import { voidBatch } from "./batch-outcome.ts";
import type { BatchPlan } from "./batch-plan.ts";
import { planDelivery, takeDueWork } from "./delivery.ts";
import { DEFAULT_LIMITS, GroupCommit } from "./group-commit.ts";
import { sweepUnit } from "./sweep.ts";

/** The database a writer writes to. `id` is the tenant's, or `central`, and the object's name. */
export interface WriteTarget {
  id: string;
  namespace: string;
  primary_url: string;
  /** Of two places the later one holds; see Database. */
  placed_at_ms: number;
}

const COMMIT_DEADLINE_MS = 8_000;
const SETTLE_DEADLINE_MS = 2_000;
/** Set before a commit that writes wanted work, so that a crash between commit and sending is picked up. */
const SAFETY_ALARM_MS = 5_000;
/** Of one sweep, a million receipts; what is left after it is the next hour's. */
const MOST_SWEEP_STEPS = 4_000;

/**
 * The one writer of a tenant's database. A thin shell: the order of commits is `GroupCommit`'s, the batch is `planBatch`'s. The only thing
 * kept in the object's storage is where the database is, for the alarm.
 */
export class TenantWriter extends DurableObject<Env> {
  private target: WriteTarget | null = null;
  private group: GroupCommit | null = null;
  private alarm_at_ms: number | null = null;
  private delivering: Promise<void> | null = null;
  private deliver_again = false;
  private sweeping = false;
  private announced = { sequence: 0, at_ms: 0 };

  /** Commits units in order; see GroupCommit. */
  async commit(target: WriteTarget, units: UnitOfWork[]): Promise<UnitResult[]> {
    const group = this.isLeft(target) ? null : this.open(target);
    if (!group) return units.map(() => ({ kind: "moving" }));
    const wakes = units.some((unit) => unit.wakes);
    if (wakes) await this.alarmBy(Date.now() + SAFETY_ALARM_MS);
    const results = await group.submit(units);
    if (wakes && results.some((result) => result.kind === "applied" && !result.replayed)) this.ctx.waitUntil(this.deliver());
    return results;
  }

  /** Brings the database to this Worker's version, between two batches. Throws with the failing file's name and reason. */
  migrate(target: WriteTarget): Promise<MigrationReport> {
    const stream = target.id === "central" ? CENTRAL_STREAM : TENANT_STREAM;
    return this.open(target).exclusive(async () => migrate(await this.endpoint(target), stream, Date.now()));
  }

  /** Sends what is due and removes what has expired; called by the scheduled handler. A long backlog goes on behind the call. */
  async sweep(target: WriteTarget): Promise<void> {
    const group = this.open(target);
    const isMore = await this.sweepOnce(group);
    if (isMore && !this.sweeping) {
      this.sweeping = true;
      this.ctx.waitUntil(
        this.sweepOn(group).finally(() => {
          this.sweeping = false;
        }),
      );
    }
    await this.deliver();
  }

  /** Step by step until nothing is left; sales go ahead of every step. */
  private async sweepOn(group: GroupCommit): Promise<void> {
    for (let step = 1; step < MOST_SWEEP_STEPS; step++) if (this.group !== group || !(await this.sweepOnce(group))) return;
  }

  /** Whether there is more. */
  private async sweepOnce(group: GroupCommit): Promise<boolean> {
    const [result] = await group.submit([sweepUnit(this.newId(), Date.now(), this.target?.id !== "central")]);
    if (result?.kind === "applied") return JSON.parse(result.answer).is_more;
    logEvent("writer.sweep_failed", { tenant: this.target?.id, reason: result?.kind });
    return false;
  }

  /** Closes the database to writes, between two batches: the last one that was acknowledged is in it, and none comes after. */
  fence(target: WriteTarget, adminUrl: string, reason: string): Promise<void> {
    return this.open(target).exclusive(async () =>
      fenceDatabase({ url: adminUrl, key: configOf(this.env).SQLD_ADMIN_KEY }, await this.endpoint(target), reason),
    );
  }

  /** Drops what it remembers of answers: the database was replaced by an earlier one of itself. */
  forget(): void {
    this.group = null;
    this.announced = { sequence: 0, at_ms: 0 };
  }

  override async alarm(): Promise<void> {
    this.alarm_at_ms = null;
    const target = this.known();
    if (!target) return;
    this.open(target);
    await this.deliver();
  }

  /** Where the database is; what is kept outlives this object's memory. */
  private known(): WriteTarget | null {
    this.target ??= this.ctx.storage.kv.get<WriteTarget>("target") ?? null;
    return this.target;
  }

  /** Whether the database has left the place that somebody, who has not heard of it, wants to write to. */
  private isLeft(target: WriteTarget): boolean {
    return target.placed_at_ms < (this.known()?.placed_at_ms ?? 0);
  }

  private open(target: WriteTarget): GroupCommit {
    if (this.ctx.id.name !== undefined && this.ctx.id.name !== target.id)
      throw new Error(`writer ${this.ctx.id.name} was asked to write for ${target.id}`);
    if (this.isLeft(target)) throw new Error(`the database of ${target.id} has moved`);
    const held = this.target;
    const isSame =
      held?.primary_url === target.primary_url && held.namespace === target.namespace && held.placed_at_ms === target.placed_at_ms;
    if (this.group && isSame) return this.group;
    this.target = target;
    this.ctx.storage.kv.put("target", target);
    this.group = new GroupCommit({
      clock: { now: () => Date.now(), newId: () => this.newId() },
      limits: DEFAULT_LIMITS,
      sleep: (ms) => scheduler.wait(ms),
      send: (plan) => this.send(target, plan),
      settle: (batchId) => voidBatch((steps) => this.run(target, steps, SETTLE_DEADLINE_MS), batchId, Date.now()),
    });
    return this.group;
  }

  private async send(target: WriteTarget, plan: BatchPlan): Promise<BatchResult> {
    const result = await this.run(target, plan.steps, COMMIT_DEADLINE_MS);
    const large = plan.largeAnswers(result);
    if (large.length === 0) return result;
    const steps = large.map(({ step }) => step);
    const found = await this.run(target, steps, COMMIT_DEADLINE_MS);
    for (const [index, { put }] of large.entries()) put(found.results[index]?.rows[0]?.["answer"] ?? null);
    return result;
  }

  private async run(target: WriteTarget, steps: BatchStep[], deadlineMs: number) {
    const startedMs = Date.now();
    const result = await runBatch(await this.endpoint(target), steps, deadlineMs);
    const duration_ms = Date.now() - startedMs;
    if (duration_ms > 250) logEvent("writer.slow_batch", { tenant: target.id, duration_ms, steps: steps.length });
    return result;
  }

  private async endpoint(target: WriteTarget) {
    const token = await databaseToken(configOf(this.env).JWT_PRIVATE_KEY, target.namespace, "rw", Date.now());
    return { url: target.primary_url, namespace: target.namespace, token };
  }

  /** One delivery at a time; what is wanted meanwhile is delivered right after. */
  private deliver(): Promise<void> {
    if (this.delivering) {
      this.deliver_again = true;
      return this.delivering;
    }
    this.delivering = this.deliverOnce()
      .catch(async (error) => {
        logEvent("writer.delivery_failed", { tenant: this.target?.id, reason: String(error) });
        await this.alarmBy(Date.now() + SAFETY_ALARM_MS);
      })
      .finally(() => {
        this.delivering = null;
        if (!this.deliver_again) return;
        this.deliver_again = false;
        this.ctx.waitUntil(this.deliver());
      });
    return this.delivering;
  }

  private async deliverOnce(): Promise<void> {
    const { target, group } = this;
    if (!target || !group) return;
    const nowMs = Date.now();
    const [result] = await group.submit([takeDueWork(this.newId(), nowMs)]);
    if (result?.kind !== "applied") throw new Error(`due work could not be taken: ${result?.kind}`);
    const delivery = planDelivery(target.id, result.answer, this.announced, nowMs);
    await sendMessages(this.env, delivery.messages);
    if (delivery.messages.some((message) => message.type === "events"))
      this.announced = { sequence: delivery.announced_sequence, at_ms: nowMs };
    if (delivery.look_again_at_ms !== null) await this.alarmBy(Math.max(delivery.look_again_at_ms, nowMs + 1));
  }

  private async alarmBy(atMs: number): Promise<void> {
    if (this.alarm_at_ms !== null && this.alarm_at_ms <= atMs && this.alarm_at_ms > Date.now()) return;
    this.alarm_at_ms = atMs;
    await this.ctx.storage.setAlarm(atMs);
  }

  private newId(): string {
    return uuidV7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
  }
}
