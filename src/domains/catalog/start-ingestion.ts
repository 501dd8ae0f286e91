import { AppError } from "../../kernel/errors.ts";
import { statement } from "../../platform/db/statement.ts";
import type { Guard, UnitResult } from "../../platform/db/unit-of-work.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { appliedAnswer, ok, type Reply, replyOf } from "../../platform/http/reply.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { want } from "../../platform/writer/wanted.ts";
import { applyChunks } from "./ingestion/apply-chunks.ts";
import { dryRun } from "./ingestion/dry-run.ts";
import { finishRun } from "./ingestion/finish-run.ts";
import { hideMissing } from "./ingestion/hide-missing.ts";
import { type IngestionPlan, notSent, planIngestion } from "./ingestion/ingestion-plan.ts";
import { runAnswer } from "./ingestion/run-view.ts";
import { readerOf } from "./providers/index.ts";
import { insertRun, queuedRun } from "./queued-run.ts";
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
 * source system. Refused with CONFLICT where that is switched off when the run would begin; NOT_FOUND. Throws UNSUPPORTED_MEDIA_TYPE for
 * what its provider does not send, BAD_JSON, PAYLOAD_UNREADABLE, where the same request was not answered before.
 */
export async function startIngestion(scope: RequestScope, request: IngestionRequest): Promise<Reply> {
  let prepared: { source: SourceSystem; plan: IngestionPlan | null };
  try {
    prepared = await prepare(scope, request);
  } catch (failure) {
    return replyOf(await refuse(scope, scope.db, failure));
  }
  const { source, plan } = prepared;
  if (!plan) return queueIngestion(scope, source, request);
  if (request.dry_run) return ok(await dryRun(scope, plan));

  const opened = await openRun(scope, plan, request.content_type);
  if (opened.kind === "refused") return replyOf(opened);
  const runId = appliedAnswer<{ run_id: string }>(opened).run_id;
  await applyChunks(scope, runId, plan);
  const doubt = await hideMissing(scope, runId, plan);
  return replyOf(await scope.db.write(finishRun(scope, runId, doubt)));
}

const SWITCHED_OFF = "This source system is switched off.";

/** `plan`: null for a payload that is too large to run at once. */
async function prepare(scope: RequestScope, request: IngestionRequest): Promise<{ source: SourceSystem; plan: IngestionPlan | null }> {
  const { bytes, content_type, dry_run, confirm } = request;
  const source = await readSourceSystem(scope.db, request.source_system_id, { fresh: true });
  if (dry_run && !source.is_active) throw new AppError("CONFLICT", { detail: SWITCHED_OFF });
  const isLater = !dry_run && bytes.length > RUN_AT_ONCE_BYTES;
  if (isLater && !readerOf(source.provider, content_type, bytes)) throw notSent(source);
  return { source, plan: isLater ? null : await planIngestion(source, bytes, content_type, scope.tenant.currency, confirm) };
}

/** Asked when a run begins and remembered with it: one that began ends, though its source was switched off meanwhile. */
const isSwitchedOn = (source: SourceSystem): Guard => ({
  guard: "CONFLICT",
  holds: "(SELECT is_active FROM source_systems WHERE source_system_id = ?) = 1",
  args: [source.id],
  details: statement("SELECT json_object('detail', ?)", SWITCHED_OFF),
});

/** The run of the caller's key: a retry after a crash finds the one that it began. */
function openRun(scope: RequestScope, plan: IngestionPlan, contentType: string): Promise<UnitResult> {
  const { receipt } = scope;
  const newRunId = scope.clock.newId();
  return scope.db.write(
    unitOf(
      // The key itself is for the answer; which run it began is remembered beside it.
      { ...scope, receipt: receipt && { ...receipt, method: "", route: "ingestion-run", key: `${receipt.route} ${receipt.key}` } },
      {
        steps: [
          isSwitchedOn(plan.source),
          insertRun(
            {
              run_id: newRunId,
              source_system_id: plan.source.id,
              status: "running",
              body_key: null,
              content_type: contentType,
              chunks: plan.chunks.length,
              received: plan.received,
            },
            scope.clock.now(),
          ),
        ],
        answer: { status: 201, select: statement("SELECT json_object('run_id', ?)", newRunId) },
      },
    ),
  );
}

async function queueIngestion(scope: RequestScope, source: SourceSystem, request: IngestionRequest): Promise<Reply> {
  const { bytes, content_type, confirm } = request;
  const { run_id, body_key, insert } = await queuedRun(scope, { source_system_id: source.id, payload: bytes, content_type });
  const result = await scope.db.write(
    unitOf(scope, {
      steps: [isSwitchedOn(source), insert, want("run_ingestion", run_id, { run_id, confirm }, scope.clock.now())],
      answer: { status: 202, select: runAnswer(run_id) },
      wakes: true,
    }),
  );
  const isOurs = result.kind === "unavailable" || (result.kind === "applied" && !result.replayed);
  if (!isOurs) await scope.bindings.MEDIA.delete(body_key);
  return replyOf(result);
}
