import { statement } from "../db/statement.ts";
import type { UnitOfWork } from "../db/unit-of-work.ts";

const BATCHES_KEPT_MS = 3_600_000;
const EVENTS_KEPT_MS = 90 * 86_400_000;
const DONE_WORK_KEPT_MS = 86_400_000;
const ROWS_A_SWEEP = 2_000;

/** Removes what has outlived its use, a bounded number of rows at a time so that sales never wait for it. */
export function sweepUnit(unitId: string, nowMs: number): UnitOfWork {
  return {
    id: unitId,
    lane: "bulk",
    wakes: false,
    steps: [
      statement(
        "DELETE FROM batches WHERE batch_id IN (SELECT batch_id FROM batches WHERE created_at_ms < ? LIMIT ?)",
        nowMs - BATCHES_KEPT_MS,
        ROWS_A_SWEEP,
      ),
      statement(
        `DELETE FROM receipts WHERE (principal, method, route, key) IN
           (SELECT principal, method, route, key FROM receipts WHERE expires_at_ms < ? LIMIT ?)`,
        nowMs,
        ROWS_A_SWEEP,
      ),
      statement(
        `DELETE FROM outbox WHERE sequence IN (SELECT sequence FROM outbox WHERE occurred_at_ms < ?
           AND sequence <= (SELECT min(applied_sequence) FROM outbox_consumers) LIMIT ?)`,
        nowMs - EVENTS_KEPT_MS,
        ROWS_A_SWEEP,
      ),
      statement("DELETE FROM wanted WHERE state = 'done' AND kind = 'publish_store' AND done_at_ms < ?", nowMs - DONE_WORK_KEPT_MS),
    ],
    answer: {
      status: 200,
      select: statement("SELECT json_object('left', (SELECT count(*) FROM receipts WHERE expires_at_ms < ?))", nowMs),
    },
  };
}
