import { AppError } from "../../../kernel/errors.ts";
import { inSteps, type Steps } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, CanonicalProduct, CanonicalVariant, ProviderContext } from "../canonical.ts";
import { type CanonicalRows, canonicalRows, DESCRIPTION_LIMIT, imageAddress, isUsableKey, type Refusal } from "./canonical-rows.ts";
import { type CategoryTree, categoryTree } from "./category-tree.ts";
import { readAmount, readStock, readTaxRate } from "./csv-number.ts";
import { readYesNo, slug } from "./csv-rows.ts";
import { normaliseAllergens, normaliseTags } from "./food-labels.ts";
import { type JsonSettings, type RecordText, recordText, valuesAt } from "./json-fields.ts";
import { mapOptions, type OptionGroups } from "./json-options.ts";
import { type JsonPreset, withJsonPreset } from "./json-presets.ts";
import { cleanText, plainText } from "./plain-text.ts";
import { type Provider, parseJson } from "./provider.ts";
import { idRefusal, isObject, isRefusal, type Json, keyRefusal, readName } from "./stated-values.ts";

const PLAIN = { decimal_mark: ".", is_declared: true } as const;

/** Records of a shape that no provider of its own knows, as docs/providers/json.md describes them. */
export const jsonRecordsProvider: Provider = {
  content_types: ["application/json"],
  *read(bytes, context, settings) {
    return { catalog: yield* mapRecords(parseJson(bytes), context, settings), table: null };
  },
};

/** What all records of a payload are read with. */
interface Reading {
  rows: CanonicalRows;
  categories: CategoryTree;
  options: OptionGroups;
  context: ProviderContext;
  settings: JsonPreset;
}

/**
 * One product with one variant for each record. Throws `AppError("PAYLOAD_UNREADABLE")` where the settings find no list, or no record in it
 * has a name where they say it is.
 */
export function* mapRecords(payload: unknown, context: ProviderContext, stated: JsonSettings): Steps<CanonicalCatalog> {
  const settings = withJsonPreset(stated);
  const found = listedRecords(payload, settings);
  const rows = canonicalRows();
  const categories = categoryTree(rows);
  const { category_records: tree } = settings;
  if (tree !== undefined && isObject(payload)) {
    yield* inSteps(valuesAt(payload, tree.records), (one, index) => takeCategory(categories, one, tree, `${tree.records}[${index}]`));
  }
  const options = mapOptions(rows, payload, settings.options, context, settings.price_unit);
  const reading: Reading = { rows, categories, options, context, settings };
  yield* inSteps(found.records, (record, index) => mapRecord(reading, record, `${found.place}[${index}]`));
  return rows.catalog;
}

function listedRecords(payload: unknown, settings: JsonPreset): { records: unknown[]; place: string } {
  const place = Array.isArray(payload) ? "" : (settings.records ?? "");
  const records =
    place === "" ? payload : place.split(".").reduce<unknown>((value, name) => (isObject(value) ? value[name] : null), payload);
  const unreadable = (detail: string) => new AppError("PAYLOAD_UNREADABLE", { detail });
  if (!Array.isArray(records)) {
    throw unreadable(`Expected a list of records${place === "" ? "; settings.records says where another list is" : ` at "${place}"`}.`);
  }
  const isNamed = (value: unknown): boolean => isObject(value) && recordText(value, settings.fields).one("name") !== "";
  if (records.length > 0 && !records.some(isNamed)) throw unreadable("No record has a name where settings.fields says it is.");
  return { records, place };
}

function takeCategory(categories: CategoryTree, value: unknown, tree: { path: string }, position: string): void {
  const path = valuesAt(value, tree.path).flatMap((name) => (typeof name === "string" ? (cleanText(name) ? [cleanText(name)] : []) : []));
  if (path.length > 0 && categories.isUsable(path)) categories.add(position, path);
}

function mapRecord(reading: Reading, value: unknown, position: string): void {
  const { rows, settings } = reading;
  const record: Json = isObject(value) ? value : {};
  const text = recordText(record, settings.fields);
  const id = text.one("id") || keyOf(text, settings.key) || text.one("item_code") || null;
  const itemCode = text.one("item_code") || id;
  const place = { position, item_code: itemCode !== null && isUsableKey(itemCode) ? itemCode : null };
  const refusal = idRefusal(id) ?? rows.productRefusal(position, id ?? "");
  if (refusal !== null || id === null || itemCode === null) {
    rows.refuse(place, refusal ?? { reason: "ID_MISSING", message: "id must not be empty." });
    return;
  }
  const variant = readVariant(reading, text, { position, external_id: id, item_code: itemCode });
  const product = isRefusal(variant) ? variant : readProduct(reading, text, id, variant.is_active);
  const stock = text.one("stock") === "" ? null : readStock(text.one("stock").slice(0, 100), PLAIN);
  const link = reading.options.linksOf(record);
  const problem = [variant, product, stock, link].find(isRefusal);
  if (problem !== undefined || isRefusal(variant) || isRefusal(product) || isRefusal(link)) {
    if (problem !== undefined) rows.refuse(place, problem);
    return;
  }
  const category_external_ids = product.paths.map((path) => reading.categories.add(position, path));
  const { paths: _, ...canonical } = product;
  rows.addProduct(position, { ...canonical, category_external_ids: [...new Set(category_external_ids)], modifier_groups: link }, [variant]);
  if (typeof stock === "number") {
    rows.addStock({ position, variant_external_id: id, location_external_id: null, quantity_e4: stock, counted_at_ms: null });
  }
}

