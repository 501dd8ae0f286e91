import { AppError } from "../../../kernel/errors.ts";
import { isCurrency } from "../../../kernel/money.ts";
import { inSteps, type Steps } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, CanonicalProduct, CanonicalVariant, ProviderContext } from "../canonical.ts";
import { absoluteHttpUrl, type CanonicalRows, canonicalRows, DESCRIPTION_LIMIT, type Refusal, type RowPlace } from "./canonical-rows.ts";
import { readPrice } from "./csv-number.ts";
import { normaliseTags } from "./food-labels.ts";
import { cleanText, plainText } from "./plain-text.ts";
import {
  idRefusal,
  integer,
  isObject,
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

/** A product or variant and where it stands. */
interface Placed {
  value: Json;
  position: string;
}

interface ShopifyPayload {
  products: Placed[];
  /** Variants that stand by themselves. */
  variants: Placed[];
  collections: Placed[];
  /** Which collections a product is in; null where the payload does not say, as a notification of one product. */
  collects: Json[] | null;
}

const PRICES = { decimal_mark: ".", is_declared: true } as const;
/** What Shopify calls the one variant, and its one option, of a product without choices. */
const NO_CHOICE = "Default Title";

const unreadable = (): AppError =>
  new AppError("PAYLOAD_UNREADABLE", {
    detail:
      'Expected products of Shopify\'s Admin REST API: {"products": []}, {"product": {}}, a list of products or one of them, with "collects", ' +
      '"custom_collections" and "smart_collections" beside them where they are to become categories.',
  });

const placed = (values: readonly unknown[], field: string): Placed[] =>
  values.map((value, index) => ({ value: record(value), position: `${field}[${index}]` }));

const isProduct = (value: unknown): value is Json =>
  isObject(value) && "title" in value && ["variants", "body_html", "handle"].some((field) => field in value);

function readPayload(payload: unknown): ShopifyPayload {
  if (Array.isArray(payload)) {
    if (payload.length > 0 && !payload.some(isProduct)) throw unreadable();
    return { products: placed(payload, ""), variants: [], collections: [], collects: null };
  }
  if (!isObject(payload)) throw unreadable();
  const one = isObject(payload.product) ? payload.product : isProduct(payload) && !Array.isArray(payload.products) ? payload : null;
  const isWhole = one === payload;
  const products = one ? [{ value: one, position: isWhole ? "payload" : "product" }] : placed(list(payload.products), "products");
  if (!one && !Array.isArray(payload.products) && !Array.isArray(payload.variants)) throw unreadable();
  return {
    products,
    variants: isWhole ? [] : placed(list(payload.variants), "variants"),
    collections: [
      ...placed(list(payload.custom_collections), "custom_collections"),
      ...placed(list(payload.smart_collections), "smart_collections"),
      ...placed(list(payload.collections), "collections"),
    ],
    collects: Array.isArray(payload.collects) ? payload.collects.map(record) : null,
  };
}

/** A product's collections by their ids, and its product type; both become categories. */
interface Categories {
  are_collections_known: boolean;
  of(product: Json): string[];
}

function mapCategories(rows: CanonicalRows, { products, collections, collects }: ShopifyPayload): Categories {
  const add = (position: string, external_id: string, name: string): void =>
    rows.addCategory(position, { external_id, name, parent_external_id: null, position: rows.catalog.categories.length });
  const taken = new Set<string>();
  for (const { value, position } of collections) {
    const id = statedId(value.id);
    const name = readName(value.title, "title");
    const refusal = idRefusal(id) ?? (isRefusal(name) ? name : null);
    if (refusal !== null || isRefusal(name)) {
      if (refusal !== null) rows.refuse({ position, item_code: null }, refusal);
      continue;
    }
    add(position, `collection:${id}`, name);
    taken.add(`collection:${id}`);
  }
  const typeId = (product: Json): string => `type:${cleanText(text(product.product_type) ?? "").toLowerCase()}`;
  for (const { value, position } of products) {
    const name = readName(value.product_type, "product_type");
    if (isRefusal(name) || taken.has(typeId(value)) || idRefusal(typeId(value)) !== null) continue;
    add(position, typeId(value), name);
    taken.add(typeId(value));
  }
  const collectionsOf = Map.groupBy(collects ?? [], ({ product_id }) => statedId(product_id));
  return {
    are_collections_known: collects !== null,
    of: (product) => {
      const own = (collectionsOf.get(statedId(product.id)) ?? []).map(({ collection_id }) => `collection:${statedId(collection_id)}`);
      return [...new Set([...own, typeId(product)])].filter((id) => taken.has(id));
    },
  };
}

const itemCodeOf = (variant: Json): string | null => text(variant.sku) ?? statedId(variant.id);

const placeOf = ({ value, position }: Placed): RowPlace => ({ position, item_code: itemCodeOf(value) });

function readPriceOf(value: unknown, { currency }: ProviderContext): number | null | Refusal {
  if (value === null || value === undefined || value === "") return null;
  if (!isCurrency(currency)) return { reason: "CURRENCY_UNKNOWN", message: `"${currency}" is not a currency of ISO 4217.` };
  return readPrice(String(value).slice(0, 100), currency, PRICES);
}

/** Option names are the product's, values the variant's. What only says that there is no choice is left out. */
function attributesOf(product: Json, variant: Json): [string, string][] {
  const names = list(product.options).map((option) => text(record(option).name));
  return [variant.option1, variant.option2, variant.option3].flatMap((value, index): [string, string][] => {
    const [name, given] = [names[index], text(value)];
    return !name || given === null || given === NO_CHOICE ? [] : [[cleanText(name), cleanText(given)]];
  });
}

function readVariant(product: Json, { value, position }: Placed, isOnly: boolean, context: ProviderContext): CanonicalVariant | Refusal {
  const id = statedId(value.id);
  const itemCode = itemCodeOf(value);
  const barcode = statedId(value.barcode);
  const refusal = idRefusal(id) ?? keyRefusal("sku", itemCode, "ITEM_CODE_INVALID") ?? keyRefusal("barcode", barcode, "BARCODE_INVALID");
  if (refusal !== null || id === null || itemCode === null) return refusal ?? { reason: "ID_MISSING", message: "id must not be empty." };
  const price = readPriceOf(value.price, context);
  if (isRefusal(price)) return price;
  const title = text(value.title) ?? itemCode;
  const name = isOnly && (title === NO_CHOICE || text(value.title) === null) ? null : readName(title, "title");
  if (isRefusal(name)) return name;
  return {
    position,
    external_id: id,
    item_code: itemCode,
    name,
    barcode,
    base_price_minor: price,
    currency: price === null ? null : context.currency,
    is_active: true,
    attributes: Object.fromEntries(attributesOf(product, value)),
    bundle: [],
  };
}

/** Sold: active (where the API says it) and published in the online store, as far as the payload speaks of it. */
const isActive = ({ status, published_at }: Json): boolean =>
  (status === undefined || status === null || status === "active") && published_at !== null;

function imageOf(product: Json): string | null {
  const images = list(product.images)
    .map(record)
    .toSorted((a, b) => (integer(a.position) ?? 0) - (integer(b.position) ?? 0));
  const addresses = [record(product.image), ...images].flatMap(({ src }) => absoluteHttpUrl(text(src) ?? "") ?? []);
  return addresses[0] ?? null;
}

const tagsOf = ({ tags }: Json): string[] => (Array.isArray(tags) ? tags.flatMap((tag) => text(tag) ?? []) : (text(tags) ?? "").split(","));

function readProduct(product: Json, categories: Categories): Omit<CanonicalProduct, "variants"> | Refusal {
  const id = statedId(product.id);
  const invalidId = idRefusal(id);
  if (invalidId !== null || id === null) return invalidId ?? { reason: "ID_MISSING", message: "id must not be empty." };
  const name = readName(product.title, "title");
  if (isRefusal(name)) return name;
  const description = text(product.body_html) ?? "";
  if (description.length > DESCRIPTION_LIMIT) {
    return { reason: "DESCRIPTION_INVALID", message: `body_html must have at most ${DESCRIPTION_LIMIT} characters.` };
  }
  const variants = list(product.variants).map(record);
  const times = [product, ...variants].flatMap(({ updated_at }) => statedTime(updated_at) ?? []);
  return {
    external_id: id,
    name,
    description: plainText(description) || null,
    category_external_ids: categories.of(product),
    image_url: imageOf(product),
    is_active: isActive(product),
    tags: normaliseTags(tagsOf(product)),
    allergens: [],
    // Shopify states rates by country, not by product; what it says of one is only that it is not taxed.
    tax_rate_e4: variants.length > 0 && variants.every(({ taxable }) => taxable === false) ? 0 : null,
    modifier_groups: [],
    provider_version: times.length > 0 ? Math.max(...times) : null,
    ...(categories.are_collections_known ? {} : { unresolved: ["category_external_ids"] as const }),
  };
}

const NOTHING_TO_SELL: Refusal = { reason: "VARIANTS_MISSING", message: "A product needs at least one variant to be sold." };

function mapProduct(rows: CanonicalRows, { value, position }: Placed, categories: Categories, context: ProviderContext): void {
  const variants = placed(list(value.variants), position === "" ? "variants" : `${position}.variants`);
  const id = statedId(value.id);
  const duplicate = id === null ? null : rows.productRefusal(position, id);
  const product = duplicate ?? readProduct(value, categories);
  const problem = isRefusal(product) ? product : variants.length === 0 ? NOTHING_TO_SELL : null;
  if (problem !== null || isRefusal(product)) {
    rows.refuseProduct(position, variants.map(placeOf), problem ?? NOTHING_TO_SELL);
    return;
  }
  const taken = variants
    .toSorted((a, b) => (integer(a.value.position) ?? 0) - (integer(b.value.position) ?? 0))
    .flatMap((variant): CanonicalVariant[] => {
      const read = readVariant(value, variant, variants.length === 1, context);
      if (!isRefusal(read)) return [read];
      rows.refuse(placeOf(variant), read);
      return [];
    });
  rows.addProduct(position, product, taken);
}

/**
 * Products of Shopify's Admin REST API, as docs/providers/shopify.md describes them. Prices are text in major units of the source system's
 * currency. Throws `AppError("PAYLOAD_UNREADABLE")` where the payload holds no products.
 */
export function* mapShopify(payload: unknown, context: ProviderContext): Steps<CanonicalCatalog> {
  const read = readPayload(payload);
  const rows = canonicalRows();
  const categories = mapCategories(rows, read);
  yield* inSteps(read.products, (product) => mapProduct(rows, product, categories, context));
  for (const variant of read.variants) {
    const product = statedId(variant.value.product_id) ?? "";
    const message = `Its product "${product}" is not in this payload; send the product with its variants.`;
    rows.refuse(placeOf(variant), { reason: "PRODUCT_UNKNOWN", message });
  }
  return rows.catalog;
}
