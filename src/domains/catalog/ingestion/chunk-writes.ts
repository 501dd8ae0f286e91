import type { EntityType } from "./run-counts.ts";

/** The rows that a chunk changes, a list per table. */
export interface ChunkWrites {
  categories: CategoryWrite[];
  modifier_groups: ModifierGroupWrite[];
  modifier_options: ModifierOptionWrite[];
  /** Option ids that their group no longer has. */
  options_gone: string[];
  products: ProductWrite[];
  variants: VariantWrite[];
  /** Variants whose item code changes: they let go of the old one before any takes a new one. */
  recoded: string[];
  /** Variants whose external id was replaced: the old one means nothing any more. */
  adopted: string[];
  /** Products whose number of variants may have changed. */
  recounted: string[];
  entities: EntityWrite[];
}

export interface CategoryWrite {
  category_id: string;
  parent_id: string | null;
  name: string;
  position: number;
}

export interface ModifierGroupWrite {
  modifier_group_id: string;
  name: string;
  min_select: number;
  max_select: number | null;
}

export interface ModifierOptionWrite {
  modifier_option_id: string;
  modifier_group_id: string;
  external_id: string;
  name: string;
  /** Written only where the option is new. */
  price_delta_minor: number;
  item_code: string | null;
  provider_active: 0 | 1;
  is_default: 0 | 1;
  position: number;
}

export interface ProductWrite {
  product_id: string;
  name: string;
  description: string | null;
  image_url: string | null;
  tags: string[];
  allergens: string[];
  tax_rate_e4: number | null;
  provider_active: 0 | 1;
  categories: string[];
  /** max_select -1: no limit for this product. */
  groups: [modifier_group_id: string, min_select: number | null, max_select: number | null][];
}

export interface VariantWrite {
  variant_id: string;
  product_id: string;
  item_code: string;
  option_name: string | null;
  barcode: string | null;
  base_price_minor: number | null;
  currency: string | null;
  attributes: Record<string, string>;
  provider_active: 0 | 1;
  position: number;
  bundle: { item_code: string; quantity_e4: number }[];
  /** For its version. */
  payload: Record<string, unknown>;
  hash: string;
}

export interface EntityWrite {
  entity_type: EntityType;
  external_id: string;
  canonical_id: string;
  content_hash: string;
  provider_version: number | null;
}

export const noWrites = (): ChunkWrites => ({
  categories: [],
  modifier_groups: [],
  modifier_options: [],
  options_gone: [],
  products: [],
  variants: [],
  recoded: [],
  adopted: [],
  recounted: [],
  entities: [],
});

/** Whether the catalogue changes. A newer version of unchanged content is remembered without that. */
export const changesCatalog = (writes: ChunkWrites): boolean =>
  writes.categories.length + writes.modifier_groups.length + writes.products.length + writes.variants.length > 0;
