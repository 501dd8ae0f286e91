import { AppError } from "../../../kernel/errors.ts";
import { inSteps, type Steps } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, CanonicalProduct, CanonicalVariant, ProviderContext } from "../canonical.ts";
import { settleBundles } from "./bundles.ts";
import { absoluteHttpUrl, type CanonicalRows, canonicalRows, DESCRIPTION_LIMIT, type Refusal, type RowPlace } from "./canonical-rows.ts";
import { normaliseTags } from "./food-labels.ts";
import { type ItemCodes, isOn, mapCombo, mapModifierGroups, modifierLinks, type Row } from "./iseller-bundles.ts";
import { cleanText, plainText } from "./plain-text.ts";
import { readMajorPrice, statedFlag, statedQuantity } from "./stated-amounts.ts";
import { idRefusal, isObject, isRefusal, type Json, keyRefusal, list, readName, record, statedId, text } from "./stated-values.ts";

const NO_GUID = "00000000-0000-0000-0000-000000000000";

function unreadable(payload: unknown): AppError {
  const said = text(record(payload).error_message) ?? text(record(payload).erroe_message);
  const answered = said === null ? "" : `iSeller answered: ${cleanText(said).slice(0, 200)} `;
  return new AppError("PAYLOAD_UNREADABLE", {
    detail: `${answered}Expected what GetProducts of iSeller answers, {"products": []}, or a list of its products, each with "product_id".`,
  });
}

const isProduct = (value: unknown): value is Json => isObject(value) && "product_id" in value;

/** The rows of the payload. An error that came as 200 holds none. */
function readRows(payload: unknown): Row[] {
  const isWhole = isProduct(payload);
  const values = isWhole ? [payload] : Array.isArray(payload) ? payload : record(payload).products;
  if (!Array.isArray(values) || (values.length > 0 && !values.some(isProduct))) throw unreadable(payload);
  if (values.length === 0 && statedFlag(record(payload).status) === false) throw unreadable(payload);
  const field = Array.isArray(payload) ? "" : "products";
  return values.map((value, index) => ({ value: record(value), position: isWhole ? "payload" : `${field}[${index}]` }));
}

/** The id that the variants of one product share; its own where it has none. */
const headerOf = ({ product_header_id, product_id }: Json): string | null => {
  const header = statedId(product_header_id);
  return header === null || header === NO_GUID ? statedId(product_id) : header;
};

const itemCodeOf = ({ sku, product_id }: Json): string | null => statedId(sku) ?? statedId(product_id);

const placeOf = ({ value, position }: Row): RowPlace => ({ position, item_code: itemCodeOf(value) });

const categoryId = (value: Json): string => `type:${cleanText(text(value.product_type) ?? "").toLowerCase()}`;

function mapCategories(rows: CanonicalRows, products: readonly Row[]): Set<string> {
  const taken = new Set<string>();
  for (const { value, position } of products) {
    const external_id = categoryId(value);
    const name = readName(value.product_type, "product_type");
    if (isRefusal(name) || taken.has(external_id) || idRefusal(external_id) !== null) continue;
    rows.addCategory(position, { external_id, name, parent_external_id: null, position: rows.catalog.categories.length });
    taken.add(external_id);
  }
  return taken;
}

/** Its price in any outlet; where the row has none of its own, the one that all outlets ask. */
function readPriceOf({ price, outlet_prices }: Json, currency: string): number | null | Refusal {
  const own = readMajorPrice(price, currency);
  if (own !== null) return own;
  const asked = list(outlet_prices).map((one) => readMajorPrice(record(one).price, currency));
  return asked.length > 0 && asked.every((one) => one === asked[0]) ? (asked[0] ?? null) : null;
}

const optionsOf = (value: Json): [string, string][] =>
  list(value.variant_options)
    .map(record)
    .flatMap((one): [string, string][] => {
      const [option, chosen] = [text(one.option), text(one.value)];
      return chosen === null ? [] : [[cleanText(option ?? "Option"), cleanText(chosen)]];
    });

/** Sold only through the others of its header. */
const isHeaderRow = (row: Row, all: readonly Row[]): boolean =>
  all.length > 1 && statedId(row.value.product_id) === headerOf(row.value) && optionsOf(row.value).length === 0;

