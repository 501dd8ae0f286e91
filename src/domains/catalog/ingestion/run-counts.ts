export interface EntityCounts {
  inserted: number;
  updated: number;
  unchanged: number;
}

export const ENTITY_TYPES = ["category", "modifier_group", "product", "variant"] as const;
export type EntityType = (typeof ENTITY_TYPES)[number];

/** What a run or one chunk of it came to. Variants, except by_entity and `held`, which counts fields. */
export interface RunCounts {
  inserted: number;
  updated: number;
  unchanged: number;
  failed: number;
  held: number;
  hidden: number;
  /** Of the unchanged: left alone because what came was older than what was applied. */
  older: number;
  by_entity: Record<EntityType, EntityCounts>;
}

const noEntities = (): EntityCounts => ({ inserted: 0, updated: 0, unchanged: 0 });

export const noCounts = (): RunCounts => ({
  inserted: 0,
  updated: 0,
  unchanged: 0,
  failed: 0,
  held: 0,
  hidden: 0,
  older: 0,
  by_entity: { category: noEntities(), modifier_group: noEntities(), product: noEntities(), variant: noEntities() },
});

export function addCounts(a: RunCounts, b: RunCounts): RunCounts {
  const entity = (type: EntityType): EntityCounts => ({
    inserted: a.by_entity[type].inserted + b.by_entity[type].inserted,
    updated: a.by_entity[type].updated + b.by_entity[type].updated,
    unchanged: a.by_entity[type].unchanged + b.by_entity[type].unchanged,
  });
  return {
    inserted: a.inserted + b.inserted,
    updated: a.updated + b.updated,
    unchanged: a.unchanged + b.unchanged,
    failed: a.failed + b.failed,
    held: a.held + b.held,
    hidden: a.hidden + b.hidden,
    older: a.older + b.older,
    by_entity: {
      category: entity("category"),
      modifier_group: entity("modifier_group"),
      product: entity("product"),
      variant: entity("variant"),
    },
  };
}

/** A field that is ours and stays as it is though the provider offers something else. */
export interface HeldField {
  item_code: string;
  field: string;
  kept: string | number | null;
  offered: string | number | null;
}

/** A variant that was left alone, and why. */
export interface LeftAlone {
  item_code: string;
  reason: "older";
  message: string;
}

/** Findings of each kind that a run shows; the counts go on beyond. */
export const FINDINGS_SHOWN = 1_000;
/** Rejected rows that a run keeps, to be given back. */
export const REJECTED_KEPT = 10_000;
