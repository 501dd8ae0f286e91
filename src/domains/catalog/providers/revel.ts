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
  type RowPlace,
} from "./canonical-rows.ts";
import { readTaxRate } from "./csv-number.ts";
import { cleanText, plainText } from "./plain-text.ts";
import { bySort, isOn, mapCombo, mapModifierClasses, modifierLinks, type Sellable, usesByProduct } from "./revel-groups.ts";
import { type Resource, type RevelPayload, readRevel, refId } from "./revel-resources.ts";
import { readMajorPrice, statedFlag, statedQuantity } from "./stated-amounts.ts";
import { idRefusal, isObject, isRefusal, type Json, keyRefusal, list, readName, record, statedId, text } from "./stated-values.ts";

const PERCENT = { decimal_mark: ".", is_declared: true } as const;

/** Categories with their parents; one that is switched off is left out. A product may carry its category whole. */
function mapCategories(rows: CanonicalRows, payload: RevelPayload): Set<string> {
  const stated = payload.of("productcategory");
  const inside = payload.of("product").flatMap(({ value, position }): Resource[] => {
    const id = isObject(value.category) ? refId(value.category) : null;
    const isStated = id !== null && (payload.resolve("productcategory", id) !== undefined || text(record(value.category).name) === null);
    return id === null || isStated ? [] : [{ id, value: record(value.category), position: `${position}.category` }];
  });
  const carried = [...new Map(inside.toReversed().map((one) => [one.id, one])).values()].toReversed();
  const all = [...bySort(stated), ...carried];
  const cyclic = idsOnCycles(new Map(all.flatMap(({ id, value }) => (id === null ? [] : [[id, refId(value.parent)]]))));
  const off = new Set<string>();
  for (const { id, value, position } of all) {
    if (!isOn(value.active)) {
      if (id !== null) off.add(id);
      continue;
    }
    const name = readName(value.name);
    const refusal = idRefusal(id) ?? (isRefusal(name) ? name : null);
    if (refusal !== null || id === null || isRefusal(name)) {
      if (refusal !== null) rows.refuse({ position, item_code: null }, refusal);
      continue;
    }
    const parent = cyclic.has(id) ? null : refId(value.parent);
    rows.addCategory(position, { external_id: id, name, parent_external_id: parent, position: rows.catalog.categories.length });
  }
  const taken = new Set(rows.catalog.categories.map(({ external_id }) => external_id));
  for (const category of rows.catalog.categories) {
    if (category.parent_external_id !== null && !taken.has(category.parent_external_id)) category.parent_external_id = null;
  }
  return off;
}

/** A matrix parent with its sizes, or a product by itself. */
interface Matrix {
  parent: Resource;
  children: Resource[];
}

/** Children by `attribute_parent`; one whose parent the payload does not hold stands by itself. */
function matrices(payload: RevelPayload): Matrix[] {
  const products = payload.of("product");
  const parentOf = (product: Resource): Resource | null => {
    const stated = refId(product.value.attribute_parent);
    const parent = stated === null || stated === product.id ? undefined : payload.resolve("product", stated);
    return parent === undefined || refId(parent.value.attribute_parent) !== null ? null : parent;
  };
  const childrenOf = Map.groupBy(products, parentOf);
  return products.flatMap((parent) => (parentOf(parent) === null ? [{ parent, children: bySort(childrenOf.get(parent) ?? []) }] : []));
}

const itemCodeOf = ({ id, value }: Resource): string | null => statedId(value.sku) ?? statedId(value.barcode) ?? id;

const placeOf = (product: Resource): RowPlace => ({ position: product.position, item_code: itemCodeOf(product) });

const isSold = (value: Json): boolean => isOn(value.active) && isOn(value.display_online) && statedFlag(value.deleted) !== true;

/** Percent of a Tax: a number, or rates of which the one without an end holds. */
function readTax(value: Json): number | null | Refusal {
  const rates = Array.isArray(value.tax_rate) ? value.tax_rate.map(record) : [];
  const holding = rates.findLast(({ effective_to }) => effective_to === null || effective_to === undefined) ?? rates.at(-1);
  const stated = holding?.tax_rate ?? (Array.isArray(value.tax_rate) ? null : value.tax_rate) ?? value.fiscal_rate;
  if (stated === null || stated === undefined || stated === "") return null;
  const percent = typeof stated === "number" ? String(stated) : (text(stated) ?? "");
  return readTaxRate(percent.slice(0, 50), PERCENT);
}