/** What the names of a product's rows begin with: some write the variant behind it. */
function commonName(rows: readonly Row[]): unknown {
  const names = rows.map(({ value }) => (typeof value.name === "string" && value.name.length <= 500 ? cleanText(value.name) : ""));
  const [first = ""] = names;
  if (names.every((name) => name === first)) return rows[0]?.value.name;
  const [words = [], ...others] = names.map((name) => name.split(" "));
  const shared = words.findIndex((word, index) => others.some((other) => other[index] !== word));
  return (
    words
      .slice(0, Math.max(shared, 0))
      .join(" ")
      .replace(/[\s\-–—/,:(|]+$/u, "") || first
  );
}

function readVariant(row: Row, isOnly: boolean, bundle: CanonicalVariant["bundle"], currency: string): CanonicalVariant | Refusal {
  const { value, position } = row;
  const id = statedId(value.product_id);
  const itemCode = itemCodeOf(value);
  const barcode = statedId(value.barcode);
  const refusal = idRefusal(id) ?? keyRefusal("sku", itemCode, "ITEM_CODE_INVALID") ?? keyRefusal("barcode", barcode, "BARCODE_INVALID");
  if (refusal !== null || id === null || itemCode === null) return refusal ?? { reason: "ID_MISSING", message: "product_id is empty." };
  const price = readPriceOf(value, currency);
  if (isRefusal(price)) return price;
  const options = optionsOf(value);
  const name = isOnly ? null : readName(options.map(([, chosen]) => chosen).join(" / ") || text(value.name) || itemCode);
  if (isRefusal(name)) return name;
  return {
    position,
    external_id: id,
    item_code: itemCode,
    name,
    barcode,
    base_price_minor: price,
    currency: price === null ? null : currency,
    is_active: isOn(value.is_active),
    attributes: Object.fromEntries(options),
    bundle,
  };
}

/** A list, or one text: of addresses one, of tags with commas. */
const textsOf = (value: unknown, separator: string | null): string[] => {
  const values = Array.isArray(value) ? value : separator === null ? [value] : (text(value) ?? "").split(separator);
  return values.flatMap((one) => text(one) ?? text(record(one).url) ?? text(record(one).tag) ?? text(record(one).name) ?? []);
};

function readProduct(
  rows: CanonicalRows,
  products: readonly Row[],
  categories: ReadonlySet<string>,
): Omit<CanonicalProduct, "variants"> | Refusal {
  const values = products.map(({ value }) => value);
  const id = values[0] === undefined ? null : headerOf(values[0]);
  const invalidId = idRefusal(id);
  if (invalidId !== null || id === null) return invalidId ?? { reason: "ID_MISSING", message: "product_id is empty." };
  const name = readName(commonName(products));
  if (isRefusal(name)) return name;
  const description = values.flatMap((value) => text(value.description) ?? [])[0] ?? "";
  if (description.length > DESCRIPTION_LIMIT) {
    return { reason: "DESCRIPTION_INVALID", message: `description must have at most ${DESCRIPTION_LIMIT} characters.` };
  }
  const links = modifierLinks(rows, products);
  if (isRefusal(links)) return links;
  const images = values.flatMap((value) => textsOf(value.images, null)).flatMap((address) => absoluteHttpUrl(address) ?? []);
  return {
    external_id: id,
    name,
    description: plainText(description) || null,
    category_external_ids: [...new Set(values.map(categoryId))].filter((one) => categories.has(one)),
    image_url: images[0] ?? null,
    is_active: values.some((value) => isOn(value.is_active)),
    tags: normaliseTags(values.flatMap((value) => textsOf(value.tags, ","))),
    allergens: [],
    // The rate is the store's and only on its orders; a product only says whether it is taxed.
    tax_rate_e4: values.every((value) => statedFlag(value.taxable) === false) ? 0 : null,
    modifier_groups: links,
    provider_version: null,
  };
}

/** Each outlet's count, where iSeller counts the product; a set is counted by its parts. */
function addStock(rows: CanonicalRows, { value, position }: Row, variant: CanonicalVariant): void {
  if (statedFlag(value.track_inventory) !== true || variant.bundle.length > 0) return;
  for (const [index, one] of list(value.inventories).map(record).entries()) {
    const quantity = statedQuantity(one.unit_in_stock);
    if (quantity === null) continue;
    rows.addStock({
      position: `${position}.inventories[${index}]`,
      variant_external_id: variant.external_id,
      location_external_id: statedId(one.outlet_id),
      quantity_e4: quantity,
      counted_at_ms: null,
    });
  }
}

function mapProduct(
  rows: CanonicalRows,
  all: readonly Row[],
  categories: ReadonlySet<string>,
  codes: ItemCodes,
  { currency }: ProviderContext,
): void {
  const [first] = all;
  if (first === undefined) return;
  const id = headerOf(first.value);
  const duplicate = id === null ? null : rows.productRefusal(first.position, id);
  const product = duplicate ?? readProduct(rows, all, categories);
  if (isRefusal(product)) {
    rows.refuseProduct(first.position, all.map(placeOf), product);
    return;
  }
  const sold = all.filter((row) => !isHeaderRow(row, all));
  const links = [...product.modifier_groups];
  const variants = sold.flatMap((row): CanonicalVariant[] => {
    const combo = mapCombo(rows, row, statedId(row.value.product_id) ?? product.external_id, codes);
    const variant = isRefusal(combo) ? combo : readVariant(row, sold.length === 1, combo.parts, currency);
    if (isRefusal(combo) || isRefusal(variant)) {
      rows.refuse(placeOf(row), isRefusal(combo) ? combo : (variant as Refusal));
      return [];
    }
    for (const link of combo.links) links.push(link);
    addStock(rows, row, variant);
    return [variant];
  });
  const unique = new Map(links.toReversed().map((link) => [link.external_id, link]));
  rows.addProduct(first.position, { ...product, modifier_groups: [...unique.values()].toReversed() }, variants);
}

/**
 * What GetProducts of iSeller answers, as docs/providers/iseller.md describes it. Prices are decimals in major units of the source system's
 * currency (35000 is thirty-five thousand rupiah). Throws `AppError("PAYLOAD_UNREADABLE")` where the payload holds no products.
 */
export function* mapIseller(payload: unknown, context: ProviderContext): Steps<CanonicalCatalog> {
  const products = readRows(payload);
  const rows = canonicalRows();
  const categories = mapCategories(rows, products);
  const codes = new Map<string, string>();
  const byHeader = new Map<string, Row[]>();
  for (const row of products) {
    const [id, code] = [statedId(row.value.product_id), itemCodeOf(row.value)];
    if (id !== null && code !== null) codes.set(id, code);
    const key = headerOf(row.value) ?? row.position;
    const known = byHeader.get(key);
    if (known === undefined) byHeader.set(key, [row]);
    else known.push(row);
  }
  mapModifierGroups(rows, products, context.currency);
  yield* inSteps([...byHeader.values()], (all) => mapProduct(rows, all, categories, codes, context));
  settleBundles(rows, "earlier");
  return rows.catalog;
}
