import { inSteps, type Steps } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, CanonicalProduct, CanonicalVariant, ProviderContext } from "../canonical.ts";
import { settleBundles } from "./bundles.ts";
import {
  absoluteHttpUrl,
  type CanonicalRows,
  canonicalRows,
  DESCRIPTION_LIMIT,
  idsOnCycles,
  isUsableKey,
  type Refusal,
} from "./canonical-rows.ts";
import { type DeliverectPayload, type Entry, readDeliverect } from "./deliverect-entries.ts";
import {
  categoryIdsOf,
  groupLinks,
  isOffered,
  mapGroup,
  overloadFor,
  priceInside,
  readStructure,
  type Structure,
} from "./deliverect-groups.ts";
import { readProductTags } from "./deliverect-labels.ts";
import { normaliseAllergens, normaliseTags } from "./food-labels.ts";
import { plainText } from "./plain-text.ts";
import { readImpliedPrice, statedQuantity } from "./stated-amounts.ts";
import { idRefusal, integer, isRefusal, keyRefusal, list, readName, statedId, text } from "./stated-values.ts";

/** 9000 is 9 %, which is 90000 ten-thousandths. */
const TAX_SCALE = 10;
const TAX_LIMIT = 100_000;

/** Ids of the categories that name a product, by its PLU; products can also name theirs. */
function mapCategories(rows: CanonicalRows, { categories, resolve }: DeliverectPayload): Map<string, string[]> {
  const ofProduct = new Map<string, string[]>();
  const cyclic = idsOnCycles(new Map(categories.flatMap(({ id, parent_id }) => (id === null ? [] : [[id, parent_id]]))));
  const taken = new Set<string>();
  for (const { position, id, name: given, parent_id, members } of categories) {
    const name = readName(given);
    const refusal = idRefusal(id) ?? (isRefusal(name) ? name : null);
    if (refusal !== null || id === null || isRefusal(name)) {
      if (refusal !== null) rows.refuse({ position, item_code: null }, refusal);
      continue;
    }
    // Several menus can hold one category: the first says what it is, each says what is in it.
    if (!taken.has(id)) {
      const parent = cyclic.has(id) ? null : parent_id;
      rows.addCategory(position, { external_id: id, name, parent_external_id: parent, position: rows.catalog.categories.length });
      taken.add(id);
    }
    for (const member of members) {
      const plu = resolve(member, [1])?.plu;
      if (plu == null) continue;
      const ids = ofProduct.get(plu);
      if (ids === undefined) ofProduct.set(plu, [id]);
      else ids.push(id);
    }
  }
  for (const category of rows.catalog.categories) {
    if (category.parent_external_id !== null && !taken.has(category.parent_external_id)) category.parent_external_id = null;
  }
  return ofProduct;
}

function readTax({ body, tax_fields }: Entry): number | null | Refusal {
  const field = tax_fields.find((name) => body[name] !== undefined && body[name] !== null);
  if (field === undefined) return null;
  const rate = integer(body[field]);
  if (rate !== null && rate >= 0 && rate <= TAX_LIMIT) return rate * TAX_SCALE;
  return { reason: "TAX_RATE_INVALID", message: `${field} must be a whole number from 0 to ${TAX_LIMIT}, thousandths of a percent.` };
}

/** Whether the record is a product of its own, and not only what another is made of. */
function isProduct(entry: Entry, { offered, in_category, variant_parents }: Structure): boolean {
  if (entry.type !== 1) return false;
  if (in_category.has(entry)) return true;
  return !variant_parents.has(entry) && !(entry.is_menu && offered.has(entry));
}

interface Reading {
  rows: CanonicalRows;
  structure: Structure;
  category_ids: ReadonlyMap<string, string[]>;
  /** Whether the payload speaks of categories at all; where it does, what is in none is only sold inside others. */
  has_categories: boolean;
}

function readProduct(
  entry: Entry,
  { rows, structure, category_ids, has_categories }: Reading,
): Omit<CanonicalProduct, "variants"> | Refusal {
  const { plu, body } = entry;
  const invalidId = idRefusal(plu);
  if (invalidId !== null || plu === null) return invalidId ?? { reason: "ID_MISSING", message: "plu must not be empty." };
  const name = readName(body.name);
  if (isRefusal(name)) return name;
  const description = text(body.description) ?? "";
  if (description.length > DESCRIPTION_LIMIT) {
    return { reason: "DESCRIPTION_INVALID", message: `description must have at most ${DESCRIPTION_LIMIT} characters.` };
  }
  const tax = readTax(entry);
  if (isRefusal(tax)) return tax;
  const links = groupLinks(rows, entry, structure);
  if (isRefusal(links)) return links;
  const labels = readProductTags(list(body.productTags).flatMap((number) => integer(number) ?? []));
  const isOnMenu = structure.in_category.has(entry) || !has_categories || !structure.offered.has(entry);
  return {
    external_id: plu,
    name,
    description: plainText(description) || null,
    category_external_ids: [...new Set([...categoryIdsOf(entry), ...(category_ids.get(plu) ?? [])])].filter(isUsableKey),
    image_url: absoluteHttpUrl(text(body.imageUrl) ?? ""),
    is_active: body.visible !== false && isOnMenu,
    tags: normaliseTags(labels.tags),
    allergens: normaliseAllergens(labels.allergens),
    tax_rate_e4: tax,
    modifier_groups: links,
    provider_version: null,
  };
}

const barcodeOf = ({ body }: Entry): string | null => list(body.gtin).flatMap((code) => statedId(code) ?? [])[0] ?? statedId(body.gtin);

