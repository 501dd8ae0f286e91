import { isObject, type Json } from "./stated-values.ts";

/** What a record's fields can be, with where they are looked for where the source system does not say. */
export const JSON_FIELDS = {
  id: ["id"],
  item_code: ["item_code", "sku"],
  name: ["name", "title"],
  description: ["description"],
  price: ["price"],
  currency: ["currency"],
  category: ["category", "categories"],
  image: ["image", "image_url", "thumbnail"],
  barcode: ["barcode", "ean", "gtin"],
  active: ["active", "is_active"],
  tags: ["tags"],
  allergens: ["allergens"],
  tax_rate: ["tax_rate"],
  stock: ["stock"],
} as const satisfies Record<string, readonly string[]>;

export type JsonField = keyof typeof JSON_FIELDS;
export const JSON_FIELD_NAMES = Object.keys(JSON_FIELDS) as [JsonField, ...JsonField[]];

/** What a source system may be told about its records. Paths are names with dots between; through a list they go to each of it. */
export interface JsonSettings {
  preset?: string | undefined;
  /** Where the list of records is. Default: the payload is the list. */
  records?: string | undefined;
  /** Where a field is; of several the first that is filled, for `category`, `tags` and `allergens` all. */
  fields?: Partial<Record<JsonField, string | readonly string[] | undefined>> | undefined;
  /** What makes a record the same again where it has no id. */
  key?: readonly string[] | undefined;
  attributes?: Record<string, string> | undefined;
  /** Whether a record's categories are one path from broad to narrow. Default: several. */
  categories_are?: "path" | "several" | undefined;
  /** What parts categories within one text. Default: `|` or `;`. */
  category_separator?: string | undefined;
  /** "language_slug": `en:milk` is milk. */
  labels?: "plain" | "language_slug" | undefined;
  /** Default: "major". */
  price_unit?: "major" | "minor" | undefined;
  image_base_url?: string | undefined;
}

/** What lies at the path, through every list on the way; nothing for what is null or not there. */
export function valuesAt(value: unknown, path: string): unknown[] {
  return path
    .split(".")
    .filter((name) => name !== "")
    .reduce<unknown[]>(
      (found, name) => found.flatMap((one) => (isObject(one) && Object.hasOwn(one, name) ? [one[name]].flat() : [])),
      [value].flat(),
    )
    .filter((one) => one !== null && one !== undefined);
}

/** Text, a number or a truth value as trimmed text; null for what is none or empty. 4.3500000000000005 was 4.35 before somebody counted in binary. */
function statedText(value: unknown): string | null {
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(15)));
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return null;
  return String(value).trim() || null;
}

/** One record's fields as text. */
export interface RecordText {
  /** The first that is filled; "" where none is. */
  one(field: JsonField): string;
  /** All that are filled, and whether each is an item of a list. */
  all(field: JsonField): { text: string; is_listed: boolean }[];
  at(path: string): string[];
}

export function recordText(record: Json, fields: JsonSettings["fields"]): RecordText {
  const at = (path: string): string[] => valuesAt(record, path).flatMap((value) => statedText(value) ?? []);
  const pathsOf = (field: JsonField): readonly string[] => [fields?.[field] ?? JSON_FIELDS[field]].flat();
  return {
    at,
    one: (field) => pathsOf(field).flatMap(at)[0] ?? "",
    all: (field) =>
      pathsOf(field).flatMap((path) => {
        const texts = at(path);
        const is_listed = texts.length > 1 || Array.isArray(record[path]);
        return texts.map((text) => ({ text, is_listed }));
      }),
  };
}
