import { statement } from "../../platform/db/statement.ts";
import { appliedAnswer } from "../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../platform/http/scope.ts";
import type { WantedMessage } from "../../platform/queues/messages.ts";
import { wantedDone } from "../../platform/writer/wanted.ts";
import { orderabilitySteps } from "./orderability-steps.ts";
import { expiredEvents, wantNextExpiry } from "./reservation-steps.ts";

const MOST_AT_ONCE = 200;

/**
 * Frees what has expired, the longest ago first, and asks for the next time. Nobody waits for it: every read and every reserve counts what is
 * past its time as free. It is here for the events and for what is orderable.
 */
export async function expireReservations(scope: Scope, message: WantedMessage): Promise<void> {
  const nowMs = scope.clock.now();
  const change = { change_id: scope.clock.newId(), now_ms: nowMs };
  appliedAnswer(
    await scope.db.write(
      unitOf(scope, {
        steps: [
          statement(
            `UPDATE stock_reservations SET status = 'expired', change_id = ?, updated_at_ms = ?
             WHERE (location_id, variant_id, order_id) IN (SELECT r.location_id, r.variant_id, r.order_id
               FROM stock_reservations AS r INDEXED BY stock_reservations_due
               WHERE r.status = 'active' AND r.expires_at_ms IS NOT NULL AND r.expires_at_ms <= ? ORDER BY r.expires_at_ms LIMIT ?)`,
            change.change_id,
            nowMs,
            nowMs,
            MOST_AT_ONCE,
          ),
          ...expiredEvents(scope, change),
          wantedDone(message.kind, message.key, message.requests, nowMs),
          wantNextExpiry(nowMs),
          ...orderabilitySteps(
            scope,
            nowMs,
            statement(
              "SELECT r.location_id, r.variant_id FROM stock_reservations AS r WHERE r.status = 'expired' AND r.change_id = ?",
              change.change_id,
            ),
          ),
        ],
        answer: { status: 200, select: statement("SELECT json_object()") },
        wakes: true,
      }),
    ),
  );
}