/** The product's rate; `"unresolved"` where it names a tax that the payload does not hold. */
function taxOf(payload: RevelPayload, value: Json): number | null | "unresolved" | Refusal {
  const reference = value.tax ?? value.tax_class;
  if (refId(reference) === null && !isObject(reference)) return readTax({ tax_rate: value.tax_rate });
  const tax = payload.resolve("tax", reference);
  return tax === undefined ? "unresolved" : readTax(tax.value);
}

function nameOfValue(payload: RevelPayload, kind: "attribute" | "attributevalue", reference: unknown): string | null {
  const known = payload.resolve(kind, reference);
  if (known !== undefined) return text(known.value.name);
  const stated = text(reference);
  return stated === null || stated.includes("/") || /^\d+$/.test(stated) ? null : stated;
}

/** What tells a size from the others, by the attributes that the payload names. */
function attributesOf(payload: RevelPayload, value: Json): [string, string][] {
  return ["1", "2"].flatMap((number): [string, string][] => {
    const chosen = nameOfValue(payload, "attributevalue", value[`attribute_value_${number}`]);
    const attribute = nameOfValue(payload, "attribute", value[`attribute_${number}`]);
    return chosen === null ? [] : [[cleanText(attribute ?? `Attribute ${number}`), cleanText(chosen)]];
  });
}

/** Its attributes, else what its name says beyond its parent's. */
function variantName(parent: Resource, child: Resource, attributes: readonly [string, string][]): string | Refusal {
  if (attributes.length > 0) return readName(attributes.map(([, chosen]) => chosen).join(" / "));
  const name = readName(child.value.name);
  const whole = readName(parent.value.name);
  if (isRefusal(name) || isRefusal(whole) || !name.startsWith(whole)) return name;
  return name.slice(whole.length).replace(/^[\s\-–—/,:(|]+|[\s)]+$/gu, "") || name;
}

interface Reading {
  rows: CanonicalRows;
  payload: RevelPayload;
  currency: string;
  uses: ReturnType<typeof usesByProduct>;
  /** Categories that are switched off. */
  off: ReadonlySet<string>;
  sellables: (productId: string) => readonly Sellable[];
  setsOf: (product: Resource) => readonly Resource[];
}

function readVariant(reading: Reading, matrix: Matrix, product: Resource, bundle: CanonicalVariant["bundle"]): CanonicalVariant | Refusal {
  const { payload, currency } = reading;
  const { id, value, position } = product;
  const itemCode = itemCodeOf(product);
  const barcode = statedId(value.barcode);
  const refusal = idRefusal(id) ?? keyRefusal("sku", itemCode, "ITEM_CODE_INVALID") ?? keyRefusal("barcode", barcode, "BARCODE_INVALID");
  if (refusal !== null || id === null || itemCode === null) return refusal ?? { reason: "ID_MISSING", message: "id must not be empty." };
  const own = readMajorPrice(value.price, currency);
  const price = own === null ? readMajorPrice(matrix.parent.value.price, currency) : own;
  if (isRefusal(price)) return price;
  const attributes = attributesOf(payload, value);
  const name = matrix.children.length > 1 ? variantName(matrix.parent, product, attributes) : null;
  if (isRefusal(name)) return name;
  return {
    position,
    external_id: id,
    item_code: itemCode,
    name,
    barcode,
    base_price_minor: price,
    currency: price === null ? null : currency,
    is_active: product === matrix.parent || isSold(value),
    attributes: Object.fromEntries(attributes),
    bundle,
  };
}

function readProduct({ rows, payload, uses, off }: Reading, { parent, children }: Matrix): Omit<CanonicalProduct, "variants"> | Refusal {
  const { id, value } = parent;
  const invalidId = idRefusal(id);
  if (invalidId !== null || id === null) return invalidId ?? { reason: "ID_MISSING", message: "id must not be empty." };
  const name = readName(value.name);
  if (isRefusal(name)) return name;
  const description = text(value.description) ?? "";
  if (description.length > DESCRIPTION_LIMIT) {
    return { reason: "DESCRIPTION_INVALID", message: `description must have at most ${DESCRIPTION_LIMIT} characters.` };
  }
  const tax = taxOf(payload, value);
  if (isRefusal(tax)) return tax;
  const links = modifierLinks(
    rows,
    payload,
    uses,
    id,
    children.flatMap((child) => child.id ?? []),
  );
  if (isRefusal(links)) return links;
  const category = refId(value.category);
  return {
    external_id: id,
    name,
    description: plainText(description) || null,
    category_external_ids: category !== null && isUsableKey(category) && !off.has(category) ? [category] : [],
    image_url: absoluteHttpUrl(text(value.image) ?? ""),
    is_active: isSold(value),
    tags: [],
    allergens: [],
    tax_rate_e4: tax === "unresolved" ? null : tax,
    modifier_groups: links,
    provider_version: null,
  };
}

