import { quantityFromE4 } from "../../kernel/quantity.ts";

/** What a provider brought, as `catalog_item_versions.payload` has it. */
export interface OfferedContent {
  product: {
    name: string;
    description: string | null;
    category_external_ids: string[];
    image_url: string | null;
    is_active: boolean;
    tags: string[];
    allergens: string[];
    tax_rate_e4: number | null;
    modifier_groups: { external_id: string; min_select: number | null; max_select: number | "unlimited" | null }[];
  };
  variant: {
    item_code: string;
    name: string | null;
    barcode: string | null;
    base_price_minor: number | null;
    currency: string | null;
    is_active: boolean;
    attributes: Record<string, string>;
    bundle: { item_code: string; quantity_e4: number }[];
  };
}

/** What of an item is ours after an edit: fields that the provider has are not among it. */
export interface OwnContent {
  product: Record<string, unknown> & { hidden: boolean };
  variant: Record<string, unknown> & { hidden: boolean; own_name: string | null };
}

/** An item at a version: the newest that a provider brought by then, and what was ours by then. */
export interface VersionContent {
  offered: OfferedContent | null;
  /** A payload that hides did not have it. */
  is_missing: boolean;
  ours: OwnContent | null;
}

export const ITEM_FIELDS = [
  "name",
  "description",
  "image",
  "tags",
  "allergens",
  "tax_rate",
  "categories",
  "modifier_groups",
  "visible",
  "item_code",
  "option_name",
  "own_name",
  "barcode",
  "base_price",
  "currency",
  "attributes",
  "bundle",
] as const;
export type ItemField = (typeof ITEM_FIELDS)[number];
export type ItemFields = Partial<Record<ItemField, unknown>>;

export interface FieldChange {
  field: ItemField;
  from: unknown;
  to: unknown;
  /** The provider changed it and ours stayed. */
  held?: true;
}

const bounds = ({ external_id, min_select, max_select }: OfferedContent["product"]["modifier_groups"][number]): string =>
  min_select === null && max_select === null ? external_id : `${external_id} (${min_select ?? ""}–${max_select ?? ""})`;

function offeredFields({ offered, is_missing }: VersionContent): ItemFields {
  if (offered === null) return {};
  const { product, variant } = offered;
  return {
    name: product.name,
    description: product.description,
    image: product.image_url,
    tags: product.tags,
    allergens: product.allergens,
    tax_rate: product.tax_rate_e4 === null ? null : product.tax_rate_e4 / 10_000,
    categories: product.category_external_ids,
    modifier_groups: product.modifier_groups.map(bounds),
    visible: product.is_active && variant.is_active && !is_missing,
    item_code: variant.item_code,
    option_name: variant.name,
    barcode: variant.barcode,
    base_price: variant.base_price_minor,
    currency: variant.currency,
    attributes: variant.attributes,
    bundle: variant.bundle.map(({ item_code, quantity_e4 }) => ({ item_code, quantity: quantityFromE4(quantity_e4) })),
  };
}

/** The item as it was at a version: what is ours over what the provider had. */
export function shownFields(content: VersionContent): ItemFields {
  const offered = offeredFields(content);
  const { hidden: isProductHidden = false, ...product } = content.ours?.product ?? {};
  const { hidden: isVariantHidden = false, ...variant } = content.ours?.variant ?? {};
  return {
    own_name: null,
    ...offered,
    ...product,
    ...variant,
    visible: offered.visible !== false && !isProductHidden && !isVariantHidden,
  };
}

/** Alike but for the order of an object's members. */
const textOf = (value: unknown): string =>
  JSON.stringify(value ?? null, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** What a version changed, field by field in a fixed order; nothing for the first, which has no neighbour. */
export function versionDifference(before: VersionContent, after: VersionContent): FieldChange[] {
  if (before.offered === null && before.ours === null) return [];
  const [shownBefore, shownAfter] = [shownFields(before), shownFields(after)];
  const [offeredBefore, offeredAfter] = [offeredFields(before), offeredFields(after)];
  return ITEM_FIELDS.flatMap((field): FieldChange[] => {
    const [from, to] = [shownBefore[field] ?? null, shownAfter[field] ?? null];
    if (textOf(from) !== textOf(to)) return [{ field, from, to }];
    const [theirs, now] = [offeredBefore[field] ?? null, offeredAfter[field] ?? null];
    return before.offered !== null && textOf(theirs) !== textOf(now) ? [{ field, from: theirs, to: now, held: true }] : [];
  });
}
