import { statement } from "../../../platform/db/statement.ts";
import type { UnitOfWork, UnitStep } from "../../../platform/db/unit-of-work.ts";
import { type Scope, unitOf } from "../../../platform/http/scope.ts";
import { ingestionCompleted } from "../events.ts";
import { wantImageCopy } from "../images/want-images.ts";
import { runAnswer } from "./run-view.ts";

/**
 * The last unit of a run, under the caller's key where it ran at once: what it answers is the run, now and at every replay.
 * `doubt`: why hiding waits for confirmation. Refused with CONFLICT where the run has ended already.
 */
export function finishRun(scope: Scope, runId: string, doubt: string | null, also: UnitStep[] = []): UnitOfWork {
  const nowMs = scope.clock.now();
  return unitOf(scope, {
    steps: [
      statement(
        "UPDATE ingestion_runs SET status = ?, failure = ?, completed_at_ms = ? WHERE run_id = ? AND status = 'running'",
        doubt === null ? "completed" : "needs_confirmation",
        doubt,
        nowMs,
        runId,
      ),
      { guard: "CONFLICT" },
      ...ingestionCompleted(scope, runId, nowMs),
      wantImageCopy(nowMs),
      ...also,
    ],
    answer: { status: 201, select: runAnswer(runId) },
    wakes: true,
  });
}
