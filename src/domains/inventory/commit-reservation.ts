import { type Statement, statement } from "../../platform/db/statement.ts";
import type { Guard, UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { countingBase } from "./counting-ids.ts";
import { movementSteps } from "./movement-steps.ts";
import { variantsExist } from "./named.ts";
import { orderabilitySteps } from "./orderability-steps.ts";
import type { CommitReservation } from "./reservation-schemas.ts";
import { reservationAnswer, reservationEvents, reservationExists } from "./reservation-steps.ts";
import { modifiersExist, stockLines, wantedStock } from "./wanted-stock.ts";

/**
 * Takes what an order has reserved out of stock, as `sale_committed` movements; no read before. `lines`: what was picked, where it was less,
 * and the rest is free again. What was committed before stays as it was, so the same again changes nothing. Answers the order's
 * reservations. Refusals: NOT_FOUND, VARIANT_UNKNOWN, MODIFIER_UNKNOWN, RESERVATION_NOT_ACTIVE (released, or expired by now),
 * RESERVATION_DIFFERS where more was picked than reserved.
 */
export function commitReservation(
  scope: Pick<RequestScope, "clock" | "trace_id" | "db" | "request_id" | "receipt">,
  orderId: string,
  { location_id, lines }: CommitReservation,
): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const changeId = scope.clock.newId();
  const locationId = location_id ?? null;
  const picked = lines ? wantedStock(stockLines(lines)) : null;
  const changed = statement("r.order_id = ? AND r.change_id = ?", orderId, changeId);
  const sold = { order_id: orderId, change_id: changeId, first_id: scope.clock.newId(), now_ms: nowMs };
  return scope.db.write(
    unitOf(scope, {
      steps: [
        reservationExists(orderId, locationId),
        ...(lines && picked ? [variantsExist(lines, "body.lines"), ...modifiersExist(lines)] : []),
        isStillHeld(orderId, locationId, nowMs),
        ...(picked ? [isReserved(orderId, locationId, picked)] : []),
        statement(
          `UPDATE stock_reservations SET status = 'committed', change_id = ?, updated_at_ms = ?,
             committed_e4 = ${picked ? `coalesce((SELECT w.quantity_e4 FROM (${picked.sql}) AS w WHERE w.variant_id = stock_reservations.variant_id), 0)` : "reserved_e4"}
           WHERE order_id = ? AND status = 'active' AND location_id = coalesce(?, location_id)`,
          changeId,
          nowMs,
          ...(picked?.args ?? []),
          orderId,
          locationId,
        ),
        soldMovements(sold),
        ...movementSteps(scope, soldRows(sold), { has_counts: false, now_ms: nowMs }),
        ...reservationEvents(
          scope,
          "inventory.stock.committed",
          "'quantity', r.committed_e4 / 10000.0, 'quantity_freed', (r.reserved_e4 - r.committed_e4) / 10000.0",
          changed,
          nowMs,
        ),
        ...orderabilitySteps(
          scope,
          nowMs,
          statement(`SELECT r.location_id, r.variant_id FROM stock_reservations AS r WHERE ${changed.sql}`, ...changed.args),
        ),
      ],
      answer: { status: 200, select: reservationAnswer(orderId, nowMs) },
      wakes: true,
    }),
  );
}

/**
 * Something is held or was committed, and nothing of it has expired since the order last reserved: else it would be sold and not there.
 */
function isStillHeld(orderId: string, locationId: string | null, nowMs: number): Guard {
  const own = "r.order_id = ?1 AND (?2 IS NULL OR r.location_id = ?2)";
  return {
    guard: "RESERVATION_NOT_ACTIVE",
    holds: `EXISTS (SELECT 1 FROM stock_reservations AS r WHERE ${own} AND r.status IN ('active', 'committed'))
      AND NOT EXISTS (SELECT 1 FROM stock_reservations AS r WHERE ${own} AND r.status = 'active' AND r.expires_at_ms <= ?3)
      AND NOT EXISTS (SELECT 1 FROM stock_reservations AS r WHERE ${own} AND r.status = 'expired'
        AND NOT EXISTS (SELECT 1 FROM stock_reservations AS later WHERE later.order_id = ?1 AND later.location_id = r.location_id
          AND later.status IN ('active', 'committed') AND later.updated_at_ms >= r.updated_at_ms))`,
    args: [orderId, locationId, nowMs],
    details: statement(
      "SELECT json_object('detail', 'It was released or has expired; reserve again.', 'reservation', json(given.reservation)) FROM (" +
        reservationAnswer(orderId, nowMs).sql +
        ") AS given",
      ...reservationAnswer(orderId, nowMs).args,
    ),
  };
}

/** Nothing was picked that is not reserved. A repeat finds nothing active and changes nothing. */
function isReserved(orderId: string, locationId: string | null, picked: Statement): Guard {
  const beyond = `FROM (${picked.sql}) AS w LEFT JOIN stock_reservations AS r
      ON r.location_id = ? AND r.variant_id = w.variant_id AND r.order_id = ?
    WHERE EXISTS (SELECT 1 FROM stock_reservations AS held WHERE held.order_id = ? AND held.location_id = ? AND held.status = 'active')
      AND r.status IS NOT 'committed' AND w.quantity_e4 > iif(r.status IS 'active', r.reserved_e4, 0)`;
  const args = [...picked.args, locationId, orderId, orderId, locationId];
  return {
    guard: "RESERVATION_DIFFERS",
    holds: `NOT EXISTS (SELECT 1 ${beyond})`,
    args,
    details: statement(
      `SELECT json_object('detail', 'More was picked than the order has reserved.', 'lines', json_group_array(json_object(
        'variant_id', w.variant_id, 'picked', w.quantity_e4 / 10000.0, 'quantity', iif(r.status IS 'active', r.reserved_e4, 0) / 10000.0))) ${beyond}`,
      ...args,
    ),
  };
}

interface Sold {
  order_id: string;
  change_id: string;
  /** The movements' ids count up from it. */
  first_id: string;
  now_ms: number;
}

/** An untracked variant has no ledger, and a sale begins none. */
const soldMovements = ({ order_id, change_id, first_id, now_ms }: Sold): Statement =>
  statement(
    `INSERT INTO stock_movements (location_id, variant_id, occurred_at_ms, movement_id, movement_type, quantity_e4, reference_type,
       reference_id, created_at_ms)
     SELECT r.location_id, r.variant_id, ?, ? || printf('%012x', ? + row_number() OVER ()), 'sale_committed', -r.committed_e4, 'order', r.order_id, ?
     FROM stock_reservations AS r CROSS JOIN stock_positions AS p ON p.location_id = r.location_id AND p.variant_id = r.variant_id
     WHERE r.order_id = ? AND r.change_id = ? AND r.committed_e4 > 0`,
    now_ms,
    first_id.slice(0, 24),
    countingBase(first_id),
    now_ms,
    order_id,
    change_id,
  );

/** A SELECT of the movements that `soldMovements` wrote. */
const soldRows = ({ order_id, change_id, first_id, now_ms }: Sold): Statement =>
  statement(
    `SELECT m.* FROM stock_reservations AS r CROSS JOIN stock_movements AS m ON m.location_id = r.location_id AND m.variant_id = r.variant_id
       AND m.occurred_at_ms = ? AND m.movement_id > ? AND m.movement_id < ? WHERE r.order_id = ? AND r.change_id = ?`,
    now_ms,
    first_id.slice(0, 24),
    `${first_id.slice(0, 24)}g`,
    order_id,
    change_id,
  );
