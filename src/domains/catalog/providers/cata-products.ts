import { isCurrency } from "../../../kernel/money.ts";
import { QUANTITY_SCALE } from "../../../kernel/quantity.ts";
import { inSteps, type Steps } from "../../../kernel/steps.ts";
import type { CanonicalProductModifierGroup, CanonicalVariant } from "../canonical.ts";
import { settleBundles } from "./bundles.ts";
import { absoluteHttpUrl, type CanonicalRows, type Refusal, type RowPlace } from "./canonical-rows.ts";
import {
  exportedRows,
  ifApplied,
  isObject,
  type Json,
  type ProductRow,
  parseRow,
  providerVersion,
  soleVariantRow,
  statedItemCode,
  type VariantRow,
  writtenRows,
} from "./cata-rows.ts";
import { normaliseAllergens, normaliseTags } from "./food-labels.ts";

/** Category ids: those that the payload states, and those of them that were taken in. */
export interface CategoryIds {
  stated: ReadonlySet<string | null>;
  taken: ReadonlySet<string>;
  /** Our own export: what it names and does not hold, we do; what it holds is as we hold it. */
  are_others_known: boolean;
}

const SOLE_FIELDS = ["item_code", "price", "barcode", "bundle"] as const;

/** Why the product as a whole cannot be taken; null where only its variants remain to be judged. */
function productProblem(
  rows: CanonicalRows,
  position: string,
  raw: Json,
  product: ProductRow,
  links: readonly CanonicalProductModifierGroup[],
  categories: CategoryIds,
): Refusal | null {
  const duplicate = rows.productRefusal(position, product.id);
  if (duplicate !== null) return duplicate;
  const strayCategory = product.categories.find((id) => !categories.stated.has(id));
  if (strayCategory !== undefined && !categories.are_others_known) {
    return { reason: "CATEGORY_UNKNOWN", message: `Category "${strayCategory}" is not in this payload.` };
  }
  for (const link of links) {
    const refusal = rows.groupLinkRefusal(link);
    if (refusal !== null) return refusal;
    if (rows.group(link.external_id) === undefined && !categories.are_others_known) {
      return { reason: "MODIFIER_GROUP_UNKNOWN", message: `Modifier group "${link.external_id}" is not in this payload.` };
    }
  }
  const { variants } = raw;
  if (variants === undefined || variants === null) return null;
  if (!Array.isArray(variants) || variants.length === 0) {
    return { reason: "VARIANTS_INVALID", message: "variants must be a list of at least one; leave it out for a product without choices." };
  }
  const both = SOLE_FIELDS.find((field) => raw[field] !== undefined && raw[field] !== null);
  if (both === undefined) return null;
  return {
    reason: "VARIANTS_AMBIGUOUS",
    message: `The product has variants and ${both} of its own; put ${both} on the variant it belongs to.`,
  };
}

function canonicalVariant(
  position: string,
  row: VariantRow,
  externalId: string,
  { isOnly, isExported }: { isOnly: boolean; isExported: boolean },
  currency: string,
): CanonicalVariant | Refusal {
  if (!isOnly && !isExported && !row.name)
    return { reason: "NAME_MISSING", message: "A product with several variants needs a name for each." };
  const rowCurrency = row.currency ?? currency;
  if (row.price !== null && !isCurrency(rowCurrency)) {
    return { reason: "CURRENCY_UNKNOWN", message: `"${rowCurrency}" is not a currency of ISO 4217 (three capital letters).` };
  }
  const bundle = new Map<string, number>();
  for (const line of row.bundle) bundle.set(line.item_code, (bundle.get(line.item_code) ?? 0) + (line.quantity ?? QUANTITY_SCALE));
  return {
    position,
    external_id: externalId,
    item_code: row.item_code ?? externalId,
    name: isOnly && !isExported ? null : row.name || null,
    barcode: row.barcode,
    base_price_minor: row.price,
    currency: row.price === null ? null : rowCurrency,
    is_active: row.active,
    attributes: row.attributes,
    bundle: [...bundle].map(([item_code, quantity_e4]) => ({ item_code, quantity_e4 })),
    ...ifApplied(row.applied),
    ...(row.position === null ? {} : { place: row.position }),
  };
}

