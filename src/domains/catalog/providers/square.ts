import { QUANTITY_SCALE } from "../../../kernel/quantity.ts";
import { inSteps, type Steps } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, CanonicalProduct, CanonicalVariant, ProviderContext } from "../canonical.ts";
import {
  absoluteHttpUrl,
  type CanonicalRows,
  canonicalRows,
  DESCRIPTION_LIMIT,
  idsOnCycles,
  isUsableKey,
  type Refusal,
  type RowPlace,
} from "./canonical-rows.ts";
import { normaliseAllergens, normaliseTags } from "./food-labels.ts";
import { cleanText, plainText } from "./plain-text.ts";
import { byOrdinal, mapModifierLists, modifierLinks, newestVersion, readMoney } from "./square-modifiers.ts";
import { nestedObject, readSquareObjects, type SquareObject } from "./square-objects.ts";
import { mapCounts } from "./square-stock.ts";
import { idRefusal, isRefusal, type Json, list, readName, record, text } from "./stated-values.ts";

interface Tax {
  rate_e4: number;
  /** Charged on the other taxes as well. */
  is_compound: boolean;
}

/** What items refer to by id. */
interface References {
  /** Of every object in the payload: what refers to another id refers to something that came before, or never will. */
  ids: ReadonlySet<string>;
  categories: ReadonlySet<string>;
  taxes: ReadonlyMap<string, Tax>;
  images: ReadonlyMap<string, string>;
  /** Names of item options and of their values. */
  options: ReadonlyMap<string, string>;
}

function mapCategories(rows: CanonicalRows, objects: readonly SquareObject[]): Set<string> {
  const parentOf = ({ body }: SquareObject): string | null => text(record(body.parent_category).id);
  const standing = objects.filter(({ is_deleted }) => !is_deleted);
  const cyclic = idsOnCycles(new Map(standing.flatMap((object) => (object.id === null ? [] : [[object.id, parentOf(object)]]))));
  for (const object of standing) {
    const name = readName(object.body.name);
    const refusal = idRefusal(object.id) ?? (isRefusal(name) ? name : null);
    if (refusal !== null || object.id === null || isRefusal(name)) {
      if (refusal !== null) rows.refuse({ position: object.position, item_code: null }, refusal);
      continue;
    }
    const parent = cyclic.has(object.id) ? null : parentOf(object);
    rows.addCategory(object.position, {
      external_id: object.id,
      name,
      parent_external_id: parent,
      position: rows.catalog.categories.length,
    });
  }
  const taken = new Set(rows.catalog.categories.map(({ external_id }) => external_id));
  for (const category of rows.catalog.categories) {
    if (category.parent_external_id !== null && !taken.has(category.parent_external_id)) category.parent_external_id = null;
  }
  return taken;
}

function readTaxes(rows: CanonicalRows, objects: readonly SquareObject[]): Map<string, Tax> {
  const taxes = new Map<string, Tax>();
  for (const { id, position, is_deleted, body } of objects) {
    if (is_deleted || body.enabled === false || id === null) continue;
    const percent = typeof body.percentage === "number" ? String(body.percentage) : (text(body.percentage) ?? "");
    const rate = /^\d{1,3}(\.\d{1,20})?$/.test(percent) ? Math.round(Number(percent) * QUANTITY_SCALE) : null;
    if (rate === null || rate > 100 * QUANTITY_SCALE) {
      const message = "percentage must be a decimal number from 0 to 100; items that name this tax are taken without it.";
      rows.refuse({ position, item_code: null }, { reason: "TAX_RATE_INVALID", message });
    } else {
      taxes.set(id, { rate_e4: rate, is_compound: body.calculation_phase === "TAX_TOTAL_PHASE" });
    }
  }
  return taxes;
}

/** One rate for all of an item's taxes, those of the total phase on top of the others; null where none of them is known. */
function taxRate(body: Json, taxes: ReadonlyMap<string, Tax>): number | null {
  if (body.is_taxable === false) return 0;
  const known = list(body.tax_ids).flatMap((id) => taxes.get(text(id) ?? "") ?? []);
  if (known.length === 0) return null;
  const sum = (isCompound: boolean): number =>
    known.reduce((total, tax) => (tax.is_compound === isCompound ? total + tax.rate_e4 : total), 0);
  const [plain, compound] = [sum(false), sum(true)];
  return plain + compound + Math.round((plain * compound) / (100 * QUANTITY_SCALE));
}