function sole(entry: Entry, { structure }: Reading): CanonicalVariant | Refusal {
  const price = readImpliedPrice(entry.body.price, entry.price_decimals, entry.currency);
  if (isRefusal(price)) return price;
  const barcode = barcodeOf(entry);
  const refusal = keyRefusal("gtin", barcode, "BARCODE_INVALID");
  if (refusal !== null) return refusal;
  return {
    position: entry.position,
    external_id: entry.plu ?? "",
    item_code: entry.plu ?? "",
    name: null,
    barcode,
    base_price_minor: price,
    currency: price === null ? null : entry.currency,
    is_active: !entry.is_snoozed,
    attributes: {},
    bundle: structure.compositionOf(entry).parts,
  };
}

/** A variant's price is the product's with the option's on top: a till states 0 and full prices, a menu the lowest and what is added. */
function variantOf(product: Entry, group: Entry, option: Entry, reading: Reading): CanonicalVariant | Refusal {
  const { structure } = reading;
  const own = sole(product, reading);
  if (isRefusal(own)) return own;
  const overload = overloadFor(option, group);
  const name = readName(overload.name ?? option.body.name);
  if (isRefusal(name)) return name;
  const added = priceInside(option, group, structure.in_category.has(option));
  if (isRefusal(added)) return added;
  const barcode = barcodeOf(option);
  const externalId = `${product.plu}/${option.base_plu}`;
  const isShared = (structure.variant_parents.get(option) ?? 0) > 1 || structure.in_category.has(option);
  const refusal = idRefusal(option.base_plu) ?? idRefusal(externalId) ?? keyRefusal("gtin", barcode, "BARCODE_INVALID");
  if (refusal !== null) return refusal;
  const price = own.base_price_minor === null && added === null ? null : (own.base_price_minor ?? 0) + (added ?? 0);
  const groupName = readName(group.body.name);
  return {
    ...own,
    position: option.position,
    external_id: externalId,
    item_code: isShared ? externalId : (option.base_plu ?? externalId),
    name,
    barcode,
    base_price_minor: price,
    currency: price === null ? null : product.currency,
    is_active: own.is_active && isOffered(option, overload),
    attributes: isRefusal(groupName) ? {} : { [groupName]: name },
  };
}

const NO_VARIANTS: Refusal = { reason: "VARIANTS_MISSING", message: "Its variant group holds nothing that is in this payload." };

function mapProduct(reading: Reading, entry: Entry): void {
  const { rows, structure } = reading;
  const group = structure.compositionOf(entry).variant_group;
  const options = group === null ? [] : structure.optionsOf(group);
  const places = options.map((option) => ({ position: option.position, item_code: option.base_plu }));
  const duplicate = entry.plu === null ? null : rows.productRefusal(entry.position, entry.plu);
  // Several menus can hold one product; in a till's list it is there once.
  if (duplicate !== null && entry.is_menu) return;
  const product = duplicate ?? readProduct(entry, reading);
  const problem = isRefusal(product) ? product : group !== null && options.length === 0 ? NO_VARIANTS : null;
  if (problem !== null || isRefusal(product)) {
    const own = [{ position: entry.position, item_code: entry.plu }];
    rows.refuseProduct(entry.position, places.length > 0 ? places : own, problem ?? NO_VARIANTS);
    return;
  }
  const variants: CanonicalVariant[] = [];
  const take = (source: Entry, variant: CanonicalVariant | Refusal): void => {
    if (isRefusal(variant)) {
      rows.refuse({ position: source.position, item_code: source.base_plu }, variant);
      return;
    }
    variants.push(options.length === 1 ? { ...variant, name: null } : variant);
    const quantity = statedQuantity(source.body.stock);
    if (quantity === null || variant.bundle.length > 0) return;
    rows.addStock({
      position: source.position,
      variant_external_id: variant.external_id,
      location_external_id: source.location_id,
      quantity_e4: quantity,
      counted_at_ms: null,
    });
  };
  if (group === null) take(entry, sole(entry, reading));
  else for (const option of options) take(option, variantOf(entry, group, option, reading));
  rows.addProduct(entry.position, product, variants);
}

/**
 * A product sync or pushed menus of Deliverect, as docs/providers/deliverect.md describes them. Prices are whole numbers with two implied
 * decimals in the source system's currency. Throws `AppError("PAYLOAD_UNREADABLE")` where the payload holds no products.
 */
export function* mapDeliverect(payload: unknown, context: ProviderContext): Steps<CanonicalCatalog> {
  const read = readDeliverect(payload, context);
  const rows = canonicalRows();
  for (const position of read.strays) {
    rows.refuse({ position, item_code: null }, { reason: "ROW_INVALID", message: "Not a product: it is no object." });
  }
  const structure = readStructure(read);
  const reading: Reading = {
    rows,
    structure,
    category_ids: mapCategories(rows, read),
    has_categories: read.categories.length > 0 || structure.in_category.size > 0,
  };
  const products = read.entries.filter((entry) => isProduct(entry, structure));
  const used = new Set(products.flatMap((product) => structure.compositionOf(product).groups.map(({ group }) => group)));
  yield* inSteps(read.entries, (entry) => {
    const isKnown = entry.is_menu && entry.plu !== null && rows.group(entry.plu) !== undefined;
    if (used.has(entry) && !isKnown) mapGroup(rows, entry, structure);
  });
  yield* inSteps(products, (product) => mapProduct(reading, product));
  settleBundles(rows, "earlier");
  return rows.catalog;
}