function mapVariants(
  rows: CanonicalRows,
  position: string,
  raw: Json,
  product: ProductRow,
  currency: string,
  isExported: boolean,
): CanonicalVariant[] {
  const stated = Array.isArray(raw.variants) ? raw.variants : null;
  const list = stated ?? [raw];
  return list.flatMap((rawVariant: unknown, index): CanonicalVariant[] => {
    const place = { position: stated === null ? position : `${position}.variants[${index}]`, item_code: statedItemCode(rawVariant) };
    const { row: sole, refusal } = parseRow(
      stated === null ? soleVariantRow : (isExported ? exportedRows : writtenRows).variant,
      rawVariant,
    );
    if (sole === null) {
      rows.refuse(place, refusal);
      return [];
    }
    // The product's own row has the product's id, name and state: the variant takes only what is sold from it.
    const row =
      stated === null ? { ...sole, id: product.id, name: null, active: true, position: null, applied: null } : (sole as VariantRow);
    const externalId = row.id ?? row.item_code;
    const variant =
      externalId === null
        ? { reason: "ID_MISSING", message: "A variant needs an id or an item_code." }
        : canonicalVariant(place.position, row, externalId, { isOnly: list.length === 1, isExported }, currency);
    if ("reason" in variant) {
      rows.refuse(place, variant);
      return [];
    }
    return [variant];
  });
}

function mapProduct(rows: CanonicalRows, position: string, raw: unknown, currency: string, categories: CategoryIds): void {
  const variants: unknown[] = isObject(raw) && Array.isArray(raw.variants) ? raw.variants : [];
  const places: RowPlace[] =
    variants.length === 0
      ? [{ position, item_code: statedItemCode(raw) }]
      : variants.map((variant, index) => ({ position: `${position}.variants[${index}]`, item_code: statedItemCode(variant) }));
  const { row: product, refusal } = parseRow((categories.are_others_known ? exportedRows : writtenRows).product, raw);
  if (product === null) {
    rows.refuseProduct(position, places, refusal);
    return;
  }
  const source = raw as Json;

  const links = new Map<string, CanonicalProductModifierGroup>();
  for (const { id, min, max } of product.modifier_groups) {
    const max_select = max === null ? "unlimited" : (max ?? null);
    if (!links.has(id)) links.set(id, { external_id: id, min_select: min, max_select });
  }
  const modifierGroups = [...links.values()];
  const problem = productProblem(rows, position, source, product, modifierGroups, categories);
  if (problem !== null) {
    rows.refuseProduct(position, places, problem);
    return;
  }

  const canonical = {
    external_id: product.id,
    name: product.name,
    description: product.description,
    category_external_ids: product.categories.filter((id) => categories.taken.has(id) || categories.are_others_known),
    image_url: product.image_url === null ? null : absoluteHttpUrl(product.image_url),
    is_active: product.active,
    tags: normaliseTags(product.tags),
    allergens: normaliseAllergens(product.allergens),
    tax_rate_e4: product.tax_rate,
    modifier_groups: modifierGroups,
    provider_version: providerVersion(product),
    ...ifApplied(product.applied),
  };
  rows.addProduct(position, canonical, mapVariants(rows, position, source, product, currency, categories.are_others_known));
}

/** Takes in the products, after the categories and modifier groups that they name. */
export function* mapCataProducts(rows: CanonicalRows, list: readonly unknown[], currency: string, categories: CategoryIds): Steps<void> {
  yield* inSteps(list, (raw, index) => mapProduct(rows, `products[${index}]`, raw, currency, categories));
  if (!categories.are_others_known) settleBundles(rows, "refused");
}
