import { DurableObject } from "cloudflare:workers";
import { decideRate, type RateDecision, type RatePolicy } from "./sliding-window.ts";

/** What is left behind by callers who do not come back is looked for this often. */
const SWEEP_MS = 60_000;

interface Subject {
  taken: number[];
  until_ms: number;
}

/**
 * One shard of the limiter: whoever is counted here is counted here only, one request after another, so the counts are exact. Memory is a
 * cache of the object's own SQLite, and a count survives eviction. Once nothing counts any more, storage and alarm are gone.
 */
export class RateLimiter extends DurableObject<Env> {
  private readonly subjects = new Map<string, Subject>();
  private is_open = false;

  /** Counts one request of the subject, where it is allowed. `wait_ms` as in RateDecision. */
  async take(subject: string, policy: RatePolicy): Promise<Omit<RateDecision, "taken">> {
    const nowMs = Date.now();
    await this.open(nowMs);
    // From here to the insert nothing is awaited: no other request comes between.
    const decision = decideRate(this.takenBy(subject), policy, nowMs);
    const lastMs = decision.taken.at(-1);
    if (lastMs === undefined) this.subjects.delete(subject);
    else {
      this.subjects.set(subject, { taken: decision.taken, until_ms: lastMs + policy.window_ms });
      if (decision.allowed)
        this.ctx.storage.sql.exec(
          "INSERT INTO taken (subject, at_ms, until_ms) VALUES (?, ?, ?)",
          subject,
          lastMs,
          lastMs + policy.window_ms,
        );
    }
    const { allowed, remaining, wait_ms } = decision;
    return { allowed, remaining, wait_ms };
  }

  override async alarm(): Promise<void> {
    if (await this.sweep(Date.now())) await this.ctx.storage.setAlarm(Date.now() + SWEEP_MS);
  }

  /** Forgets what no longer counts; false: nothing is left, and nothing is stored. */
  async sweep(nowMs: number): Promise<boolean> {
    await this.open(nowMs);
    for (const [subject, { until_ms }] of this.subjects) if (until_ms <= nowMs) this.subjects.delete(subject);
    this.ctx.storage.sql.exec("DELETE FROM taken WHERE until_ms <= ?", nowMs);
    const [row] = this.ctx.storage.sql.exec<{ waiting: number }>("SELECT EXISTS (SELECT 1 FROM taken) AS waiting");
    if (row?.waiting) return true;
    this.is_open = false;
    this.subjects.clear();
    // The order of both is kept; what is taken while they are under way opens it again.
    await Promise.all([this.ctx.storage.deleteAlarm(), this.ctx.storage.deleteAll()]);
    return false;
  }

  private async open(nowMs: number): Promise<void> {
    if (this.is_open) return;
    this.ctx.storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS taken (subject TEXT NOT NULL, at_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL) STRICT;
       CREATE INDEX IF NOT EXISTS taken_by_subject ON taken (subject, at_ms)`,
    );
    this.is_open = true;
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(nowMs + SWEEP_MS);
  }

  private takenBy(subject: string): number[] {
    const held = this.subjects.get(subject);
    if (held) return held.taken;
    const rows = this.ctx.storage.sql.exec<{ at_ms: number }>("SELECT at_ms FROM taken WHERE subject = ? ORDER BY at_ms", subject);
    return rows.toArray().map(({ at_ms }) => at_ms);
  }
}
