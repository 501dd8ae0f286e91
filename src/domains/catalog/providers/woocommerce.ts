import { inSteps, type Steps } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, CanonicalProduct, CanonicalVariant, ProviderContext } from "../canonical.ts";
import {
  absoluteHttpUrl,
  type CanonicalRows,
  canonicalRows,
  DESCRIPTION_LIMIT,
  idsOnCycles,
  type Refusal,
  type RowPlace,
} from "./canonical-rows.ts";
import { normaliseTags } from "./food-labels.ts";
import { cleanText, plainText } from "./plain-text.ts";
import { readMajorPrice, statedFlag, statedQuantity } from "./stated-amounts.ts";
import {
  idRefusal,
  integer,
  isRefusal,
  type Json,
  keyRefusal,
  list,
  readName,
  record,
  statedId,
  statedTime,
  text,
} from "./stated-values.ts";
import { type Placed, readWooPayload, type WooProduct } from "./woocommerce-objects.ts";

/** WordPress keeps names with entities, and sometimes with markup. */
const nameOf = (value: unknown, field = "name"): string | Refusal =>
  readName(typeof value === "string" && value.length <= DESCRIPTION_LIMIT ? plainText(value) : value, field);

/** A category of a product: an object, or in the legacy API its name alone. */
const categoryRef = (value: unknown): { id: string | null; name: unknown } => {
  if (typeof value === "string") return { id: `name:${plainText(value.slice(0, DESCRIPTION_LIMIT)).toLowerCase()}`, name: value };
  return { id: statedId(record(value).id), name: record(value).name };
};

/** The categories that stand by themselves, with their parents; then those that only products name. */
function mapCategories(rows: CanonicalRows, stated: readonly Placed[], products: readonly WooProduct[]): Set<string> {
  const parents = new Map<string, string | null>();
  for (const { value } of stated) {
    const [id, parent] = [statedId(value.id), statedId(value.parent)];
    if (id !== null && !parents.has(id)) parents.set(id, parent === "0" ? null : parent);
  }
  const cyclic = idsOnCycles(parents);
  const taken = new Set<string>();
  const add = (position: string, id: string, name: string): void => {
    const parent = cyclic.has(id) ? null : (parents.get(id) ?? null);
    rows.addCategory(position, { external_id: id, name, parent_external_id: parent, position: rows.catalog.categories.length });
    taken.add(id);
  };
  for (const { value, position } of stated) {
    const id = statedId(value.id);
    const name = nameOf(value.name);
    const refusal = idRefusal(id) ?? (isRefusal(name) ? name : null);
    if (refusal !== null) rows.refuse({ position, item_code: null }, refusal);
    else if (id !== null && !isRefusal(name)) add(position, id, name);
  }
  for (const product of products) {
    for (const [index, one] of list(product.value.categories).entries()) {
      const { id, name: given } = categoryRef(one);
      const name = nameOf(given);
      if (id === null || taken.has(id) || idRefusal(id) !== null || isRefusal(name)) continue;
      add(`${product.position}.categories[${index}]`, id, name);
    }
  }
  for (const category of rows.catalog.categories) {
    if (category.parent_external_id !== null && !taken.has(category.parent_external_id)) category.parent_external_id = null;
  }
  return taken;
}

const itemCodeOf = ({ sku, id }: Json): string | null => statedId(sku) ?? statedId(id);

const placeOf = ({ value, position }: Placed): RowPlace => ({ position, item_code: itemCodeOf(value) });

/** Published or, in a payload that does not say, taken to be so. */
const isPublished = ({ status }: Json): boolean => status === undefined || status === null || status === "publish";

const isCounted = (value: Json): boolean => statedFlag(value.manage_stock ?? value.managing_stock) === true;

/** Not counted, yet said to be sold out: it is only sold again when the shop says so. */
const isOut = (value: Json): boolean => !isCounted(value) && (value.stock_status === "outofstock" || value.in_stock === false);

/** The price that holds now; none for what only names others or is sold elsewhere. */
function readPriceOf(value: Json, { currency }: ProviderContext): number | null | Refusal {
  if (value.type === "grouped") return null;
  const stated = [value.price, value.regular_price].find((one) => one !== undefined && one !== null && one !== "");
  return readMajorPrice(stated, currency);
}

/** Name and value; an empty option means "any" and says nothing. */
const attributesOf = (variation: Json): [string, string][] =>
  list(variation.attributes)
    .map(record)
    .flatMap((attribute): [string, string][] => {
      const [name, option] = [text(attribute.name), text(attribute.option)];
      return name === null || option === null ? [] : [[plainText(name), plainText(option)]];
    })
    .filter(([name, option]) => name !== "" && option !== "");

function readVariant(
  { value, position }: Placed,
  ofProduct: boolean,
  isOnly: boolean,
  context: ProviderContext,
): CanonicalVariant | Refusal {
  const id = statedId(value.id);
  const itemCode = itemCodeOf(value);
  const barcode = statedId(value.global_unique_id);
  const refusal =
    idRefusal(id) ?? keyRefusal("sku", itemCode, "ITEM_CODE_INVALID") ?? keyRefusal("global_unique_id", barcode, "BARCODE_INVALID");
  if (refusal !== null || id === null || itemCode === null) return refusal ?? { reason: "ID_MISSING", message: "id must not be empty." };
  const price = readPriceOf(value, context);
  if (isRefusal(price)) return price;
  const attributes = ofProduct ? [] : attributesOf(value);
  const name = isOnly ? null : readName(attributes.map(([, option]) => option).join(" / ") || itemCode, "attributes");
  if (isRefusal(name)) return name;
  return {
    position,
    external_id: id,
    item_code: itemCode,
    name,
    barcode,
    base_price_minor: price,
    currency: price === null ? null : context.currency,
    is_active: (ofProduct || isPublished(value)) && !isOut(value),
    attributes: Object.fromEntries(attributes),
    bundle: [],
  };
}

