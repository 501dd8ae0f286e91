import type { RowError } from "../canonical.ts";
import type { ChunkState } from "./chunk-state.ts";
import { type ChunkWrites, noWrites } from "./chunk-writes.ts";
import { decideProducts, type ProductContext } from "./decide-products.ts";
import { decideCategories, decideModifierGroups, resolvedIds } from "./decide-structure.ts";
import type { PreparedChunk } from "./prepare-chunk.ts";
import { type HeldField, type LeftAlone, noCounts, type RunCounts } from "./run-counts.ts";

export interface ChunkDecision {
  writes: ChunkWrites;
  counts: RunCounts;
  findings: { held: HeldField[]; errors: RowError[]; older: LeftAlone[] };
}

/**
 * What a chunk of a payload does to the catalogue as it is. Pure: the same chunk over the same state decides the same, and over the
 * state that its own writes make it decides nothing more. A dry run is this without the writing.
 */
export function decideChunk(chunk: PreparedChunk, state: ChunkState, context: ProductContext): ChunkDecision {
  const writes = noWrites();
  const counts = noCounts();
  counts.failed = chunk.row_errors.length;
  const ids = resolvedIds(state, context.newId);
  decideCategories(chunk, state, ids, writes, counts);
  decideModifierGroups(chunk, state, ids, context.newId, writes, counts);
  const { held, errors, older } = decideProducts(chunk, state, ids, context, writes, counts);
  return { writes, counts, findings: { held, errors: [...chunk.row_errors, ...errors], older } };
}
