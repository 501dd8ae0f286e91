import type { Steps } from "../../kernel/steps.ts";

/**
 * A provider's catalogue in our words, before anything is compared with what we hold.
 * Every mapper under providers/ produces this and nothing else.
 */
export interface CanonicalCatalog {
  categories: CanonicalCategory[];
  modifier_groups: CanonicalModifierGroup[];
  products: CanonicalProduct[];
  /** Rows that could not be read. Each counts as one failed variant. */
  row_errors: RowError[];
  /** What the payload says lies where; empty where it carries no stock. A variant that is not named here is not tracked, which is not zero. */
  stock: CanonicalStock[];
}

/** A variant's counted stock at one of the provider's places. */
export interface CanonicalStock {
  /** As in `RowError`. */
  position: string;
  /** May be a variant of an earlier payload: a provider's counts can come without its products. */
  variant_external_id: string;
  /** What the provider calls the place; null where it has but one. */
  location_external_id: string | null;
  /** Ten-thousandths; below zero where the provider oversold. */
  quantity_e4: number;
  /** When the provider counted; null where it does not say: then it is the run's time. */
  counted_at_ms: number | null;
}

/** One row that was not taken in, named so that a person can find it in the payload. */
export interface RowError {
  /** Where in the payload, as a path: `catalog[3].itemData.variations[0]`, or `row 17` in a table. */
  position: string;
  item_code: string | null;
  /** Stable, UPPER_SNAKE. */
  reason: string;
  message: string;
}

/**
 * Of a row of our own export: where its content is still what was exported (`of`, its hash), it is what was applied from the provider
 * under `hash`, though it may not look like that in our words.
 */
export interface Applied {
  of: string;
  hash: string;
}

export interface CanonicalCategory {
  applied?: Applied;
  external_id: string;
  name: string;
  parent_external_id: string | null;
  position: number;
}

export interface CanonicalModifierGroup {
  applied?: Applied;
  external_id: string;
  name: string;
  /** At least this many options must be chosen; 0 means none required. */
  min_select: number;
  /** At most this many options may be chosen; null means no limit. */
  max_select: number | null;
  options: CanonicalModifierOption[];
  provider_version: number | null;
}

export interface CanonicalModifierOption {
  external_id: string;
  name: string;
  price_delta_minor: number;
  /** The variant this option is, where it is stocked or sold by itself. */
  item_code: string | null;
  is_active: boolean;
  is_default: boolean;
}

export interface CanonicalProduct {
  applied?: Applied;
  external_id: string;
  name: string;
  description: string | null;
  /** May name categories and groups that an earlier payload brought; what nobody ever brought is left out until it comes. */
  category_external_ids: string[];
  /** The provider's own image address, absolute http(s). */
  image_url: string | null;
  is_active: boolean;
  /** Lower case, sorted, unique. */
  tags: string[];
  /** Lower case, sorted, unique; the EU 14 by the names in `ALLERGENS`, others as given. */
  allergens: string[];
  /** Ten-thousandths of a percent: 8.5 % is 85000. */
  tax_rate_e4: number | null;
  modifier_groups: CanonicalProductModifierGroup[];
  variants: CanonicalVariant[];
  /** The provider's own version or change time, larger is newer; null where it gives none. */
  provider_version: number | null;
  /** What the payload refers to without saying what it is, as a search without its related objects does: what is held stays. */
  unresolved?: readonly Unresolved[];
}

/** Of categories: those that are held stay beside those that are named. */
export type Unresolved = "image_url" | "tax_rate_e4" | "category_external_ids";

/** A group as used by one product; null bounds mean the group's own. */
export interface CanonicalProductModifierGroup {
  external_id: string;
  min_select: number | null;
  /** null: the group's own; "unlimited": no limit for this product. */
  max_select: number | "unlimited" | null;
}

export interface CanonicalVariant {
  applied?: Applied;
  /** Its place among the product's variants, where that is not its place in the list. */
  place?: number;
  position: string;
  external_id: string;
  /** The SKU; the provider's external id where it gives none. */
  item_code: string;
  /** What tells it from the product's other variants ("Large"); null where the product has no choices. */
  name: string | null;
  barcode: string | null;
  /** A reference, never charged. Null where the provider has no fixed price. */
  base_price_minor: number | null;
  currency: string | null;
  is_active: boolean;
  attributes: Record<string, string>;
  /** What a bundle is made of; empty for anything else. Quantities in ten-thousandths. */
  bundle: { item_code: string; quantity_e4: number }[];
}

export const ALLERGENS = [
  "celery",
  "crustaceans",
  "eggs",
  "fish",
  "gluten",
  "lupin",
  "milk",
  "molluscs",
  "mustard",
  "peanuts",
  "sesame",
  "soy",
  "sulphites",
  "tree_nuts",
] as const;

/** What a mapper may know beside the payload: the source system's own settings. */
export interface ProviderContext {
  /** ISO 4217; used where a row names none. */
  currency: string;
  /** Where images lie that are only file names. */
  image_base_url?: string | undefined;
}

/**
 * Pure: payload (parsed JSON) in, canonical catalogue out. A row that cannot be read becomes a `RowError`; a payload
 * that is not this provider's at all throws `AppError("PAYLOAD_UNREADABLE")`.
 */
export type ProviderMapper = (payload: unknown, context: ProviderContext) => Steps<CanonicalCatalog>;
