import { jsonListSql } from "../../platform/db/json-list-sql.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import type { Guard } from "../../platform/db/unit-of-work.ts";
import type { Scope } from "../../platform/http/scope.ts";
import { emitEvents } from "../../platform/writer/outbox.ts";
import { wantAt } from "../../platform/writer/wanted.ts";
import { FIGURES_SQL, type ledgerEvents } from "./events.ts";

/** One change of reservations: the rows that it made what they are carry its id. */
export interface ReservationChange {
  change_id: string;
  now_ms: number;
}

export const reservationExists = (orderId: string, locationId: string | null): Guard => ({
  guard: "NOT_FOUND",
  holds: "EXISTS (SELECT 1 FROM stock_reservations WHERE order_id = ?1 AND (?2 IS NULL OR location_id = ?2))",
  args: [orderId, locationId],
  details: statement("SELECT json_object('detail', 'The order ' || ? || ' has reserved nothing there.', 'order_id', ?)", orderId, orderId),
});

type ReservationEvent = Extract<
  keyof typeof ledgerEvents,
  "inventory.stock.reserved" | "inventory.stock.released" | "inventory.stock.committed"
>;

/** Events of the reservations that `where` (over `stock_reservations AS r`) chooses. `members`: their own, beside order, place and figures. */
export function reservationEvents(
  scope: Pick<Scope, "clock" | "trace_id">,
  eventType: ReservationEvent,
  members: string,
  where: Statement,
  nowMs: number,
): Statement[] {
  const rows = statement(
    `SELECT json_object('order_id', r.order_id, 'location_id', r.location_id, 'variant_id', r.variant_id, ${members}, ${FIGURES_SQL}) AS data
     FROM stock_reservations AS r LEFT JOIN stock_positions AS p ON p.location_id = r.location_id AND p.variant_id = r.variant_id
     WHERE ${where.sql}`,
    ...where.args,
  );
  const event = { event_type: eventType, source: "catalog-service", schema_version: 1, trace_id: scope.trace_id } as const;
  return emitEvents({ ...event, occurred_at_ms: nowMs, rows }, scope.clock.newId());
}

/** `inventory.stock.released` of what this change found to have expired. */
export const expiredEvents = (scope: Pick<Scope, "clock" | "trace_id">, { change_id, now_ms }: ReservationChange): Statement[] =>
  reservationEvents(
    scope,
    "inventory.stock.released",
    "'quantity', r.reserved_e4 / 10000.0, 'reason', 'expired'",
    statement("r.status = 'expired' AND r.change_id = ?", change_id),
    now_ms,
  );

/** Has the next reservation that expires be freed on time. */
export const wantNextExpiry = (nowMs: number): Statement =>
  wantAt(
    "expire_reservations",
    statement(
      `SELECT 'all' AS key, '{}' AS payload, r.expires_at_ms AS due_at_ms FROM stock_reservations AS r INDEXED BY stock_reservations_due
       WHERE r.status = 'active' AND r.expires_at_ms IS NOT NULL ORDER BY r.expires_at_ms LIMIT 1`,
    ),
    nowMs,
  );

/** A SELECT of one JSON text: an order's reservations. One past its time is expired, whether or not anybody has been by. */
export const reservationAnswer = (orderId: string, nowMs: number): Statement =>
  statement(
    `SELECT json_object('order_id', ?, 'lines', ${jsonListSql(
      `json_object('location_id', r.location_id, 'variant_id', r.variant_id, 'item_code', v.item_code, 'quantity', r.reserved_e4 / 10000.0,
        'committed_quantity', r.committed_e4 / 10000.0, 'status', iif(r.status = 'active' AND r.expires_at_ms <= ?, 'expired', r.status),
        'expires_at', ${timestampSql("r.expires_at_ms")})`,
      "stock_reservations AS r CROSS JOIN variants AS v ON v.variant_id = r.variant_id WHERE r.order_id = ?",
      "r.location_id, v.item_code",
    )}) AS reservation`,
    orderId,
    nowMs,
    orderId,
  );