function readImages(objects: readonly SquareObject[]): Map<string, string> {
  const images = new Map<string, string>();
  for (const { id, is_deleted, body } of objects) {
    const url = absoluteHttpUrl(text(body.url) ?? "");
    if (id !== null && url !== null && !is_deleted) images.set(id, url);
  }
  return images;
}

function readOptionNames(objects: readonly SquareObject[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { id, body } of objects) {
    const name = text(body.name);
    if (id !== null && name !== null) names.set(id, cleanText(name));
    for (const raw of list(body.values)) {
      const value = nestedObject(raw, "ITEM_OPTION_VAL", "");
      const valueName = text(value.body.name);
      if (value.id !== null && valueName !== null) names.set(value.id, cleanText(valueName));
    }
  }
  return names;
}

/** `ingredients` and `dietary_preferences`: a standard name or the merchant's own. */
const foodLabels = (value: unknown): string[] =>
  list(value)
    .map(record)
    .flatMap((entry) => text(entry.standard_name) ?? text(entry.custom_name) ?? []);

const itemCodeOf = ({ body, id }: SquareObject): string | null => text(body.sku) ?? id;

function readVariation(
  variation: SquareObject,
  isOnly: boolean,
  references: References,
  context: ProviderContext,
): CanonicalVariant | Refusal {
  const { id, body, position } = variation;
  if (id === null || !isUsableKey(id)) return idRefusal(id) ?? { reason: "ID_INVALID", message: "id cannot be kept." };
  const itemCode = text(body.sku) ?? id;
  if (!isUsableKey(itemCode))
    return { reason: "ITEM_CODE_INVALID", message: "sku must be 1 to 255 characters without control characters." };
  const barcode = text(body.upc);
  if (barcode !== null && !isUsableKey(barcode)) {
    return { reason: "BARCODE_INVALID", message: "upc must be 1 to 255 characters without control characters." };
  }
  const money = body.pricing_type === "VARIABLE_PRICING" ? null : readMoney(body.price_money, context);
  if (isRefusal(money)) return money;
  const name = text(body.name) === null ? itemCode : readName(body.name);
  if (isRefusal(name)) return name;
  const attributes = list(body.item_option_values)
    .map(record)
    .flatMap((link) => {
      const option = references.options.get(text(link.item_option_id) ?? "");
      const value = references.options.get(text(link.item_option_value_id) ?? "");
      return option === undefined || value === undefined ? [] : [[option, value] as const];
    });
  return {
    position,
    external_id: id,
    item_code: itemCode,
    name: isOnly ? null : name,
    barcode,
    base_price_minor: money?.amount_minor ?? null,
    currency: money?.currency ?? null,
    is_active: !variation.is_deleted && variation.is_present && body.sellable !== false,
    attributes: Object.fromEntries(attributes),
    bundle: [],
  };
}

function readItem(rows: CanonicalRows, item: SquareObject, references: References): Omit<CanonicalProduct, "variants"> | Refusal {
  const { id, body } = item;
  const invalidId = idRefusal(id);
  if (invalidId !== null || id === null) return invalidId ?? { reason: "ID_MISSING", message: "id must not be empty." };
  const name = readName(body.name);
  if (isRefusal(name)) return name;
  const description = text(body.description_html) ?? text(body.description) ?? text(body.description_plaintext) ?? "";
  if (description.length > DESCRIPTION_LIMIT) {
    return { reason: "DESCRIPTION_INVALID", message: `description must have at most ${DESCRIPTION_LIMIT} characters.` };
  }
  const links = modifierLinks(rows, body, references.ids);
  if (isRefusal(links)) return links;
  const listed = list(body.categories).flatMap((category) => text(record(category).id) ?? []);
  const categories = listed.length > 0 ? listed : [text(body.category_id) ?? ""];
  const image = list(body.image_ids).flatMap((imageId) => references.images.get(text(imageId) ?? "") ?? [])[0];
  const details = record(body.food_and_beverage_details);
  const absent = (ids: unknown) => list(ids).some((one) => !references.ids.has(text(one) ?? ""));
  const unresolved: CanonicalProduct["unresolved"] = [
    ...(image === undefined && absent(body.image_ids) ? (["image_url"] as const) : []),
    ...(body.is_taxable !== false && absent(body.tax_ids) ? (["tax_rate_e4"] as const) : []),
  ];
  return {
    external_id: id,
    name,
    description: plainText(description) || null,
    category_external_ids: [...new Set(categories)].filter(
      (category) => category !== "" && (references.categories.has(category) || !references.ids.has(category)),
    ),
    image_url: image ?? absoluteHttpUrl(item.image_url ?? ""),
    is_active: !item.is_deleted && item.is_present && body.is_archived !== true,
    tags: normaliseTags(foodLabels(details.dietary_preferences)),
    allergens: normaliseAllergens(foodLabels(details.ingredients)),
    tax_rate_e4: taxRate(body, references.taxes),
    modifier_groups: links,
    provider_version: null,
    ...(unresolved.length > 0 ? { unresolved } : {}),
  };
}

