import type { CanonicalModifierGroup, CanonicalProduct, CanonicalVariant } from "../canonical.ts";
import { variantDisplayName } from "../variant-name.ts";
import { type ChunkState, type CurrentProduct, type CurrentVariant, entityKey } from "./chunk-state.ts";
import type { ProductWrite } from "./chunk-writes.ts";
import { isOlder } from "./decide-structure.ts";
import type { HeldField } from "./run-counts.ts";

type Held = Omit<HeldField, "item_code">;

/** The modifier groups of the whole payload, by external id. */
export type OfferedGroups = ReadonlyMap<string, CanonicalModifierGroup>;

/** Prices of options that we took once and the provider has changed since. */
export function heldOptionPrices(product: CanonicalProduct, state: ChunkState, offered: OfferedGroups): Held[] {
  return product.modifier_groups.flatMap(({ external_id }) => {
    const group = offered.get(external_id);
    const known = state.entities.get(entityKey("modifier_group", external_id));
    if (!group || !known || isOlder(known, group.provider_version)) return [];
    const current = new Map((state.options.get(known.canonical_id) ?? []).map((option) => [option.external_id, option]));
    return group.options.flatMap((option): Held[] => {
      const kept = current.get(option.external_id)?.price_delta_minor;
      if (kept === undefined || kept === option.price_delta_minor) return [];
      return [{ field: `modifier_groups.${group.name}.${option.name}.price`, kept, offered: option.price_delta_minor }];
    });
  });
}

/** Fields of the product that are ours and that the provider would have otherwise. */
export function heldProductFields(product: CanonicalProduct, write: ProductWrite, current: CurrentProduct, groups: OfferedGroups): Held[] {
  const held: Held[] = [];
  if (current.name_owner === "ours" && current.name !== product.name)
    held.push({ field: "name", kept: current.name, offered: product.name });
  if (current.description_owner === "ours" && current.description !== product.description) {
    held.push({ field: "description", kept: current.description, offered: product.description });
  }
  if (current.image_owner === "ours" && product.image_url !== null && current.main_image_url !== product.image_url) {
    held.push({ field: "image", kept: current.main_image_url, offered: product.image_url });
  }
  if (current.tags !== null && current.tags !== JSON.stringify(product.tags)) {
    held.push({ field: "tags", kept: listed(JSON.parse(current.tags)), offered: listed(product.tags) });
  }
  if (current.allergens !== null && current.allergens !== JSON.stringify(product.allergens)) {
    held.push({ field: "allergens", kept: listed(JSON.parse(current.allergens)), offered: listed(product.allergens) });
  }
  if (current.tax_rate_owner === "ours" && current.tax_rate_e4 !== write.tax_rate_e4) {
    held.push({ field: "tax_rate", kept: percent(current.tax_rate_e4), offered: percent(write.tax_rate_e4) });
  }
  if (current.own_categories !== null && current.categories !== JSON.stringify(write.categories)) {
    held.push({ field: "categories", kept: current.own_categories, offered: listed(product.category_external_ids) });
  }
  if (current.own_groups !== null && current.links !== JSON.stringify(write.groups)) {
    const offered = product.modifier_groups.map(({ external_id }) => groups.get(external_id)?.name ?? external_id);
    held.push({ field: "modifier_groups", kept: current.own_groups, offered: listed(offered) });
  }
  return held;
}

const listed = (texts: readonly string[]): string => texts.join(", ");
const percent = (rateE4: number | null): number | null => (rateE4 === null ? null : rateE4 / 10_000);

/** Fields of the variant itself that are ours and that the provider would have otherwise. */
export function heldVariantFields(variant: CanonicalVariant, current: CurrentVariant): Held[] {
  const held: Held[] = [];
  if (current.barcode_owner === "ours" && current.own_barcode !== variant.barcode) {
    held.push({ field: "barcode", kept: current.own_barcode, offered: variant.barcode });
  }
  const bundle = listed(variant.bundle.map(({ item_code, quantity_e4 }) => `${item_code} × ${decimal(quantity_e4)}`));
  if (current.own_bundle !== null && current.own_bundle !== bundle)
    held.push({ field: "bundle", kept: current.own_bundle, offered: bundle });
  return held;
}

/** As SQLite writes it. */
const decimal = (quantityE4: number): string => (quantityE4 % 10_000 === 0 ? `${quantityE4 / 10_000}.0` : `${quantityE4 / 10_000}`);

/** The variant's own name where it is not what the provider would call it; it hides the product's name. */
export function heldVariantName(
  product: CanonicalProduct,
  variant: CanonicalVariant,
  currentProduct: CurrentProduct | undefined,
  current: CurrentVariant | null,
): Held | null {
  if (!current || current.own_name === null) return null;
  const offered = variantDisplayName({
    name: product.name,
    variant_count: Math.max(product.variants.length, currentProduct?.variant_count ?? 0),
    option_name: variant.name,
    own_name: null,
  });
  return offered === current.own_name ? null : { field: "name", kept: current.own_name, offered };
}
