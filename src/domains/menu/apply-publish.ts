import { statement } from "../../platform/db/statement.ts";
import { appliedAnswer } from "../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../platform/http/scope.ts";
import type { WantedMessage } from "../../platform/queues/messages.ts";
import { wantEach, wantedDone } from "../../platform/writer/wanted.ts";
import { publishDecision } from "./publish-decision.ts";
import { publishProjection } from "./publish-projection.ts";

/**
 * Applies one publish to one store, all or nothing: one unit of work, no read before. What becomes of it is written into its
 * `publish_stores` row: `superseded` (a newer publish of the store came first), `unchanged` (the store shows it already), `failed` (with
 * all reasons, the old menu untouched) or `regenerating`. A message for a publish that was applied changes nothing.
 */
export async function applyPublish(scope: Scope, message: WantedMessage): Promise<void> {
  const publishId = String(message.payload["publish_id"]);
  const storeId = String(message.payload["store_id"]);
  const nowMs = scope.clock.now();
  const target = { publish_id: publishId, store_id: storeId };
  const done = wantedDone("publish_store", message.key, message.requests, nowMs);
  const result = await scope.db.write(
    unitOf(scope, {
      steps: [
        {
          guard: "CONFLICT",
          holds: "EXISTS (SELECT 1 FROM publish_stores WHERE publish_id = ? AND store_id = ? AND status = 'queued')",
          args: [publishId, storeId],
        },
        ...publishDecision(target, nowMs),
        ...publishProjection(target, { now_ms: nowMs, trace_id: scope.trace_id, newId: scope.clock.newId }),
        wantEach(
          "regenerate_store",
          statement(
            `SELECT store_id AS key, json_object('store_id', store_id) AS payload FROM publish_stores
             WHERE publish_id = ? AND store_id = ? AND status = 'regenerating'`,
            publishId,
            storeId,
          ),
          nowMs,
        ),
        done,
      ],
      answer: {
        status: 200,
        select: statement(
          "SELECT json_object('status', status) FROM publish_stores WHERE publish_id = ? AND store_id = ?",
          publishId,
          storeId,
        ),
      },
      lane: "bulk",
      wakes: true,
    }),
  );
  if (result.kind === "refused") {
    const settle = { steps: [done], answer: { status: 200, select: statement("SELECT json_object()") } };
    appliedAnswer(await scope.db.write(unitOf(scope, settle)));
    return;
  }
  appliedAnswer(result);
}
