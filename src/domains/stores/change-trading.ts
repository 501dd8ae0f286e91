import { AppError } from "../../kernel/errors.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { emitEvents } from "../../platform/writer/outbox.ts";
import { TRADING_EVENT_SQL } from "./events.ts";
import type { Hours, PauseStore } from "./trading-schemas.ts";

/** Sets when a store is open; null: always. One row. Answers `{ store_id, hours }`. Refusal: NOT_FOUND. */
export const setHours = (scope: RequestScope, storeId: string, hours: Hours | null): Promise<UnitResult> =>
  change(scope, storeId, { hours: hours === null ? null : JSON.stringify(hours) }, "'hours', json(t.hours)");

/** Stops a store's sales, with or without an end: one row, whatever it sells. Answers `{ store_id, paused, paused_until }`. Refusal: NOT_FOUND. */
export async function pauseStore(scope: RequestScope, storeId: string, { until }: PauseStore): Promise<UnitResult> {
  const untilMs = until ? Date.parse(until) : null;
  if (untilMs !== null && untilMs <= scope.clock.now()) {
    throw new AppError("VALIDATION_FAILED", { errors: [{ path: "body.until", message: "must be in the future" }] });
  }
  return change(scope, storeId, { is_paused: 1, paused_until_ms: untilMs }, PAUSE_ANSWER);
}

/** Sells again; also where it was not paused. Answers as `pauseStore`. Refusal: NOT_FOUND. */
export const resumeStore = (scope: RequestScope, storeId: string): Promise<UnitResult> =>
  change(scope, storeId, { is_paused: 0, paused_until_ms: null }, PAUSE_ANSWER);

const PAUSE_ANSWER = `'paused', json(iif(t.is_paused, 'true', 'false')), 'paused_until', ${timestampSql("t.paused_until_ms")}`;

function change(
  scope: RequestScope,
  storeId: string,
  columns: Record<string, string | number | null>,
  answer: string,
): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  return scope.db.write(
    unitOf(scope, {
      steps: [
        { guard: "NOT_FOUND", holds: "EXISTS (SELECT 1 FROM stores WHERE store_id = ?)", args: [storeId] },
        upsert(storeId, columns, nowMs),
        ...emitEvents(
          {
            event_type: "store.trading.updated",
            source: "store-hub",
            schema_version: 1,
            trace_id: scope.trace_id,
            occurred_at_ms: nowMs,
            rows: statement(TRADING_EVENT_SQL, storeId),
          },
          scope.clock.newId(),
        ),
      ],
      answer: {
        status: 200,
        select: statement(`SELECT json_object('store_id', t.store_id, ${answer}) FROM store_trading AS t WHERE t.store_id = ?`, storeId),
      },
      wakes: true,
    }),
  );
}

function upsert(storeId: string, columns: Record<string, string | number | null>, nowMs: number): Statement {
  const names = Object.keys(columns);
  return statement(
    `INSERT INTO store_trading (store_id, ${names.join(", ")}, version, changed_at_ms) VALUES (?, ${names.map(() => "?").join(", ")}, 1, ?)
     ON CONFLICT (store_id) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(", ")},
       version = store_trading.version + 1, changed_at_ms = excluded.changed_at_ms`,
    storeId,
    ...Object.values(columns),
    nowMs,
  );
}
