import { statement } from "../../platform/db/statement.ts";
import { appliedAnswer } from "../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../platform/http/scope.ts";
import type { WantedMessage } from "../../platform/queues/messages.ts";
import { wantedDone } from "../../platform/writer/wanted.ts";
import { orderabilitySteps } from "./orderability-steps.ts";
import { nextSnoozeEnd } from "./snooze-item.ts";
import { snoozePlaces } from "./snooze-places.ts";

const AT_ONCE = 20;

/**
 * Ends the snoozes whose time has come, so that their events are told; reads knew it by themselves. One read, one unit; what is left over is
 * due again at once.
 */
export async function endDueSnoozes(scope: Scope, message: WantedMessage): Promise<void> {
  const nowMs = scope.clock.now();
  const [due = []] = await scope.db.read(
    [statement("SELECT snooze_id, variant_id, location_id FROM snoozes WHERE until_ms <= ? ORDER BY until_ms LIMIT ?", nowMs, AT_ONCE)],
    { fresh: true },
  );
  const places = due.map((row) => snoozePlaces(String(row["variant_id"]), row["location_id"] as string | null));
  const changed = statement(places.map(({ sql }) => `SELECT * FROM (${sql})`).join(" UNION "), ...places.flatMap(({ args }) => args));
  const steps = [
    statement(
      "DELETE FROM snoozes WHERE until_ms <= ? AND snooze_id IN (SELECT value FROM json_each(?))",
      nowMs,
      JSON.stringify(due.map((row) => row["snooze_id"])),
    ),
    ...(due.length === 0 ? [] : orderabilitySteps(scope, nowMs, changed)),
    wantedDone("end_snoozes", message.key, message.requests, nowMs),
    nextSnoozeEnd(nowMs),
  ];
  appliedAnswer(
    await scope.db.write(unitOf(scope, { steps, answer: { status: 200, select: statement("SELECT json_object()") }, wakes: true })),
  );
}
