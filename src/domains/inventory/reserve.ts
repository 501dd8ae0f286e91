import { type Statement, statement } from "../../platform/db/statement.ts";
import type { Guard, UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { locationsExist } from "../stores/index.ts";
import { DUE_RESERVED_SQL } from "./ledger-fold.ts";
import { variantsExist } from "./named.ts";
import { orderabilitySteps } from "./orderability-steps.ts";
import type { CreateReservation } from "./reservation-schemas.ts";
import { expiredEvents, reservationAnswer, reservationEvents, wantNextExpiry } from "./reservation-steps.ts";
import { modifiersExist, stockLines, wantedStock } from "./wanted-stock.ts";

/**
 * Promises stock to an order, all lines or none; no read before. What has expired of these variants is freed first. A variant, location and
 * order reserve once: the same again changes nothing. Answers the order's reservations. Refusals: LOCATION_UNKNOWN, VARIANT_UNKNOWN,
 * MODIFIER_UNKNOWN, RESERVATION_DIFFERS, STOCK_INSUFFICIENT with every variant that is short.
 */
export function reserve(
  scope: Pick<RequestScope, "clock" | "trace_id" | "db" | "request_id" | "receipt">,
  asked: CreateReservation,
): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const change = { change_id: scope.clock.newId(), now_ms: nowMs };
  const lines = stockLines(asked.lines);
  const wanted = wantedStock(lines);
  const expiresAtMs = asked.expires_in_s === undefined ? null : nowMs + asked.expires_in_s * 1000;
  const target = { order_id: asked.order_id, location_id: asked.location_id, wanted };
  return scope.db.write(
    unitOf(scope, {
      steps: [
        locationsExist([asked.location_id]),
        variantsExist(asked.lines, "body.lines"),
        ...modifiersExist(asked.lines),
        statement(
          `UPDATE stock_reservations INDEXED BY stock_reservations_live SET status = 'expired', change_id = ?, updated_at_ms = ?
           WHERE location_id = ? AND variant_id IN (SELECT w.variant_id FROM (${wanted.sql}) AS w) AND status = 'active' AND expires_at_ms <= ?`,
          change.change_id,
          nowMs,
          asked.location_id,
          ...wanted.args,
          nowMs,
        ),
        statement(
          `INSERT INTO stock_reservations (location_id, variant_id, order_id, reserved_e4, status, expires_at_ms, change_id, created_at_ms,
             updated_at_ms)
           SELECT ?, w.variant_id, ?, w.quantity_e4, 'active', ?, ?, ?, ? FROM (${wanted.sql}) AS w WHERE true
           ON CONFLICT (location_id, variant_id, order_id) DO UPDATE SET status = 'active', reserved_e4 = excluded.reserved_e4,
             committed_e4 = 0, expires_at_ms = excluded.expires_at_ms, change_id = excluded.change_id, updated_at_ms = excluded.updated_at_ms
           WHERE stock_reservations.status IN ('released', 'expired')`,
          asked.location_id,
          asked.order_id,
          expiresAtMs,
          change.change_id,
          nowMs,
          nowMs,
          ...wanted.args,
        ),
        isNotOtherwise(target, change.change_id),
        isEnough(target, change.change_id, nowMs),
        ...expiredEvents(scope, change),
        ...reservationEvents(
          scope,
          "inventory.stock.reserved",
          "'quantity', r.reserved_e4 / 10000.0, 'expires_at_ms', r.expires_at_ms",
          statement("r.order_id = ? AND r.change_id = ? AND r.status = 'active'", asked.order_id, change.change_id),
          nowMs,
        ),
        ...(expiresAtMs === null ? [] : [wantNextExpiry(nowMs)]),
        ...orderabilitySteps(
          scope,
          nowMs,
          statement(
            `SELECT r.location_id, r.variant_id FROM stock_reservations AS r WHERE r.order_id = ? AND r.change_id = ?
             UNION SELECT r.location_id, r.variant_id FROM stock_reservations AS r WHERE r.status = 'expired' AND r.change_id = ?`,
            asked.order_id,
            change.change_id,
            change.change_id,
          ),
        ),
      ],
      answer: { status: 201, select: reservationAnswer(asked.order_id, nowMs) },
      wakes: true,
    }),
  );
}

