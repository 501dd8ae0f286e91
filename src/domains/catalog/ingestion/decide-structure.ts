import type { CanonicalModifierGroup } from "../canonical.ts";
import { type ChunkState, entityKey, type KnownEntity } from "./chunk-state.ts";
import type { ChunkWrites } from "./chunk-writes.ts";
import type { Hashed, PreparedChunk } from "./prepare-chunk.ts";
import type { EntityCounts, EntityType, RunCounts } from "./run-counts.ts";

/** Whether the provider itself says that what comes is older than what was applied. */
export const isOlder = (known: KnownEntity | undefined, version: number | null): boolean =>
  known !== undefined && known.provider_version !== null && version !== null && version < known.provider_version;

export const flag = (value: boolean): 0 | 1 => (value ? 1 : 0);

export function countEntity(counts: EntityCounts, isNew: boolean, isChanged: boolean): void {
  if (isNew) counts.inserted += 1;
  else if (isChanged) counts.updated += 1;
  else counts.unchanged += 1;
}

/** Ids given in this chunk or found in the state: what references resolve to. */
export interface ResolvedIds {
  find(type: EntityType, externalId: string): string | null;
  give(type: EntityType, externalId: string): string;
}

export function resolvedIds(state: ChunkState, newId: () => string): ResolvedIds {
  const given = new Map<string, string>();
  const find = (type: EntityType, externalId: string): string | null => {
    const key = entityKey(type, externalId);
    return given.get(key) ?? state.entities.get(key)?.canonical_id ?? null;
  };
  return {
    find,
    give: (type, externalId) => {
      const id = find(type, externalId) ?? newId();
      given.set(entityKey(type, externalId), id);
      return id;
    },
  };
}

/** Categories, parents first as they come. */
export function decideCategories(chunk: PreparedChunk, state: ChunkState, ids: ResolvedIds, writes: ChunkWrites, counts: RunCounts): void {
  for (const { row, hash } of chunk.categories) {
    const known = state.entities.get(entityKey("category", row.external_id));
    const categoryId = ids.give("category", row.external_id);
    const parentId = row.parent_external_id === null ? null : ids.find("category", row.parent_external_id);
    const isChanged = known?.content_hash !== hash || (!state.placed.has(categoryId) && state.parents.get(categoryId) !== parentId);
    countEntity(counts.by_entity.category, !known, isChanged);
    if (!isChanged) continue;
    writes.categories.push({ category_id: categoryId, parent_id: parentId, name: row.name, position: row.position });
    writes.entities.push({
      entity_type: "category",
      external_id: row.external_id,
      canonical_id: categoryId,
      content_hash: hash,
      provider_version: null,
    });
  }
}

/** Modifier groups with their options: structure, and so the provider's, except the price of an option that we have. */
export function decideModifierGroups(
  chunk: PreparedChunk,
  state: ChunkState,
  ids: ResolvedIds,
  newId: () => string,
  writes: ChunkWrites,
  counts: RunCounts,
): void {
  for (const group of chunk.modifier_groups) {
    const known = state.entities.get(entityKey("modifier_group", group.row.external_id));
    const groupId = ids.give("modifier_group", group.row.external_id);
    const older = isOlder(known, group.row.provider_version);
    const isChanged = !older && known?.content_hash !== group.hash;
    countEntity(counts.by_entity.modifier_group, !known, isChanged);
    if (isChanged) writeGroup(group.row, groupId, state, newId, writes);
    if (!older && (isChanged || known?.provider_version !== group.row.provider_version))
      writes.entities.push(groupEntity(group, groupId, known));
  }
}

const groupEntity = ({ row, hash }: Hashed<CanonicalModifierGroup>, groupId: string, known: KnownEntity | undefined) => ({
  entity_type: "modifier_group" as const,
  external_id: row.external_id,
  canonical_id: groupId,
  content_hash: hash,
  provider_version: row.provider_version ?? known?.provider_version ?? null,
});

function writeGroup(group: CanonicalModifierGroup, groupId: string, state: ChunkState, newId: () => string, writes: ChunkWrites): void {
  writes.modifier_groups.push({
    modifier_group_id: groupId,
    name: group.name,
    min_select: group.min_select,
    max_select: group.max_select,
  });
  const current = new Map((state.options.get(groupId) ?? []).map((option) => [option.external_id, option]));
  for (const [position, option] of group.options.entries()) {
    writes.modifier_options.push({
      modifier_option_id: current.get(option.external_id)?.modifier_option_id ?? newId(),
      modifier_group_id: groupId,
      external_id: option.external_id,
      name: option.name,
      price_delta_minor: option.price_delta_minor,
      item_code: option.item_code,
      provider_active: flag(option.is_active),
      is_default: flag(option.is_default),
      position,
    });
    current.delete(option.external_id);
  }
  for (const gone of current.values()) writes.options_gone.push(gone.modifier_option_id);
}
