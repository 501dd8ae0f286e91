import { type Statement, statement } from "../db/statement.ts";

/** Kinds of work that must happen; which queue carries each is in `platform/queues/messages.ts`. */
export const WANTED_KINDS = ["publish_store", "regenerate_store", "run_ingestion"] as const;
export type WantedKind = (typeof WANTED_KINDS)[number];

/** Work of one kind and key is done again at the earliest this long after it was done: many requests become few. */
export const MIN_INTERVAL_MS: Record<WantedKind, number> = { publish_store: 0, regenerate_store: 1_000, run_ingestion: 0 };

/**
 * Asks for work, in the unit of work that makes it necessary. Where it is already wanted, the request joins it.
 * `select` gives rows of `key` and `payload` (JSON text).
 */
export function wantEach(kind: WantedKind, select: Statement, nowMs: number): Statement {
  return statement(
    `INSERT INTO wanted (kind, key, payload, state, requests, due_at_ms, wanted_at_ms)
     SELECT ?, asked.key, asked.payload, 'wanted', 1, ?, ? FROM (${select.sql}) AS asked WHERE true
     ON CONFLICT (kind, key) DO UPDATE SET
       payload = excluded.payload,
       requests = wanted.requests + 1,
       due_at_ms = CASE wanted.state WHEN 'wanted' THEN wanted.due_at_ms ELSE max(excluded.due_at_ms, coalesce(wanted.done_at_ms, 0) + ?) END,
       wanted_at_ms = CASE wanted.state WHEN 'wanted' THEN wanted.wanted_at_ms ELSE excluded.wanted_at_ms END,
       sent = CASE wanted.state WHEN 'wanted' THEN wanted.sent ELSE 0 END,
       state = 'wanted'`,
    kind,
    nowMs,
    nowMs,
    ...select.args,
    MIN_INTERVAL_MS[kind],
  );
}

export const want = (kind: WantedKind, key: string, payload: Record<string, unknown>, nowMs: number): Statement =>
  wantEach(kind, statement("SELECT ? AS key, ? AS payload", key, JSON.stringify(payload)), nowMs);

/**
 * Marks work done, in the unit of work that does it. `requests` is the count the work began with: a request that came meanwhile
 * leaves it wanted, due after the kind's interval.
 */
export function wantedDone(kind: WantedKind, key: string, requests: number, nowMs: number): Statement {
  return statement(
    `UPDATE wanted SET
       state = CASE WHEN requests = ?1 THEN 'done' ELSE 'wanted' END,
       due_at_ms = ?2 + ?3, done_at_ms = ?2, sent = 0, last_error = NULL
     WHERE kind = ?4 AND key = ?5 AND state = 'wanted'`,
    requests,
    nowMs,
    MIN_INTERVAL_MS[kind],
    kind,
    key,
  );
}