function mapItem(
  rows: CanonicalRows,
  item: SquareObject,
  variations: readonly SquareObject[],
  references: References,
  context: ProviderContext,
): void {
  const places: RowPlace[] = variations.map((variation) => ({ position: variation.position, item_code: itemCodeOf(variation) }));
  const duplicate = item.id === null ? null : rows.productRefusal(item.position, item.id);
  const product = duplicate ?? readItem(rows, item, references);
  if (isRefusal(product)) {
    rows.refuseProduct(item.position, places, product);
    return;
  }
  if (variations.length === 0) {
    const refusal = { reason: "VARIATIONS_MISSING", message: "An item needs at least one variation to be sold." };
    rows.refuseProduct(item.position, places, refusal);
    return;
  }
  const variants: CanonicalVariant[] = [];
  for (const variation of byOrdinal(variations, ({ body }) => body)) {
    const variant = readVariation(variation, variations.length === 1, references, context);
    if (isRefusal(variant)) rows.refuse({ position: variation.position, item_code: itemCodeOf(variation) }, variant);
    else variants.push(variant);
  }
  rows.addProduct(item.position, { ...product, provider_version: newestVersion([item, ...variations]) }, variants);
}

/** Items with the variations nested in them and those that stand by themselves; a nested one is not counted again. */
function* mapItems(
  rows: CanonicalRows,
  items: readonly SquareObject[],
  alone: readonly SquareObject[],
  references: References,
  context: ProviderContext,
): Steps<void> {
  const entries = items.map((item) => ({
    item,
    variations: list(item.body.variations).map((raw, index) =>
      nestedObject(raw, "ITEM_VARIATION", `${item.body_position}.variations[${index}]`),
    ),
  }));
  const nestedIds = new Set(entries.flatMap(({ variations }) => variations.map(({ id }) => id)));
  const byItemId = new Map(entries.toReversed().map((entry) => [entry.item.id, entry]));
  for (const variation of alone) {
    if (variation.id !== null && nestedIds.has(variation.id)) continue;
    const itemId = text(variation.body.item_id);
    const entry = itemId === null ? undefined : byItemId.get(itemId);
    if (entry !== undefined) entry.variations.push(variation);
    else {
      const message = `Its item "${itemId ?? ""}" is not in this payload; send the item with it.`;
      rows.refuse({ position: variation.position, item_code: itemCodeOf(variation) }, { reason: "ITEM_UNKNOWN", message });
    }
  }
  yield* inSteps(entries, ({ item, variations }) => mapItem(rows, item, variations, references, context));
}

/**
 * Square's catalogue in any of the shapes of docs/providers/square.md, snake_case or camelCase. Prices are whole minor
 * units as Square sends them. Throws `AppError("PAYLOAD_UNREADABLE")` where the payload holds neither catalogue objects nor
 * inventory counts.
 */
export function* mapSquare(payload: unknown, context: ProviderContext): Steps<CanonicalCatalog> {
  const { objects, strays } = readSquareObjects(payload);
  const rows = canonicalRows();
  for (const position of strays) {
    rows.refuse({ position, item_code: null }, { reason: "ROW_INVALID", message: 'Not a catalogue object: it has no "type".' });
  }
  const ofType = (type: string): SquareObject[] => objects.filter((object) => object.type === type);
  const references = {
    ids: new Set(objects.flatMap(({ id }) => id ?? [])),
    categories: mapCategories(rows, ofType("CATEGORY")),
    taxes: readTaxes(rows, ofType("TAX")),
    images: readImages(ofType("IMAGE")),
    options: readOptionNames([...ofType("ITEM_OPTION"), ...ofType("ITEM_OPTION_VAL")]),
  };
  mapModifierLists(rows, ofType("MODIFIER_LIST"), context);
  yield* mapItems(rows, ofType("ITEM"), ofType("ITEM_VARIATION"), references, context);
  mapCounts(rows, payload);
  return rows.catalog;
}
