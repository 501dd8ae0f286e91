import { statement } from "../../platform/db/statement.ts";
import { appliedAnswer } from "../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../platform/http/scope.ts";
import { logEvent } from "../../platform/observability/log.ts";
import type { WantedMessage } from "../../platform/queues/messages.ts";
import { wantedNext } from "../../platform/writer/wanted.ts";
import { nextNightMs } from "./check-time.ts";
import { CHECK_FROM_START, type CheckCursor, findDrift } from "./find-drift.ts";
import { noteDrift, repairNoted } from "./repair-steps.ts";

/**
 * The nightly check, one page of positions a message: what differs from the ledger is noted, set right, and an incident. The same unit asks
 * for the next page, or for the next night.
 */
export async function checkStock(scope: Scope, message: WantedMessage): Promise<void> {
  const cursor = (message.payload["cursor"] as CheckCursor | undefined) ?? CHECK_FROM_START;
  const page = await findDrift(scope.db, cursor, null);
  const nowMs = scope.clock.now();
  const runId = scope.clock.newId();
  const next = page.next ? { payload: { cursor: page.next }, due_at_ms: nowMs } : { payload: {}, due_at_ms: nextNightMs(nowMs) };
  if (page.drifted.length > 0) logEvent("inventory.drift", { tenant: scope.tenant.slug, places: page.drifted.length });
  appliedAnswer(
    await scope.db.write(
      unitOf(scope, {
        steps: [
          ...(page.drifted.length > 0 ? [noteDrift(runId, page.drifted, nowMs), ...repairNoted(scope, runId, nowMs)] : []),
          wantedNext("check_stock", message.key, message.requests, next, nowMs),
        ],
        answer: { status: 200, select: statement("SELECT json_object()") },
        lane: "bulk",
        wakes: true,
      }),
    ),
  );
}
