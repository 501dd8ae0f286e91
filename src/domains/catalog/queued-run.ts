import { type Statement, statement } from "../../platform/db/statement.ts";
import type { Scope } from "../../platform/http/scope.ts";
import { noCounts } from "./ingestion/run-counts.ts";

export interface QueuedRun {
  run_id: string;
  body_key: string;
  /** Goes into the unit of work that asks for the run. */
  insert: Statement;
}

/**
 * Stores a payload that a queue will run. Before the row that names it: a crash between leaves an object that nothing names, never a run
 * without its payload.
 */
export async function queuedRun(
  scope: Scope,
  { source_system_id, payload, content_type }: { source_system_id: string; payload: Uint8Array; content_type: string },
): Promise<QueuedRun> {
  const runId = scope.clock.newId();
  const bodyKey = `${scope.tenant.tenant_id}/ingestions/${runId}`;
  await scope.bindings.MEDIA.put(bodyKey, payload, { httpMetadata: { contentType: content_type } });
  return {
    run_id: runId,
    body_key: bodyKey,
    insert: insertRun({ run_id: runId, source_system_id, status: "queued", body_key: bodyKey, content_type }, scope.clock.now()),
  };
}

interface NewRun {
  run_id: string;
  source_system_id: string;
  status: "queued" | "running";
  body_key: string | null;
  content_type: string;
  chunks?: number;
  received?: number;
}

export const insertRun = (run: NewRun, nowMs: number): Statement =>
  statement(
    `INSERT INTO ingestion_runs (run_id, source_system_id, status, body_key, content_type, chunks, received, by_entity, started_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    run.run_id,
    run.source_system_id,
    run.status,
    run.body_key,
    run.content_type,
    run.chunks ?? 0,
    run.received ?? 0,
    JSON.stringify(noCounts().by_entity),
    nowMs,
  );