/** An address counts by its file's name, so that images which move to another host make nothing new. */
const keyPart = (part: string): string =>
  /^https?:\/\//i.test(part) ? (/([^/?#]+?)(?:\.\w+)?(?:[?#].*)?$/.exec(part)?.[1] ?? part) : part;

/** `&` and `+` tell things apart. */
const keyOf = (text: RecordText, key: readonly string[] = []): string =>
  slug(
    key
      .map((path) => keyPart(cleanText(text.at(path)[0] ?? "")))
      .join(" ")
      .replaceAll("&", " and ")
      .replaceAll("+", " plus "),
  );

type Keys = Pick<CanonicalVariant, "position" | "external_id" | "item_code">;

function readVariant({ context, settings }: Reading, text: RecordText, keys: Keys): CanonicalVariant | Refusal {
  const barcode = text.one("barcode") || null;
  const refusal = keyRefusal("item_code", keys.item_code, "ITEM_CODE_INVALID") ?? keyRefusal("barcode", barcode, "BARCODE_INVALID");
  if (refusal !== null) return refusal;
  const active = text.one("active");
  const isActive = active === "" ? true : readYesNo(active);
  if (isActive === null) {
    return {
      reason: "ACTIVE_INVALID",
      message: `active "${active.slice(0, 100)}" must be true or false, or a usual word for one of them.`,
    };
  }
  const currency = text.one("currency").toUpperCase() || context.currency;
  const amount = text.one("price").slice(0, 100);
  const price = amount === "" ? null : readAmount(amount, currency, settings.price_unit, PLAIN);
  if (isRefusal(price)) return price;
  const attributes = Object.entries(settings.attributes ?? {}).flatMap(([name, path]): [string, string][] => {
    const stated = cleanText(text.at(path).join(", "));
    return stated === "" ? [] : [[name, stated]];
  });
  return {
    ...keys,
    name: null,
    barcode,
    base_price_minor: price,
    currency: price === null ? null : currency,
    is_active: isActive,
    attributes: Object.fromEntries(attributes),
    bundle: [],
  };
}

type ProductReading = Omit<CanonicalProduct, "variants" | "category_external_ids" | "modifier_groups"> & { paths: string[][] };

function readProduct({ categories, settings }: Reading, text: RecordText, id: string, isActive: boolean): ProductReading | Refusal {
  const name = readName(text.one("name"));
  if (isRefusal(name)) return name;
  const description = text.one("description");
  if (description.length > DESCRIPTION_LIMIT) {
    return { reason: "DESCRIPTION_INVALID", message: `description must have at most ${DESCRIPTION_LIMIT} characters.` };
  }
  const tax = text.one("tax_rate");
  const taxRate = tax === "" ? null : readTaxRate(tax.slice(0, 100), PLAIN);
  if (isRefusal(taxRate)) return taxRate;
  const labels = (field: "tags" | "allergens"): string[] =>
    text
      .all(field)
      .flatMap((one) => (one.is_listed ? [one.text] : one.text.split(/[,;|]/)).map((label) => withoutLanguage(label, settings)));
  const paths = categoryPaths(text, settings);
  if (!paths.every((path) => categories.isUsable(path))) {
    return { reason: "CATEGORY_INVALID", message: "category must have at most 255 characters." };
  }
  return {
    external_id: id,
    name,
    description: plainText(description) || null,
    paths,
    image_url: text.all("image").flatMap((image) => imageAddress(image.text, settings.image_base_url) ?? [])[0] ?? null,
    is_active: isActive,
    tags: normaliseTags(labels("tags")),
    allergens: normaliseAllergens(labels("allergens")),
    tax_rate_e4: taxRate,
    provider_version: null,
  };
}

const withoutLanguage = (label: string, { labels }: JsonSettings): string =>
  labels === "language_slug" ? label.trim().replace(/^[a-z]{2,3}:/, "") : label;

function categoryPaths(text: RecordText, settings: JsonSettings): string[][] {
  const separator = settings.category_separator ?? /[|;]/;
  const names = text
    .all("category")
    .flatMap((one) => (one.is_listed ? [one.text] : one.text.split(separator)))
    .map((name) => cleanText(withoutLanguage(name, settings)))
    .filter((name) => name !== "");
  if (settings.categories_are === "path") return names.length > 0 ? [names] : [];
  return names.map((name) => [name]);
}
