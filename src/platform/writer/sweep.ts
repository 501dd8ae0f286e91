import { type Statement, statement } from "../db/statement.ts";
import type { UnitOfWork } from "../db/unit-of-work.ts";

const BATCHES_KEPT_MS = 3_600_000;
/** Its day begins when a receipt is written; a batch that was cut may be committed, and answered for, as much later as it can be made void. */
const RECEIPTS_OVERSTAY_MS = BATCHES_KEPT_MS;
const EVENTS_KEPT_MS = 90 * 86_400_000;
const DONE_WORK_KEPT_MS = 86_400_000;
/** Keys are chosen at random, so each row is a page of its own to rewrite: a step is to take no longer than a sale may wait. */
const ROWS_A_STEP = 250;
/** How long a till may be away before its copy has to begin again, and how exactly that is known. */
const DELETIONS_KEPT_MS = 30 * 86_400_000;
const MARK_EVERY_MS = 3_600_000;
const DONE_WORK_A_STEP = 2_000;

/**
 * Removes what has outlived its use, a bounded number of rows at a time so that sales never wait long for it. Answers `{ is_more }`: whether
 * another step finds something. `hasFeed`: a tenant's, which has a feed for tills.
 */
export function sweepUnit(unitId: string, nowMs: number, hasFeed = false): UnitOfWork {
  return {
    id: unitId,
    lane: "bulk",
    wakes: false,
    steps: [
      statement(
        "DELETE FROM batches WHERE batch_id IN (SELECT batch_id FROM batches WHERE created_at_ms < ? LIMIT ?)",
        nowMs - BATCHES_KEPT_MS,
        ROWS_A_STEP,
      ),
      statement(
        `DELETE FROM receipts WHERE (principal, method, route, key) IN
           (SELECT principal, method, route, key FROM receipts WHERE expires_at_ms < ? LIMIT ?)`,
        nowMs - RECEIPTS_OVERSTAY_MS,
        ROWS_A_STEP,
      ),
      statement(
        `DELETE FROM outbox WHERE sequence IN (SELECT sequence FROM outbox WHERE occurred_at_ms < ?
           AND sequence <= (SELECT min(applied_sequence) FROM outbox_consumers) LIMIT ?)`,
        nowMs - EVENTS_KEPT_MS,
        ROWS_A_STEP,
      ),
      statement(
        `DELETE FROM wanted WHERE kind = 'publish_store' AND key IN
           (SELECT key FROM wanted WHERE kind = 'publish_store' AND state = 'done' AND done_at_ms < ? LIMIT ?)`,
        nowMs - DONE_WORK_KEPT_MS,
        DONE_WORK_A_STEP,
      ),
      ...(hasFeed ? clearFeed(nowMs) : []),
    ],
    answer: {
      status: 200,
      select: statement(
        `SELECT json_object('is_more', json(iif(EXISTS (SELECT 1 FROM receipts WHERE expires_at_ms < ?)
           OR EXISTS (SELECT 1 FROM batches WHERE created_at_ms < ?)
           ${hasFeed ? "OR EXISTS (SELECT 1 FROM change_feed WHERE deleted = 1 AND sequence <= (SELECT pruned_sequence FROM feed_state))" : ""}
           OR (SELECT occurred_at_ms < ? AND sequence <= (SELECT min(applied_sequence) FROM outbox_consumers)
               FROM outbox ORDER BY sequence LIMIT 1), 'true', 'false')))`,
        nowMs - RECEIPTS_OVERSTAY_MS,
        nowMs - BATCHES_KEPT_MS,
        nowMs - EVENTS_KEPT_MS,
      ),
    },
  };
}

/** Marks where the feed is, and clears what was deleted before it was where it was a month ago. */
function clearFeed(nowMs: number): Statement[] {
  const cleared = "(SELECT sequence FROM feed_marks WHERE marked_at_ms <= ? ORDER BY marked_at_ms DESC LIMIT 1)";
  const before = nowMs - DELETIONS_KEPT_MS;
  return [
    statement(
      `INSERT INTO feed_marks (marked_at_ms, sequence) SELECT ?, sequence FROM feed_state
       WHERE NOT EXISTS (SELECT 1 FROM feed_marks WHERE marked_at_ms > ?)`,
      nowMs,
      nowMs - MARK_EVERY_MS,
    ),
    statement(`UPDATE feed_state SET pruned_sequence = max(pruned_sequence, coalesce(${cleared}, 0))`, before),
    statement(
      `DELETE FROM change_feed WHERE (entity, id) IN (SELECT entity, id FROM change_feed WHERE deleted = 1
         AND sequence <= (SELECT pruned_sequence FROM feed_state) ORDER BY sequence LIMIT ?)`,
      ROWS_A_STEP,
    ),
    statement("DELETE FROM feed_marks WHERE marked_at_ms < (SELECT max(marked_at_ms) FROM feed_marks WHERE marked_at_ms <= ?)", before),
  ];
}
