import { AppError } from "../../kernel/errors.ts";
import { statement } from "../../platform/db/statement.ts";
import { appliedAnswer, ok, type Reply, replyOf } from "../../platform/http/reply.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { want } from "../../platform/writer/wanted.ts";
import { applyChunks } from "./ingestion/apply-chunks.ts";
import { dryRun } from "./ingestion/dry-run.ts";
import { finishRun } from "./ingestion/finish-run.ts";
import { hideMissing } from "./ingestion/hide-missing.ts";
import { type IngestionPlan, planIngestion } from "./ingestion/ingestion-plan.ts";
import { noCounts } from "./ingestion/run-counts.ts";
import { runAnswer } from "./ingestion/run-view.ts";
import { providerOf } from "./providers/index.ts";
import { readSourceSystem, type SourceSystem } from "./source-systems.ts";

/** Larger payloads are stored and run from a queue. */
export const RUN_AT_ONCE_BYTES = 1_048_576;

export interface IngestionRequest {
  source_system_id: string;
  bytes: Uint8Array;
  content_type: string;
  dry_run: boolean;
  confirm: boolean;
}

/**
 * Takes a provider's payload in: at once up to 1 MiB (201), else from a queue (202); a dry run answers 200. One read before: the
 * source system. Throws NOT_FOUND, CONFLICT for a source that is switched off, UNSUPPORTED_MEDIA_TYPE for what its provider does not send,
 * BAD_JSON, PAYLOAD_UNREADABLE.
 */
export async function startIngestion(scope: RequestScope, request: IngestionRequest): Promise<Reply> {
  const source = await readSourceSystem(scope.db, request.source_system_id, { fresh: true });
  if (!source.is_active) throw new AppError("CONFLICT", { detail: "This source system is switched off." });
  requireContentType(source, request.content_type);
  if (!request.dry_run && request.bytes.length > RUN_AT_ONCE_BYTES) return queueIngestion(scope, source, request);
  const plan = planIngestion(source, request.bytes, scope.tenant.currency, request.confirm);
  if (request.dry_run) return ok(await dryRun(scope, plan));

  const runId = await openRun(scope, plan, request.content_type);
  await applyChunks(scope, runId, plan);
  const doubt = await hideMissing(scope, runId, plan);
  return replyOf(await scope.db.write(finishRun(scope, runId, doubt)));
}

function requireContentType({ name, provider }: SourceSystem, contentType: string): void {
  const { content_types } = providerOf(provider);
  if (content_types.includes(contentType)) return;
  const detail = `Source system "${name}" takes ${content_types.join(" or ")}: its provider is ${provider}.`;
  throw new AppError("UNSUPPORTED_MEDIA_TYPE", { detail });
}

const INSERT_RUN = `INSERT INTO ingestion_runs (run_id, source_system_id, status, body_key, content_type, chunks, received, by_entity, started_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** The run of the caller's key: a retry after a crash finds the one that it began. */
async function openRun(scope: RequestScope, plan: IngestionPlan, contentType: string): Promise<string> {
  const { receipt } = scope;
  const newRunId = scope.clock.newId();
  const opened = await scope.db.write(
    unitOf(
      // The key itself is for the answer; which run it began is remembered beside it.
      { ...scope, receipt: receipt && { ...receipt, method: "", route: "ingestion-run", key: `${receipt.route} ${receipt.key}` } },
      {
        steps: [
          statement(
            INSERT_RUN,
            newRunId,
            plan.source.id,
            "running",
            null,
            contentType,
            plan.chunks.length,
            plan.received,
            JSON.stringify(noCounts().by_entity),
            scope.clock.now(),
          ),
        ],
        answer: { status: 201, select: statement("SELECT json_object('run_id', ?)", newRunId) },
      },
    ),
  );
  return appliedAnswer<{ run_id: string }>(opened).run_id;
}

async function queueIngestion(scope: RequestScope, source: SourceSystem, request: IngestionRequest): Promise<Reply> {
  const runId = scope.clock.newId();
  const nowMs = scope.clock.now();
  const bodyKey = `${scope.tenant.tenant_id}/ingestions/${runId}`;
  // Before the row that names it: a crash between leaves an object that nothing names, never a run without its payload.
  await scope.bindings.MEDIA.put(bodyKey, request.bytes, { httpMetadata: { contentType: request.content_type } });
  const result = await scope.db.write(
    unitOf(scope, {
      steps: [
        statement(INSERT_RUN, runId, source.id, "queued", bodyKey, request.content_type, 0, 0, JSON.stringify(noCounts().by_entity), nowMs),
        want("run_ingestion", runId, { run_id: runId, confirm: request.confirm }, nowMs),
      ],
      answer: { status: 202, select: runAnswer(runId) },
      wakes: true,
    }),
  );
  const isOurs = result.kind === "unavailable" || (result.kind === "applied" && !result.replayed);
  if (!isOurs) await scope.bindings.MEDIA.delete(bodyKey);
  return replyOf(result);
}
