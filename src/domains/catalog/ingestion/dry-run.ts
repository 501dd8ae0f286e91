import type { Scope } from "../../../platform/http/scope.ts";
import type { RowError } from "../canonical.ts";
import { type ChunkState, type CurrentProduct, entityKey, readState, stateStatements } from "./chunk-state.ts";
import type { ChunkWrites, ProductWrite } from "./chunk-writes.ts";
import { decideChunk } from "./decide-chunk.ts";
import { type IngestionPlan, productContext } from "./ingestion-plan.ts";
import { hidingDoubt, missingStatements, readMissing } from "./missing-variants.ts";
import { prepareChunk } from "./prepare-chunk.ts";
import { addCounts, FINDINGS_SHOWN, type HeldField, type LeftAlone, noCounts } from "./run-counts.ts";
import { addStock, noStock, offeredStock, placeStock, stockOfRows } from "./stated-stock.ts";

/** What earlier chunks would have written, as far as later ones look at it. */
interface Assumed {
  entities: Map<string, string>;
  item_codes: Map<string, string>;
}

function assume(assumed: Assumed, writes: ChunkWrites): void {
  for (const { entity_type, external_id, canonical_id } of writes.entities) {
    assumed.entities.set(entityKey(entity_type, external_id), canonical_id);
  }
  for (const { variant_id, item_code } of writes.variants) assumed.item_codes.set(variant_id, item_code);
}

function withAssumed(state: ChunkState, assumed: Assumed): ChunkState {
  const entities = new Map(state.entities);
  for (const [key, canonical_id] of assumed.entities) {
    if (!entities.has(key)) entities.set(key, { canonical_id, content_hash: "", provider_version: null });
  }
  const variants = new Map(
    [...state.variants].map(([id, variant]) => [id, { ...variant, item_code: assumed.item_codes.get(id) ?? variant.item_code }]),
  );
  return { ...state, entities, variants };
}

/** As `wantImages` decides it over the rows. */
const wantsImage = (write: ProductWrite, current: CurrentProduct | undefined): boolean =>
  write.image_url !== null && current?.image_owner !== "ours" && write.image_url !== (current?.external_image_url ?? null);

/** Counts exactly what a run of the payload would do now, and writes nothing. Answers the run as the API gives it, without an id. */
export async function dryRun(scope: Scope, plan: IngestionPlan) {
  const startedAt = new Date(scope.clock.now()).toISOString();
  const assumed: Assumed = { entities: new Map(), item_codes: new Map() };
  const held: HeldField[] = [];
  const errors: RowError[] = [];
  const older: LeftAlone[] = [];
  let counts = noCounts();
  let images = 0;
  let stock = noStock();
  for (const chunk of plan.chunks) {
    const prepared = await prepareChunk(chunk);
    const { placed, unplaced } = placeStock(chunk.stock, plan.source.settings);
    const [offered = [], ...rows] = await scope.db.read(
      [offeredStock(plan.source.id, placed), ...stateStatements(prepared, plan.source.id)],
      { fresh: true, snapshot: true },
    );
    const state = readState(rows);
    const decision = decideChunk(
      prepared,
      withAssumed(state, assumed),
      productContext(plan, () => scope.clock.newId()),
    );
    assume(assumed, decision.writes);
    stock = addStock(
      stock,
      stockOfRows(offered, unplaced, (externalId) => assumed.entities.has(entityKey("variant", externalId))),
    );
    counts = addCounts(counts, decision.counts);
    images += decision.writes.products.filter((write) => wantsImage(write, state.products.get(write.product_id))).length;
    held.push(...decision.findings.held);
    errors.push(...decision.findings.errors);
    older.push(...decision.findings.older);
  }

  let doubt: string | null = null;
  if (plan.hides_missing) {
    const missing = readMissing(await scope.db.read(missingStatements(plan), { fresh: true, snapshot: true }));
    doubt = hidingDoubt(plan, missing, 0);
    if (doubt === null) counts = { ...counts, hidden: counts.hidden + missing.missing };
  }

  const { by_entity, older: unchangedOlder, ...variants } = counts;
  return {
    id: null,
    source_system_id: plan.source.id,
    status: doubt === null ? ("completed" as const) : ("needs_confirmation" as const),
    dry_run: true,
    received: plan.received,
    ...variants,
    unchanged_older: unchangedOlder,
    by_entity,
    stock,
    failure: doubt,
    progress: { chunks: plan.chunks.length, chunks_done: plan.chunks.length },
    started_at: startedAt,
    completed_at: new Date(scope.clock.now()).toISOString(),
    images: { pending: images, copied: 0, unchanged: 0, refused: 0, failed: 0 },
    held_fields: held.slice(0, FINDINGS_SHOWN),
    held_fields_truncated: held.length > FINDINGS_SHOWN,
    errors: errors.slice(0, FINDINGS_SHOWN),
    errors_truncated: errors.length > FINDINGS_SHOWN,
    left_alone: older.slice(0, FINDINGS_SHOWN),
    left_alone_truncated: older.length > FINDINGS_SHOWN,
  };
}