function mapMatrix(reading: Reading, matrix: Matrix): void {
  const { rows, payload, currency } = reading;
  const { parent, children } = matrix;
  const sold = children.length > 0 ? children : [parent];
  const duplicate = parent.id === null ? null : rows.productRefusal(parent.position, parent.id);
  const product = duplicate ?? readProduct(reading, matrix);
  const combo = isRefusal(product) ? product : mapCombo(rows, payload, parent, reading.setsOf(parent), reading.sellables, currency);
  if (isRefusal(product) || isRefusal(combo)) {
    rows.refuseProduct(parent.position, sold.map(placeOf), isRefusal(combo) ? combo : (product as Refusal));
    return;
  }
  const variants = sold.flatMap((one): CanonicalVariant[] => {
    const variant = readVariant(reading, matrix, one, combo.parts);
    if (!isRefusal(variant)) return [variant];
    rows.refuse(placeOf(one), variant);
    return [];
  });
  const links = new Map([...product.modifier_groups, ...combo.links].map((link) => [link.external_id, link]));
  const unresolved: CanonicalProduct["unresolved"] = [
    ...(taxOf(payload, parent.value) === "unresolved" ? (["tax_rate_e4"] as const) : []),
    // A payload without any use of a class does not say that nothing is used.
    ...(links.size === 0 && payload.of("productmodifierclass").length === 0 ? (["modifier_groups"] as const) : []),
  ];
  const whole = { ...product, modifier_groups: [...links.values()], ...(unresolved.length > 0 ? { unresolved } : {}) };
  rows.addProduct(parent.position, whole, variants);
}

/** Counts of products and sizes, each at its establishment. A parent of sizes has none of its own. */
function mapInventory(rows: CanonicalRows, payload: RevelPayload, parents: ReadonlySet<string | null>): void {
  for (const { value, position } of payload.of("inventory")) {
    const id = refId(value.product);
    const quantity = statedQuantity(value.quantity_in_hand ?? value.quantity ?? value.theoretical_ending_inventory);
    if (id === null || quantity === null || parents.has(id) || !isOn(value.active)) continue;
    const location_external_id = refId(value.establishment);
    rows.addStock({ position, variant_external_id: id, location_external_id, quantity_e4: quantity, counted_at_ms: null });
  }
}

/**
 * Resources of Revel, as docs/providers/revel.md describes them. Prices are numbers or text in major units of the source system's currency.
 * Throws `AppError("PAYLOAD_UNREADABLE")` where the payload holds none that is read here.
 */
export function* mapRevel(source: unknown, { currency }: ProviderContext): Steps<CanonicalCatalog> {
  const payload = readRevel(source);
  const rows = canonicalRows();
  for (const position of payload.strays) {
    rows.refuse({ position, item_code: null }, { reason: "ROW_INVALID", message: 'It is of no resource: it has no "resource_uri".' });
  }
  const all = matrices(payload);
  const sellable = (product: Resource): Sellable[] => {
    const code = itemCodeOf(product);
    return product.id === null || code === null || !isUsableKey(code)
      ? []
      : [{ id: product.id, item_code: code, name: product.value.name }];
  };
  const byProduct = new Map(all.map(({ parent, children }) => [parent.id, (children.length > 0 ? children : [parent]).flatMap(sellable)]));
  for (const { children } of all) for (const child of children) byProduct.set(child.id, sellable(child));
  // Which side names the other is not known: both are read.
  const setsByProduct = Map.groupBy(payload.of("comboproductset"), ({ value }) =>
    refId(value.combo ?? value.combo_product ?? value.product),
  );
  const reading: Reading = {
    rows,
    payload,
    currency,
    uses: usesByProduct(payload),
    off: mapCategories(rows, payload),
    sellables: (productId) => byProduct.get(productId) ?? [],
    setsOf: (product) => {
      const named = list(product.value.combo_productsets ?? product.value.combo_product_sets);
      const sets = [...named.flatMap((set) => payload.resolve("comboproductset", set) ?? []), ...(setsByProduct.get(product.id) ?? [])];
      return product.id === null ? [] : [...new Map(sets.map((set, index) => [set.id ?? String(-index), set])).values()];
    },
  };
  mapModifierClasses(rows, payload, currency);
  yield* inSteps(all, (matrix) => mapMatrix(reading, matrix));
  settleBundles(rows, "earlier");
  mapInventory(rows, payload, new Set(all.flatMap(({ parent, children }) => (children.length > 0 ? [parent.id] : []))));
  return rows.catalog;
}
