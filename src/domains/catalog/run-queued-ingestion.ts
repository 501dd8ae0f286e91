import { AppError } from "../../kernel/errors.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import type { UnitStep } from "../../platform/db/unit-of-work.ts";
import { appliedAnswer, failureOf } from "../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../platform/http/scope.ts";
import type { WantedHandler } from "../../platform/queues/handlers.ts";
import type { WantedMessage } from "../../platform/queues/messages.ts";
import { wantedDone } from "../../platform/writer/wanted.ts";
import { applyChunks } from "./ingestion/apply-chunks.ts";
import { finishRun } from "./ingestion/finish-run.ts";
import { hideMissing } from "./ingestion/hide-missing.ts";
import { type IngestionPlan, planIngestion } from "./ingestion/ingestion-plan.ts";
import { readSourceSystem } from "./source-systems.ts";

interface StoredRun {
  source_system_id: string;
  status: string;
  body_key: string | null;
  content_type: string;
}

/**
 * Runs a payload that was stored, or goes on with it where an earlier delivery stopped. Two deliveries at once do each chunk once.
 * A payload that nobody can read fails the run, for good; anything else is tried again.
 */
export const runQueuedIngestion: WantedHandler = async (scope, message) => {
  const runId = message.key;
  const [rows] = await scope.db.read(
    [statement("SELECT source_system_id, status, body_key, content_type FROM ingestion_runs WHERE run_id = ?", runId)],
    {
      fresh: true,
    },
  );
  const run = rows?.[0] as unknown as StoredRun | undefined;
  const done = wantedDone(message.kind, message.key, message.requests, scope.clock.now());
  if (!run || (run.status !== "queued" && run.status !== "running")) return write(scope, [done]);

  let plan: IngestionPlan;
  try {
    plan = await storedPlan(scope, run, message);
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    await write(scope, [failRun(runId, error, scope.clock.now()), done]);
    return forget(scope, run);
  }
  await write(scope, [
    statement(
      "UPDATE ingestion_runs SET status = 'running', chunks = ?, received = ? WHERE run_id = ? AND status = 'queued'",
      plan.chunks.length,
      plan.received,
      runId,
    ),
  ]);
  await applyChunks(scope, runId, plan);
  const doubt = await hideMissing(scope, runId, plan);
  const result = await scope.db.write(finishRun(scope, runId, doubt, [done]));
  // Refused: another delivery of the same message has finished it, and marked it done.
  if (result.kind !== "applied" && result.kind !== "refused") throw failureOf(result);
  await forget(scope, run);
};

async function storedPlan(scope: Scope, run: StoredRun, message: WantedMessage): Promise<IngestionPlan> {
  const source = await readSourceSystem(scope.db, run.source_system_id, { fresh: true });
  const stored = run.body_key === null ? null : await scope.bindings.MEDIA.get(run.body_key);
  if (!stored) throw new AppError("NOT_FOUND", { detail: "The stored payload is gone; send it again." });
  const payload = new Uint8Array(await stored.arrayBuffer());
  // A part of the catalogue says nothing of what it does not hold.
  const whole = message.payload["partial"] === true ? { ...source, settings: { ...source.settings, on_missing: "keep" as const } } : source;
  return planIngestion(whole, payload, run.content_type, scope.tenant.currency, message.payload["confirm"] === true);
}

const failRun = (runId: string, error: AppError, nowMs: number): Statement =>
  statement(
    "UPDATE ingestion_runs SET status = 'failed', failure = ?, completed_at_ms = ? WHERE run_id = ? AND status IN ('queued', 'running')",
    error.message,
    nowMs,
    runId,
  );

async function write(scope: Scope, steps: UnitStep[]): Promise<void> {
  appliedAnswer(await scope.db.write(unitOf(scope, { steps, answer: { status: 200, select: statement("SELECT 'null'") } })));
}

async function forget(scope: Scope, run: StoredRun): Promise<void> {
  if (run.body_key !== null) await scope.bindings.MEDIA.delete(run.body_key);
}
