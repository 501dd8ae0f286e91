import { statement } from "../../platform/db/statement.ts";
import type { Guard, UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { orderabilitySteps } from "./orderability-steps.ts";
import type { ReleaseReservation } from "./reservation-schemas.ts";
import { reservationAnswer, reservationEvents, reservationExists } from "./reservation-steps.ts";

/**
 * Gives back what an order still holds; no read before. Again, or after it expired, it changes nothing. Answers the order's reservations.
 * Refusals: NOT_FOUND, RESERVATION_NOT_ACTIVE where all of it was committed.
 */
export function releaseReservation(
  scope: Pick<RequestScope, "clock" | "trace_id" | "db" | "request_id" | "receipt">,
  orderId: string,
  { location_id }: ReleaseReservation,
): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const changeId = scope.clock.newId();
  const locationId = location_id ?? null;
  const changed = statement("r.order_id = ? AND r.change_id = ?", orderId, changeId);
  return scope.db.write(
    unitOf(scope, {
      steps: [
        reservationExists(orderId, locationId),
        isNotCommitted(orderId, locationId),
        statement(
          `UPDATE stock_reservations SET status = 'released', change_id = ?, updated_at_ms = ?
           WHERE order_id = ? AND status = 'active' AND location_id = coalesce(?, location_id)`,
          changeId,
          nowMs,
          orderId,
          locationId,
        ),
        ...reservationEvents(
          scope,
          "inventory.stock.released",
          "'quantity', r.reserved_e4 / 10000.0, 'reason', 'released'",
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

const isNotCommitted = (orderId: string, locationId: string | null): Guard => ({
  guard: "RESERVATION_NOT_ACTIVE",
  holds: `EXISTS (SELECT 1 FROM stock_reservations AS r
    WHERE r.order_id = ?1 AND (?2 IS NULL OR r.location_id = ?2) AND r.status <> 'committed')`,
  args: [orderId, locationId],
  details: statement("SELECT json_object('detail', 'It was committed: record a return for what comes back.', 'order_id', ?)", orderId),
});
