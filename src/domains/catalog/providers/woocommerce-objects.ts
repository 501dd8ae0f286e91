import { AppError } from "../../../kernel/errors.ts";
import { cleanText } from "./plain-text.ts";
import { isObject, type Json, list, record, statedId, text } from "./stated-values.ts";

/** An object of the payload and where it stands. */
export interface Placed {
  value: Json;
  position: string;
}

/** A product with its variations, wherever in the payload they stood. */
export interface WooProduct extends Placed {
  id: string | null;
  /** Removed by the batch whose result the payload is. */
  is_deleted: boolean;
  variations: Placed[];
  /** Ids of variations that the product names and the payload does not hold. */
  absent: Placed[];
}

export interface WooPayload {
  products: WooProduct[];
  /** Variations whose product the payload does not hold. */
  strays: Placed[];
  categories: Placed[];
  /** Entries that are nothing of the kind: what a batch could not do names an id and an error. */
  failures: Placed[];
}

/** Lists may stand in lists as batch results do; deeper than this is nobody's format. */
const DEPTH_LIMIT = 6;
const PRODUCT_FIELDS = ["regular_price", "price", "price_html", "stock_status", "permalink", "date_modified_gmt", "in_stock", "type"];
const VARIATION_FIELDS = ["regular_price", "price", "sku", "stock_status"];
const ENVELOPES = ["products", "product", "create", "update", "delete", "data"];
const CATEGORY_LISTS = ["categories", "product_categories"];

const hasSome = (value: Json, fields: readonly string[]): boolean => fields.some((field) => field in value);

const parentOf = (value: Json): string | null => {
  const id = statedId(value.parent_id) ?? statedId(value.product_id);
  return id === "0" ? null : id;
};

const isVariation = (value: Json): boolean =>
  value.type === "variation" || (parentOf(value) !== null && text(value.name) === null && hasSome(value, VARIATION_FIELDS));

const isProduct = (value: Json): boolean =>
  ("name" in value || "title" in value) && !("display" in value) && hasSome(value, PRODUCT_FIELDS);

const isCategory = (value: Json): boolean => "name" in value && "parent" in value && ("display" in value || "count" in value);

interface Found {
  products: (Placed & { is_deleted: boolean })[];
  variations: (Placed & { parent_id: string | null })[];
  categories: Placed[];
  failures: Placed[];
  /** Whether the payload has the shape of one with products, though it may hold none. */
  is_known: boolean;
}

const at = (position: string, field: string): string => (position === "" ? field : `${position}.${field}`);

/** Takes `values` as variations: a list, or an object of lists by the id of their product. */
function findVariations(found: Found, values: unknown, position: string): void {
  const take = (one: unknown, place: string, parent: string | null): void => {
    if (isObject(one)) found.variations.push({ value: one, position: place, parent_id: parentOf(one) ?? parent });
  };
  for (const [index, one] of list(values).entries()) take(one, `${position}[${index}]`, null);
  for (const [parent, ofOne] of Object.entries(record(values))) {
    for (const [index, one] of list(ofOne).entries()) take(one, `${position}[${JSON.stringify(parent)}][${index}]`, parent);
  }
}

function find(found: Found, value: unknown, position: string, depth: number, isDeleted: boolean): void {
  if (depth > DEPTH_LIMIT) return;
  if (Array.isArray(value)) {
    if (depth > 0 || value.length === 0) found.is_known = true;
    for (const [index, one] of value.entries()) find(found, one, `${position}[${index}]`, depth + 1, isDeleted);
    return;
  }
  const place = position === "" ? "payload" : position;
  const isEnvelope = isObject(value) && hasSome(value, [...ENVELOPES, ...CATEGORY_LISTS, "variations"]);
  if (!isObject(value)) {
    if (depth > 0) found.failures.push({ value: {}, position: place });
    return;
  }
  if (isVariation(value)) {
    found.is_known = true;
    found.variations.push({ value, position: place, parent_id: parentOf(value) });
  } else if (isProduct(value)) {
    found.is_known = true;
    found.products.push({ value, position: place, is_deleted: isDeleted });
  } else if (isCategory(value)) {
    found.categories.push({ value, position: place });
  } else if (depth > 0 && !isEnvelope) {
    found.failures.push({ value, position: place });
  } else {
    for (const field of ENVELOPES) {
      if (value[field] !== undefined) find(found, value[field], at(position, field), depth + 1, isDeleted || field === "delete");
    }
    findVariations(found, value.variations, at(position, "variations"));
    for (const field of CATEGORY_LISTS) {
      for (const [index, one] of list(value[field]).entries()) {
        if (isObject(one)) found.categories.push({ value: one, position: `${at(position, field)}[${index}]` });
      }
    }
  }
}

function unreadable(payload: unknown): AppError {
  const code = text(record(payload).code);
  const answered = code === null ? "" : `WooCommerce answered with ${cleanText(code).slice(0, 100)}. `;
  return new AppError("PAYLOAD_UNREADABLE", {
    detail: `${answered}Expected products of WooCommerce's REST API: a list of products, one of them, {"products": []}, or the result of a batch ({"create": [], "update": [], "delete": []}), with "variations" and "categories" beside them.`,
  });
}

/** Every product with its variations, and the rest. Throws `AppError("PAYLOAD_UNREADABLE")` where there is nothing of the kind. */
export function readWooPayload(payload: unknown): WooPayload {
  const found: Found = { products: [], variations: [], categories: [], failures: [], is_known: false };
  find(found, payload, "", 0, false);
  if (!found.is_known && found.products.length + found.variations.length + found.categories.length === 0) throw unreadable(payload);

  const products = found.products.map((placed): WooProduct => ({ ...placed, id: statedId(placed.value.id), variations: [], absent: [] }));
  const byId = new Map(products.toReversed().map((product) => [product.id, product]));
  const byVariationId = new Map<string, WooProduct>();
  for (const product of products) {
    for (const one of list(product.value.variations)) {
      const id = statedId(one);
      if (id !== null && !byVariationId.has(id)) byVariationId.set(id, product);
    }
  }
  const strays: Placed[] = [];
  const seen = new Set<string | null>();
  for (const { value, position, parent_id } of found.variations) {
    const id = statedId(value.id);
    const product = (parent_id === null ? undefined : byId.get(parent_id)) ?? byVariationId.get(id ?? "");
    if (product === undefined) strays.push({ value, position });
    else product.variations.push({ value, position });
    seen.add(id);
  }
  for (const product of products) {
    for (const [index, one] of list(product.value.variations).entries()) {
      const position = `${product.position}.variations[${index}]`;
      const id = statedId(one);
      if (isObject(one) && !seen.has(statedId(one.id))) product.variations.push({ value: one, position });
      else if (id !== null && !seen.has(id)) product.absent.push({ value: { id }, position });
    }
  }
  return { products, strays, categories: found.categories, failures: found.failures };
}
