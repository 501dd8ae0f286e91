import { sha256Hex } from "../../../kernel/bytes.ts";
import { AppError } from "../../../kernel/errors.ts";
import { statement } from "../../../platform/db/statement.ts";
import { failureOf } from "../../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../../platform/http/scope.ts";
import { variantsUpserted } from "../events.ts";
import { asDecided, ownScope, progressStatement, readProgress } from "./apply-chunks.ts";
import type { IngestionPlan } from "./ingestion-plan.ts";
import { hidingDoubt, missingStatements, readMissing } from "./missing-variants.ts";
import { raiseRevision } from "./write-chunk.ts";

const ATTEMPTS = 8;
const MISSING_PAYLOAD = JSON.stringify({ missing: true });

/**
 * For a source that opted in: hides what its payload no longer has, at most 500 variants a unit of work. Answers why it did not, where
 * a person has to confirm it first. Started again, it goes on with what is still there.
 */
export async function hideMissing(scope: Scope, runId: string, plan: IngestionPlan): Promise<string | null> {
  if (!plan.hides_missing) return null;
  const hash = await sha256Hex(MISSING_PAYLOAD);
  let isBegun = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [run, ...rows] = await scope.db.read([progressStatement(runId), ...missingStatements(plan)], { fresh: true, snapshot: true });
    const progress = readProgress(run);
    const missing = readMissing(rows);
    if (progress.status !== "running" || missing.missing === 0) return null;
    // Once some are hidden it is decided; fewer are missing now, which would look like less.
    const doubt = isBegun ? null : hidingDoubt(plan, missing, progress.inserted);
    if (doubt !== null) return doubt;
    const result = await scope.db.write(hideUnit(scope, runId, plan, progress.chunks_done, missing.revision, missing.variant_ids, hash));
    if (result.kind === "applied") {
      isBegun = true;
      attempt = -1;
    } else if (result.kind !== "refused") throw failureOf(result);
  }
  throw new AppError("CONFLICT", {
    detail: "The catalogue kept changing. Send the request again with the same key: it goes on where it stopped.",
  });
}

function hideUnit(
  scope: Scope,
  runId: string,
  plan: IngestionPlan,
  chunksDone: number,
  revision: number,
  variantIds: string[],
  hash: string,
) {
  const nowMs = scope.clock.now();
  const ids = JSON.stringify(variantIds);
  return unitOf(ownScope(scope), {
    steps: [
      ...asDecided(runId, chunksDone, revision),
      statement(
        `UPDATE variants SET provider_active = 0, version_no = version_no + 1, updated_at_ms = ?2
         WHERE variant_id IN (SELECT value FROM json_each(?1))`,
        ids,
        nowMs,
      ),
      statement(
        `INSERT INTO catalog_item_versions (variant_id, version_no, source_system_id, payload, normalized_hash, created_at_ms)
         SELECT variant_id, version_no, ?2, ?3, ?4, ?5 FROM variants WHERE variant_id IN (SELECT value FROM json_each(?1))`,
        ids,
        plan.source.id,
        MISSING_PAYLOAD,
        hash,
        nowMs,
      ),
      ...variantsUpserted(scope, variantIds, nowMs),
      raiseRevision(),
      statement("UPDATE ingestion_runs SET hidden = hidden + ? WHERE run_id = ?", variantIds.length, runId),
    ],
    answer: { status: 200, select: statement("SELECT 'null'") },
    lane: "bulk",
    wakes: true,
  });
}
