import { AppError } from "../../../kernel/errors.ts";
import { type Row, type Statement, statement } from "../../../platform/db/statement.ts";
import type { UnitStep } from "../../../platform/db/unit-of-work.ts";
import { failureOf } from "../../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../../platform/http/scope.ts";
import { categoriesUpserted, productsUpserted, variantsUpserted } from "../events.ts";
import { wantImages } from "../images/want-images.ts";
import { type ChunkState, readState, stateStatements } from "./chunk-state.ts";
import { changesCatalog } from "./chunk-writes.ts";
import { type ChunkDecision, decideChunk } from "./decide-chunk.ts";
import { type IngestionPlan, productContext } from "./ingestion-plan.ts";
import { type PreparedChunk, prepareChunk } from "./prepare-chunk.ts";
import { keepRejected } from "./rejected-rows.ts";
import { addCounts, FINDINGS_SHOWN, REJECTED_KEPT, type RunCounts } from "./run-counts.ts";
import { stateStock } from "./stated-stock.ts";
import { writeChunk } from "./write-chunk.ts";

const ATTEMPTS = 8;
/** Positions of findings: room for a chunk's own, so that chunks follow each other. */
const POSITIONS_PER_CHUNK = 1_000_000;

/** How far a run has come. */
export interface RunProgress extends RunCounts {
  status: string;
  chunks_done: number;
}

export const progressStatement = (runId: string): Statement =>
  statement(
    `SELECT status, chunks_done, inserted, updated, unchanged, failed, held, hidden, older, by_entity
     FROM ingestion_runs WHERE run_id = ?`,
    runId,
  );

export const readProgress = (rows: Row[] | undefined): RunProgress => {
  const row = rows?.[0];
  if (!row) throw new Error("an ingestion run lost its row");
  return { ...(row as unknown as RunProgress), by_entity: JSON.parse(String(row["by_entity"])) };
};

/** Refuses where the run has gone on, or the catalogue has changed, since this was decided. */
export const asDecided = (runId: string, chunksDone: number, revision: number): UnitStep[] => [
  {
    guard: "CONFLICT",
    holds: "(SELECT chunks_done FROM ingestion_runs WHERE run_id = ? AND status = 'running') = ?",
    args: [runId, chunksDone],
  },
  { guard: "CONFLICT", holds: "(SELECT revision FROM catalog_state) = ?", args: [revision] },
];

/**
 * Applies the chunks that the run has not applied yet, each in a unit of work of its own that also writes the run's progress: whoever
 * comes again after a crash goes on where the row says. Two round trips a chunk, more only where the catalogue changed meanwhile.
 */
export async function applyChunks(scope: Scope, runId: string, plan: IngestionPlan): Promise<void> {
  let next = 0;
  let prepared: PreparedChunk | null = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const chunk = plan.chunks[next];
    if (!chunk) return;
    prepared ??= await prepareChunk(chunk);
    const [run, ...rows] = await scope.db.read([progressStatement(runId), ...stateStatements(prepared, plan.source.id)], {
      fresh: true,
      snapshot: true,
    });
    const progress = readProgress(run);
    if (progress.status !== "running") return;
    if (progress.chunks_done === next && !(await applyChunk(scope, runId, plan, prepared, progress, readState(rows)))) continue;
    next = progress.chunks_done === next ? next + 1 : progress.chunks_done;
    prepared = null;
    attempt = -1;
  }
  throw new AppError("CONFLICT", {
    detail: "The catalogue kept changing. Send the request again with the same key: it goes on where it stopped.",
  });
}

/** Whether it was applied; false where it was decided on what no longer holds. */
async function applyChunk(
  scope: Scope,
  runId: string,
  plan: IngestionPlan,
  chunk: PreparedChunk,
  progress: RunProgress,
  state: ChunkState,
): Promise<boolean> {
  const nowMs = scope.clock.now();
  const decision = decideChunk(
    chunk,
    state,
    productContext(plan, () => scope.clock.newId()),
  );
  const { writes } = decision;
  const isChanged = changesCatalog(writes);
  const result = await scope.db.write(
    unitOf(ownScope(scope), {
      steps: [
        ...asDecided(runId, progress.chunks_done, state.revision),
        ...writeChunk(writes, plan.source.id, nowMs),
        ...categoriesUpserted(
          scope,
          writes.categories.map(({ category_id }) => category_id),
          nowMs,
        ),
        ...productsUpserted(
          scope,
          writes.products.map(({ product_id }) => product_id),
          nowMs,
        ),
        ...variantsUpserted(
          scope,
          writes.variants.map(({ variant_id }) => variant_id),
          nowMs,
        ),
        ...wantImages(
          runId,
          writes.products.map(({ product_id }) => product_id),
          nowMs,
        ),
        ...recordProgress(runId, plan, progress, decision),
        ...stateStock({ run_id: runId, source_system_id: plan.source.id }, chunk.stock, plan.source.settings, nowMs),
      ],
      answer: { status: 200, select: statement("SELECT 'null'") },
      lane: "bulk",
      wakes: isChanged || chunk.stock.length > 0,
    }),
  );
  if (result.kind === "applied") return true;
  if (result.kind === "refused" && result.code === "CONFLICT") return false;
  throw result.kind === "refused" ? new AppError(result.code) : failureOf(result);
}

/** A unit of our own: the caller's key belongs to the run's last one. */
export const ownScope = (scope: Scope): Scope & { receipt: undefined } => ({ ...scope, receipt: undefined });

function recordProgress(runId: string, plan: IngestionPlan, progress: RunProgress, { counts, findings }: ChunkDecision): Statement[] {
  const sum = addCounts(progress, counts);
  const base = progress.chunks_done * POSITIONS_PER_CHUNK;
  const kept = [
    ...numbered("held", findings.held.slice(0, room(FINDINGS_SHOWN, progress.held))),
    ...numbered("error", keepRejected(findings.errors.slice(0, room(REJECTED_KEPT, progress.failed)), plan.table, progress.failed === 0)),
    ...numbered("older", findings.older.slice(0, room(FINDINGS_SHOWN, progress.older))),
  ];
  const update = statement(
    `UPDATE ingestion_runs SET chunks_done = ?, inserted = ?, updated = ?, unchanged = ?, failed = ?, held = ?, hidden = ?, older = ?,
       by_entity = ? WHERE run_id = ?`,
    progress.chunks_done + 1,
    sum.inserted,
    sum.updated,
    sum.unchanged,
    sum.failed,
    sum.held,
    sum.hidden,
    sum.older,
    JSON.stringify(sum.by_entity),
    runId,
  );
  if (kept.length === 0) return [update];
  return [
    update,
    statement(
      `INSERT INTO ingestion_findings (run_id, kind, position, finding)
       SELECT ?2, value ->> 'kind', ?3 + (value ->> 'position'), value -> 'finding' FROM json_each(?1)`,
      JSON.stringify(kept),
      runId,
      base,
    ),
  ];
}

const room = (kept: number, before: number): number => Math.max(0, kept - before);

const numbered = (kind: "held" | "error" | "older", found: readonly unknown[]) =>
  found.map((finding, position) => ({ kind, position, finding }));