/** Without a zone in `…_gmt`; the legacy API writes one. */
const changedAt = (value: Json): number | null => {
  const gmt = text(value.date_modified_gmt);
  return gmt === null ? statedTime(value.updated_at) : statedTime(/[zZ]|[+-]\d\d:?\d\d$/.test(gmt) ? gmt : `${gmt}Z`);
};

const labelsOf = (tags: unknown): string[] => list(tags).flatMap((tag) => text(tag) ?? text(record(tag).name) ?? []);

function readProduct(product: WooProduct, categories: ReadonlySet<string>): Omit<CanonicalProduct, "variants"> | Refusal {
  const { value, id } = product;
  const invalidId = idRefusal(id);
  if (invalidId !== null || id === null) return invalidId ?? { reason: "ID_MISSING", message: "id must not be empty." };
  const name = nameOf(value.name ?? value.title);
  if (isRefusal(name)) return name;
  const description = text(value.description) ?? text(value.short_description) ?? "";
  if (description.length > DESCRIPTION_LIMIT) {
    return { reason: "DESCRIPTION_INVALID", message: `description must have at most ${DESCRIPTION_LIMIT} characters.` };
  }
  const images = list(value.images).flatMap((image) => absoluteHttpUrl(text(image) ?? text(record(image).src) ?? "") ?? []);
  const times = [value, ...product.variations.map((one) => one.value)].map(changedAt);
  return {
    external_id: id,
    name,
    description: plainText(description) || null,
    category_external_ids: [...new Set(list(value.categories).flatMap((one) => categoryRef(one).id ?? []))].filter((one) =>
      categories.has(one),
    ),
    image_url: images[0] ?? null,
    is_active:
      !product.is_deleted &&
      isPublished(value) &&
      value.catalog_visibility !== "hidden" &&
      value.type !== "grouped" &&
      value.type !== "external",
    tags: normaliseTags(labelsOf(value.tags).map(plainText)),
    allergens: [],
    // A tax class is only a name here; its rates depend on the customer's country.
    tax_rate_e4: value.tax_status === "none" || value.tax_status === "shipping" ? 0 : null,
    modifier_groups: [],
    provider_version: times.reduce((newest, time) => (time !== null && (newest === null || time > newest) ? time : newest), null),
  };
}

const NO_VARIATIONS: Refusal = {
  reason: "VARIANTS_MISSING",
  message: "Its variations are objects of their own; send them with it, in its variations or beside the products.",
};

/** What the product counts; a variation that is counted with its parent has the parent's count. */
function addStock(rows: CanonicalRows, product: WooProduct, { value, position }: Placed): void {
  const id = statedId(value.id);
  const counted = isCounted(value) ? value : value.manage_stock === "parent" && isCounted(product.value) ? product.value : null;
  const quantity = counted === null ? null : statedQuantity(counted.stock_quantity);
  if (id === null || quantity === null) return;
  rows.addStock({ position, variant_external_id: id, location_external_id: null, quantity_e4: quantity, counted_at_ms: null });
}

function mapProduct(rows: CanonicalRows, product: WooProduct, categories: ReadonlySet<string>, context: ProviderContext): void {
  const isVariable = product.value.type === "variable" || product.variations.length + product.absent.length > 0;
  const sold: Placed[] = isVariable
    ? product.variations.toSorted((a, b) => (integer(a.value.menu_order) ?? 0) - (integer(b.value.menu_order) ?? 0))
    : [product];
  const duplicate = product.id === null ? null : rows.productRefusal(product.position, product.id);
  const read = duplicate ?? readProduct(product, categories);
  if (isRefusal(read) || sold.length === 0) {
    const absent = product.absent.map(({ position }) => ({ position, item_code: null }));
    rows.refuseProduct(product.position, [...sold.map(placeOf), ...absent], isRefusal(read) ? read : NO_VARIATIONS);
    return;
  }
  for (const { position } of product.absent) rows.refuse({ position, item_code: null }, NO_VARIATIONS);
  const isOnly = sold.length + product.absent.length === 1;
  const variants = sold.flatMap((one): CanonicalVariant[] => {
    const variant = readVariant(one, !isVariable, isOnly, context);
    if (isRefusal(variant)) {
      rows.refuse(placeOf(one), variant);
      return [];
    }
    addStock(rows, product, one);
    return [variant];
  });
  rows.addProduct(product.position, read, variants);
}

/**
 * Products of WooCommerce's REST API, as docs/providers/woocommerce.md describes them. Prices are text in major units of the source
 * system's currency. Throws `AppError("PAYLOAD_UNREADABLE")` where the payload holds nothing of the kind.
 */
export function* mapWooCommerce(payload: unknown, context: ProviderContext): Steps<CanonicalCatalog> {
  const { products, strays, categories, failures } = readWooPayload(payload);
  const rows = canonicalRows();
  const taken = mapCategories(rows, categories, products);
  yield* inSteps(products, (product) => mapProduct(rows, product, taken, context));
  for (const stray of strays) {
    const message = "Its product is not in this payload; send the product with its variations, or name it in parent_id.";
    rows.refuse(placeOf(stray), { reason: "PRODUCT_UNKNOWN", message });
  }
  for (const { value, position } of failures) {
    const code = text(record(value.error).code);
    const message = code === null ? "Not a product." : `WooCommerce answered ${cleanText(code).slice(0, 100)} instead of a product.`;
    rows.refuse({ position, item_code: null }, { reason: "ROW_INVALID", message });
  }
  return rows.catalog;
}
