import { type Statement, statement } from "../db/statement.ts";

/** Kinds of work that must happen; which queue carries each is in `platform/queues/messages.ts`. */
export const WANTED_KINDS = [
  "publish_store",
  "regenerate_store",
  "run_ingestion",
  "count_stock",
  "gather_notifications",
  "expire_reservations",
  "check_stock",
  "end_snoozes",
  "turn_prices",
  "copy_images",
  "show_images",
  "sweep_images",
] as const;
export type WantedKind = (typeof WANTED_KINDS)[number];

/** Work of one kind and key is done again at the earliest this long after it was done: many requests become few. */
export const MIN_INTERVAL_MS: Record<WantedKind, number> = {
  publish_store: 0,
  regenerate_store: 1_000,
  run_ingestion: 0,
  count_stock: 0,
  gather_notifications: 2_000,
  expire_reservations: 0,
  check_stock: 0,
  end_snoozes: 0,
  turn_prices: 0,
  copy_images: 0,
  show_images: 5_000,
  sweep_images: 0,
};

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
 * Asks for work at a time to come; until then nothing waits. Of several times the earliest holds: where it is wanted by then already, nothing
 * is written. `select` gives rows of `key`, `payload` (JSON text) and `due_at_ms`.
 */
export function wantAt(kind: WantedKind, select: Statement, nowMs: number): Statement {
  return statement(
    `INSERT INTO wanted (kind, key, payload, state, requests, due_at_ms, wanted_at_ms)
     SELECT ?, asked.key, asked.payload, 'wanted', 1, asked.due_at_ms, max(asked.due_at_ms, ?) FROM (${select.sql}) AS asked WHERE true
     ON CONFLICT (kind, key) DO UPDATE SET payload = excluded.payload, requests = wanted.requests + 1, due_at_ms = excluded.due_at_ms,
       wanted_at_ms = excluded.wanted_at_ms, sent = 0, state = 'wanted'
     WHERE wanted.state <> 'wanted' OR excluded.due_at_ms < wanted.due_at_ms`,
    kind,
    nowMs,
    ...select.args,
  );
}

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

/**
 * Takes a piece of work that somebody is at for long, and touches no row where another delivery of it has: follow it by a guard. `requests` is
 * the count that the message came with; the piece is done by one more. Whoever takes it and dies is followed at `untilMs`.
 */
export function wantedTaken(kind: WantedKind, key: string, requests: number, untilMs: number): Statement {
  return statement(
    "UPDATE wanted SET requests = requests + 1, due_at_ms = ?, sent = 0 WHERE kind = ? AND key = ? AND state = 'wanted' AND requests = ?",
    untilMs,
    kind,
    key,
    requests,
  );
}

/**
 * Marks one piece of work done and asks for the next, in the unit of work that did it. `requests` is the count the piece began with: a
 * second delivery of it moves nothing on.
 */
export function wantedNext(
  kind: WantedKind,
  key: string,
  requests: number,
  next: { payload: Record<string, unknown>; due_at_ms: number },
  nowMs: number,
): Statement {
  return statement(
    `UPDATE wanted SET payload = ?1, requests = requests + 1, due_at_ms = ?2, wanted_at_ms = ?3, done_at_ms = ?4, sent = 0, last_error = NULL
     WHERE kind = ?5 AND key = ?6 AND state = 'wanted' AND requests = ?7`,
    JSON.stringify(next.payload),
    next.due_at_ms,
    Math.max(next.due_at_ms, nowMs),
    nowMs,
    kind,
    key,
    requests,
  );
}
