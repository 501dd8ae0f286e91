import { decodeCursor, encodeCursor } from "../../../kernel/cursor.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { DatabaseHandle } from "../../../platform/db/database.ts";
import { jsonListSql } from "../../../platform/db/json-list-sql.ts";
import { type Statement, statement } from "../../../platform/db/statement.ts";
import { timestampSql } from "../../../platform/db/timestamp-sql.ts";
import { FINDINGS_SHOWN } from "./run-counts.ts";

const findings = (kind: "held" | "error" | "older"): string =>
  jsonListSql(
    // Without what a rejected row keeps for its download.
    "json_remove(f.finding, '$.cells', '$.table')",
    `ingestion_findings AS f WHERE f.run_id = r.run_id AND f.kind = '${kind}'`,
    `f.position LIMIT ${FINDINGS_SHOWN}`,
  );

const isMore = (column: string): string => `json(iif(${column} > ${FINDINGS_SHOWN}, 'true', 'false'))`;

const SUMMARY = `'id', r.run_id, 'source_system_id', r.source_system_id, 'status', r.status, 'dry_run', json('false'),
  'received', r.received, 'inserted', r.inserted, 'updated', r.updated, 'unchanged', r.unchanged, 'failed', r.failed,
  'held', r.held, 'hidden', r.hidden, 'unchanged_older', r.older, 'by_entity', json(r.by_entity), 'stock', json(r.stock), 'failure', r.failure,
  'progress', json_object('chunks', r.chunks, 'chunks_done', r.chunks_done),
  'started_at', ${timestampSql("r.started_at_ms")}, 'completed_at', ${timestampSql("r.completed_at_ms")}`;

const images = (where: string): string => `(SELECT count(*) FROM product_images AS i WHERE i.run_id = r.run_id AND ${where})`;

const IMAGES = `json_object('pending', ${images("i.state = 'pending'")}, 'copied', ${images("i.state = 'copied' AND i.is_unchanged = 0")},
  'unchanged', ${images("i.state = 'copied' AND i.is_unchanged = 1")}, 'refused', ${images("i.state = 'refused'")},
  'failed', ${images("i.state = 'failed'")})`;

const REPORT = `${SUMMARY}, 'images', ${IMAGES},
  'held_fields', ${findings("held")}, 'held_fields_truncated', ${isMore("r.held")},
  'errors', ${findings("error")}, 'errors_truncated', ${isMore("r.failed")},
  'left_alone', ${findings("older")}, 'left_alone_truncated', ${isMore("r.older")}`;

/** A SELECT of one JSON text: the run as the API gives it. */
export const runAnswer = (runId: string): Statement =>
  statement(`SELECT json_object(${REPORT}) AS run FROM ingestion_runs AS r WHERE r.run_id = ?`, runId);

/** The run's JSON text; throws NOT_FOUND. */
export async function readRun(db: DatabaseHandle, runId: string): Promise<string> {
  const [rows] = await db.read([runAnswer(runId)]);
  const row = rows?.[0];
  if (!row) throw new AppError("NOT_FOUND", { detail: "There is no such ingestion." });
  return String(row["run"]);
}

/** A page of runs without their findings, newest first. */
export async function listRuns(
  db: DatabaseHandle,
  page: { limit: number; cursor?: string | undefined; source_system_id?: string | undefined },
): Promise<{ data: unknown[]; next_cursor: string | null }> {
  const [startedAtMs, runId] = page.cursor === undefined ? [Number.MAX_SAFE_INTEGER, ""] : decodeCursor(page.cursor, 2);
  const [rows = []] = await db.read([
    statement(
      `SELECT json_object(${SUMMARY}) AS run, r.started_at_ms, r.run_id FROM ingestion_runs AS r
       WHERE (r.started_at_ms, r.run_id) < (?1, ?2) AND (?3 IS NULL OR r.source_system_id = ?3)
       ORDER BY r.started_at_ms DESC, r.run_id DESC LIMIT ?4`,
      startedAtMs ?? 0,
      runId ?? "",
      page.source_system_id ?? null,
      page.limit + 1,
    ),
  ]);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: shown.map((row) => JSON.parse(String(row["run"]))),
    next_cursor: rows.length > page.limit && last ? encodeCursor([Number(last["started_at_ms"]), String(last["run_id"])]) : null,
  };
}
