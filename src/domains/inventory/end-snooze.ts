import { AppError } from "../../kernel/errors.ts";
import { statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { orderabilitySteps } from "./orderability-steps.ts";
import { snoozePlaces } from "./snooze-places.ts";

/** Ends a snooze by hand. One read before, for what it is of. Throws NOT_FOUND; refusal: NOT_FOUND, where somebody else ended it meanwhile. */
export async function endSnooze(scope: RequestScope, snoozeId: string): Promise<UnitResult> {
  const [rows] = await scope.db.read([statement("SELECT variant_id, location_id FROM snoozes WHERE snooze_id = ?", snoozeId)], {
    fresh: true,
  });
  const row = rows?.[0];
  if (!row) throw new AppError("NOT_FOUND", { detail: "There is no such snooze." });
  const nowMs = scope.clock.now();
  return scope.db.write(
    unitOf(scope, {
      steps: [
        statement("DELETE FROM snoozes WHERE snooze_id = ?", snoozeId),
        { guard: "NOT_FOUND" },
        ...orderabilitySteps(scope, nowMs, snoozePlaces(String(row["variant_id"]), row["location_id"] as string | null)),
      ],
      answer: { status: 204, select: statement("SELECT json_object()") },
      wakes: true,
    }),
  );
}