interface Target {
  order_id: string;
  location_id: string;
  wanted: Statement;
}

/** What the order has reserved already, it has reserved in these quantities and not committed. */
function isNotOtherwise({ order_id, location_id, wanted }: Target, changeId: string): Guard {
  const otherwise = `FROM (${wanted.sql}) AS w CROSS JOIN stock_reservations AS r
      ON r.location_id = ? AND r.variant_id = w.variant_id AND r.order_id = ?`;
  const args = [...wanted.args, location_id, order_id];
  return {
    guard: "RESERVATION_DIFFERS",
    holds: `NOT EXISTS (SELECT 1 ${otherwise} WHERE r.change_id <> ? AND (r.status <> 'active' OR r.reserved_e4 <> w.quantity_e4))`,
    args: [...args, changeId],
    details: statement(
      `SELECT json_object('detail', 'Release what the order has reserved, then reserve anew.', 'order_id', r.order_id,
        'lines', json_group_array(json_object('variant_id', r.variant_id, 'item_code', v.item_code, 'status', r.status,
          'quantity', r.reserved_e4 / 10000.0, 'requested', w.quantity_e4 / 10000.0)))
       ${otherwise} CROSS JOIN variants AS v ON v.variant_id = r.variant_id
       WHERE r.status = 'committed' OR (r.status = 'active' AND r.reserved_e4 <> w.quantity_e4)`,
      ...args,
    ),
  };
}

/** Nothing is promised that is not there. The details are made when the unit is undone, so they free by themselves what has expired. */
function isEnough({ order_id, location_id, wanted }: Target, changeId: string, nowMs: number): Guard {
  const available = `p.available_e4 + ${DUE_RESERVED_SQL}`;
  return {
    guard: "STOCK_INSUFFICIENT",
    holds: `NOT EXISTS (SELECT 1 FROM stock_reservations AS r CROSS JOIN stock_positions AS p
        ON p.location_id = r.location_id AND p.variant_id = r.variant_id
      WHERE r.order_id = ? AND r.change_id = ? AND p.available_e4 < 0 AND p.allow_negative = 0)`,
    args: [order_id, changeId],
    details: statement(
      `SELECT json_object('detail', 'There is not enough of ' || group_concat(s.item_code, ', ') || '.', 'location_id', ?,
        'lines', json_group_array(json_object('variant_id', s.variant_id, 'item_code', s.item_code, 'requested', s.quantity_e4 / 10000.0,
          'available', max(s.available_e4, 0) / 10000.0, 'line_numbers', json(s.line_numbers))))
       FROM (SELECT w.variant_id, v.item_code, w.quantity_e4, ${available} AS available_e4,
           (SELECT json_group_array(l.number) FROM (SELECT DISTINCT n.value AS number FROM json_each(w.lines) AS g
               CROSS JOIN json_each(g.value) AS n ORDER BY 1) AS l) AS line_numbers
         FROM (${wanted.sql}) AS w CROSS JOIN stock_positions AS p ON p.location_id = ? AND p.variant_id = w.variant_id
           CROSS JOIN variants AS v ON v.variant_id = w.variant_id
         WHERE p.allow_negative = 0 AND NOT EXISTS (SELECT 1 FROM stock_reservations AS own WHERE own.location_id = p.location_id
           AND own.variant_id = p.variant_id AND own.order_id = ? AND own.status = 'active' AND coalesce(own.expires_at_ms > ?, true))) AS s
       WHERE s.quantity_e4 > s.available_e4`,
      location_id,
      nowMs,
      ...wanted.args,
      location_id,
      order_id,
      nowMs,
    ),
  };
}
