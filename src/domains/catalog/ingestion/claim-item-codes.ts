import type { RowError } from "../canonical.ts";
import { type ChunkState, type CurrentVariant, entityKey } from "./chunk-state.ts";
import type { PreparedProduct, PreparedVariant } from "./prepare-chunk.ts";

const LONGEST_ITEM_CODE = 200;

export interface ClaimContext {
  source_system_id: string;
  source_name: string;
  /** External ids of all variants of the whole payload. */
  offered: ReadonlySet<string>;
  newId(): string;
}

export interface Claim {
  variant_id: string;
  /** null: a new one. */
  current: CurrentVariant | null;
  /** It was known by another external id of this source, which the payload no longer has. */
  is_adopted: boolean;
}

/**
 * Which variant each incoming one is, or why it cannot have its item code.
 *
 * A provider that deletes an item and makes it anew gives it a new id and the same code: that is the same variant to us. A code that
 * another variant of this chunk leaves in the same go is free.
 */
export function claimItemCodes(
  products: readonly PreparedProduct[],
  state: ChunkState,
  context: ClaimContext,
): Map<PreparedVariant, Claim | RowError> {
  const holders = new Map([...state.variants.values()].map((variant) => [variant.item_code, variant]));
  const claims = new Map<PreparedVariant, Claim>();
  const tooLong = new Map<PreparedVariant, RowError>();
  for (const prepared of products.flatMap(({ variants }) => variants)) {
    if (prepared.row.item_code.length > LONGEST_ITEM_CODE) tooLong.set(prepared, itemCodeTooLong(prepared));
    else claims.set(prepared, identify(prepared, state, holders, context));
  }

  const refused = new Map<PreparedVariant, CurrentVariant>();
  for (;;) {
    // A refused variant keeps its old code, which may refuse another.
    const leaving = new Set<string>();
    for (const [prepared, { variant_id, current }] of claims) {
      if (current && current.item_code !== prepared.row.item_code && !refused.has(prepared)) leaving.add(variant_id);
    }
    const before = refused.size;
    for (const [prepared, { variant_id }] of claims) {
      const holder = holders.get(prepared.row.item_code);
      if (holder && holder.variant_id !== variant_id && !leaving.has(holder.variant_id)) refused.set(prepared, holder);
    }
    if (refused.size === before) break;
  }

  const settled = new Map<PreparedVariant, Claim | RowError>(claims);
  for (const [prepared, error] of tooLong) settled.set(prepared, error);
  for (const [prepared, holder] of refused) settled.set(prepared, itemCodeTaken(prepared, holder, context));
  return settled;
}

function identify(
  { row }: PreparedVariant,
  state: ChunkState,
  holders: ReadonlyMap<string, CurrentVariant>,
  { source_system_id, offered, newId }: ClaimContext,
): Claim {
  const known = state.entities.get(entityKey("variant", row.external_id));
  if (known) return { variant_id: known.canonical_id, current: state.variants.get(known.canonical_id) ?? null, is_adopted: false };
  const holder = holders.get(row.item_code);
  if (holder && holder.source_system_id === source_system_id && holder.external_id !== null && !offered.has(holder.external_id)) {
    return { variant_id: holder.variant_id, current: holder, is_adopted: true };
  }
  return { variant_id: newId(), current: null, is_adopted: false };
}

function itemCodeTaken({ row }: PreparedVariant, holder: CurrentVariant, { source_name }: ClaimContext): RowError {
  const owner =
    holder.source_name === null ? "an item without a source" : `"${holder.external_id}" of source system "${holder.source_name}"`;
  return {
    position: row.position,
    item_code: row.item_code,
    reason: "ITEM_CODE_TAKEN",
    message: `item_code "${row.item_code}" of "${row.external_id}" of source system "${source_name}" belongs to ${owner}.`,
  };
}

const itemCodeTooLong = ({ row }: PreparedVariant): RowError => ({
  position: row.position,
  item_code: row.item_code,
  reason: "ITEM_CODE_TOO_LONG",
  message: `item_code must have at most ${LONGEST_ITEM_CODE} characters.`,
});
