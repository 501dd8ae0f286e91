import { AppError } from "../../../kernel/errors.ts";
import { quantityToE4 } from "../../../kernel/quantity.ts";
import { inSteps, type Steps } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, CanonicalProduct, CanonicalVariant, ProviderContext } from "../canonical.ts";
import { type CanonicalRows, canonicalRows, DESCRIPTION_LIMIT, idsOnCycles, imageAddress, type Refusal } from "./canonical-rows.ts";
import { readAmount } from "./csv-number.ts";
import { cleanText, plainText } from "./plain-text.ts";
import {
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

/** One `{model, pk, fields}` of the payload. */
interface Row {
  id: string;
  fields: Json;
  position: string;
}

/** Rows by their model, and by what a field of theirs refers to. */
interface Dump {
  of(model: string): readonly Row[];
  row(model: string, id: unknown): Row | undefined;
  referring(model: string, field: string, id: string): readonly Row[];
}

const PRICES = { decimal_mark: ".", is_declared: true } as const;
/** Base64 of `ProductVariant:`: the name of a variant that nobody named is its id. */
const UNNAMED = /^UHJvZHVjdFZhcmlhbnQ6/;

function readDump(payload: unknown): Dump {
  const rows = list(payload).flatMap((value, index): (Row & { model: string })[] => {
    const { model, pk, fields } = record(value);
    const id = statedId(pk);
    return typeof model === "string" && id !== null && isObject(fields) ? [{ model, id, fields, position: `[${index}]` }] : [];
  });
  const byModel = Map.groupBy(rows, ({ model }) => model);
  if (!byModel.has("product.product")) {
    throw new AppError("PAYLOAD_UNREADABLE", {
      detail: 'Expected a list of Saleor\'s {"model", "pk", "fields"} with product.product among them.',
    });
  }
  const ids = new Map(rows.map((row) => [`${row.model} ${row.id}`, row]));
  const references = new Map<string, Map<string | null, Row[]>>();
  return {
    of: (model) => byModel.get(model) ?? [],
    row: (model, id) => ids.get(`${model} ${statedId(id)}`),
    referring(model, field, id) {
      const key = `${model} ${field}`;
      const known =
        references.get(key) ?? Map.groupBy<string | null, Row>(byModel.get(model) ?? [], ({ fields }) => statedId(fields[field]));
      references.set(key, known);
      return known.get(id) ?? [];
    },
  };
}

const bySortOrder = (rows: readonly Row[]): Row[] =>
  rows.toSorted((a, b) => (integer(a.fields.sort_order) ?? Infinity) - (integer(b.fields.sort_order) ?? Infinity) || 0);

/** The channel that sells in this currency, else the first there is; null where the payload has none. */
function channelOf(dump: Dump, currency: string): string | null {
  const channels = dump.of("channel.channel");
  const stated = channels.find(({ fields }) => fields.currency_code === currency) ?? channels[0];
  if (stated) return stated.id;
  const listings = dump.of("product.productvariantchannellisting");
  return statedId((listings.find(({ fields }) => fields.currency === currency) ?? listings[0])?.fields.channel);
}

/** Categories as a tree, collections beside them. */
function mapCategories(rows: CanonicalRows, dump: Dump): Set<string> {
  const parentOf = ({ fields }: Row): string | null => statedId(fields.parent);
  const cyclic = idsOnCycles(new Map(dump.of("product.category").map((row) => [row.id, parentOf(row)])));
  const taken = new Set<string>();
  const add = (row: Row, kind: "category" | "collection", parent: string | null): void => {
    const name = readName(row.fields.name);
    if (isRefusal(name)) {
      rows.refuse({ position: row.position, item_code: null }, name);
      return;
    }
    const external_id = `${kind}:${row.id}`;
    const parent_external_id = parent === null || cyclic.has(row.id) || !dump.row("product.category", parent) ? null : `category:${parent}`;
    rows.addCategory(row.position, { external_id, name, parent_external_id, position: rows.catalog.categories.length });
    taken.add(external_id);
  };
  for (const row of dump.of("product.category")) add(row, "category", parentOf(row));
  for (const row of dump.of("product.collection")) add(row, "collection", null);
  for (const category of rows.catalog.categories) {
    if (category.parent_external_id !== null && !taken.has(category.parent_external_id)) category.parent_external_id = null;
  }
  return taken;
}

/** `[attribute, value]` of what was assigned to a product or variant; several values of one attribute in one text. */
function attributesOf(dump: Dump, values: readonly unknown[]): [string, string][] {
  const texts = new Map<string, string[]>();
  for (const id of values) {
    const value = dump.row("attribute.attributevalue", id)?.fields ?? {};
    const name = cleanText(text(dump.row("attribute.attribute", value.attribute)?.fields.name) ?? "");
    const given = cleanText(text(value.name) ?? "");
    if (name !== "" && given !== "" && !isObject(value.rich_text)) texts.set(name, [...(texts.get(name) ?? []), given]);
  }
  return [...texts].map(([name, given]) => [name, given.join(", ")]);
}

function variantAttributes(dump: Dump, variantId: string): [string, string][] {
  const assigned = dump.referring("attribute.assignedvariantattribute", "variant", variantId);
  const values = assigned.flatMap(({ id }) => bySortOrder(dump.referring("attribute.assignedvariantattributevalue", "assignment", id)));
  return attributesOf(
    dump,
    values.map(({ fields }) => fields.value),
  );
}

const productAttributes = (dump: Dump, productId: string): [string, string][] =>
  attributesOf(
    dump,
    bySortOrder(dump.referring("attribute.assignedproductattributevalue", "product", productId)).map(({ fields }) => fields.value),
  );

const itemCodeOf = ({ id, fields }: Row): string => text(fields.sku) ?? id;

/** What tells a variant from the others: its own name, else its attributes, else its code. null where it is the only one and unnamed. */
function variantName(row: Row, attributes: readonly [string, string][], isOnly: boolean): string | null | Refusal {
  const stated = text(row.fields.name);
  if (stated !== null && !UNNAMED.test(stated)) return readName(stated);
  if (isOnly) return null;
  return readName(attributes.map(([, value]) => value).join(" / ") || itemCodeOf(row));
}

interface Reading {
  dump: Dump;
  channel: string | null;
  context: ProviderContext;
}

function readVariant(
  { dump, channel, context }: Reading,
  row: Row,
  product: readonly [string, string][],
  isOnly: boolean,
): CanonicalVariant | Refusal {
  const refusal = keyRefusal("sku", itemCodeOf(row), "ITEM_CODE_INVALID");
  if (refusal !== null) return refusal;
  const own = variantAttributes(dump, row.id);
  const name = variantName(row, own, isOnly);
  if (isRefusal(name)) return name;
  const listings = dump.referring("product.productvariantchannellisting", "variant", row.id);
  const listing = listings.find(({ fields }) => statedId(fields.channel) === channel)?.fields;
  const amount = String(listing?.price_amount ?? "").slice(0, 100);
  const currency = text(listing?.currency) ?? context.currency;
  const price = amount === "" ? null : readAmount(amount, currency, "major", PRICES);
  if (isRefusal(price)) return price;
  return {
    position: row.position,
    external_id: row.id,
    item_code: itemCodeOf(row),
    name,
    barcode: null,
    base_price_minor: price,
    currency: price === null ? null : currency,
    // Without a price in the channel it is not sold there.
    is_active: price !== null || dump.of("product.productvariantchannellisting").length === 0,
    attributes: Object.fromEntries([...product, ...own]),
    bundle: [],
  };
}

/** The plain text that newer dumps have, else that of the editor's blocks. */
function descriptionOf({ description, description_plaintext }: Json): string {
  const plain = text(description_plaintext) ?? text(description);
  return (
    plain ??
    list(record(description).blocks)
      .flatMap((block) => text(record(record(block).data).text) ?? [])
      .join(" ")
  );
}

function imageOf({ dump, context }: Reading, productId: string): string | null {
  const media = [
    ...dump.referring("product.productmedia", "product", productId),
    ...dump.referring("product.productimage", "product", productId),
  ];
  const images = bySortOrder(media.filter(({ fields }) => fields.type === undefined || fields.type === "IMAGE"));
  return (
    images.flatMap(({ fields }) => imageAddress(text(fields.external_url) ?? text(fields.image) ?? "", context.image_base_url) ?? [])[0] ??
    null
  );
}

function readProduct(
  reading: Reading,
  row: Row,
  variants: readonly Row[],
  categories: ReadonlySet<string>,
): Omit<CanonicalProduct, "variants"> | Refusal {
  const { dump, channel } = reading;
  const name = readName(row.fields.name);
  if (isRefusal(name)) return name;
  const description = descriptionOf(row.fields);
  if (description.length > DESCRIPTION_LIMIT) {
    return { reason: "DESCRIPTION_INVALID", message: `description must have at most ${DESCRIPTION_LIMIT} characters.` };
  }
  const listings = dump.referring("product.productchannellisting", "product", row.id);
  const listing = listings.find(({ fields }) => statedId(fields.channel) === channel)?.fields;
  const collections = dump
    .referring("product.collectionproduct", "product", row.id)
    .map(({ fields }) => `collection:${statedId(fields.collection)}`);
  const times = [row, ...variants].flatMap(({ fields }) => statedTime(fields.updated_at) ?? []);
  return {
    external_id: row.id,
    name,
    description: plainText(description) || null,
    category_external_ids: [`category:${statedId(row.fields.category)}`, ...collections].filter((id) => categories.has(id)),
    image_url: imageOf(reading, row.id),
    is_active: listing?.is_published === true || dump.of("product.productchannellisting").length === 0,
    tags: [],
    allergens: [],
    tax_rate_e4: null,
    modifier_groups: [],
    provider_version: times.length > 0 ? Math.max(...times) : null,
  };
}

const NOTHING_TO_SELL: Refusal = { reason: "VARIANTS_MISSING", message: "A product needs at least one variant to be sold." };

function mapProduct(rows: CanonicalRows, reading: Reading, row: Row, categories: ReadonlySet<string>): void {
  const { dump } = reading;
  const variants = bySortOrder(dump.referring("product.productvariant", "product", row.id));
  const product = rows.productRefusal(row.position, row.id) ?? readProduct(reading, row, variants, categories);
  const problem = isRefusal(product) ? product : variants.length === 0 ? NOTHING_TO_SELL : null;
  if (problem !== null || isRefusal(product)) {
    const places = variants.map((variant) => ({ position: variant.position, item_code: itemCodeOf(variant) }));
    rows.refuseProduct(row.position, places, problem ?? NOTHING_TO_SELL);
    return;
  }
  const attributes = productAttributes(dump, row.id);
  const taken = variants.flatMap((variant): CanonicalVariant[] => {
    const read = readVariant(reading, variant, attributes, variants.length === 1);
    if (!isRefusal(read)) return [read];
    rows.refuse({ position: variant.position, item_code: itemCodeOf(variant) }, read);
    return [];
  });
  rows.addProduct(row.position, product, taken);
  const tracked = new Set(taken.map(({ external_id }) => external_id));
  for (const variant of variants.filter(({ id, fields }) => tracked.has(id) && fields.track_inventory !== false))
    addStock(rows, dump, variant);
}

function addStock(rows: CanonicalRows, dump: Dump, variant: Row): void {
  for (const { fields, position } of dump.referring("warehouse.stock", "product_variant", variant.id)) {
    const quantity = integer(fields.quantity);
    const quantity_e4 = quantity === null ? null : quantityToE4(quantity);
    const location = statedId(fields.warehouse);
    if (quantity_e4 === null) continue;
    rows.addStock({ position, variant_external_id: variant.id, location_external_id: location, quantity_e4, counted_at_ms: null });
  }
}

/**
 * A dump of Saleor's tables, as docs/providers/saleor.md describes it. Prices are those of the channel that sells in the source system's
 * currency. Throws `AppError("PAYLOAD_UNREADABLE")` where the payload holds no products.
 */
export function* mapSaleor(payload: unknown, context: ProviderContext): Steps<CanonicalCatalog> {
  const dump = readDump(payload);
  const rows = canonicalRows();
  const categories = mapCategories(rows, dump);
  const reading = { dump, channel: channelOf(dump, context.currency), context };
  yield* inSteps(dump.of("product.product"), (row) => mapProduct(rows, reading, row, categories));
  for (const { id, position, fields } of dump.of("product.productvariant")) {
    if (dump.row("product.product", fields.product)) continue;
    const message = `Its product "${statedId(fields.product) ?? ""}" is not in this payload; send the product with its variants.`;
    rows.refuse({ position, item_code: text(fields.sku) ?? id }, { reason: "PRODUCT_UNKNOWN", message });
  }
  return rows.catalog;
}
