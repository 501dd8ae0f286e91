import { z } from "zod";
import { AppError } from "../../kernel/errors.ts";
import { CurrencyCode, Id } from "../../platform/http/fields.ts";
import { CSV_FIELDS } from "./providers/csv-columns.ts";
import { CSV_PRESET_NAMES } from "./providers/csv-presets.ts";
import { DELIMITERS } from "./providers/csv-table.ts";
import { JSON_FIELD_NAMES } from "./providers/json-fields.ts";
import { JSON_PRESET_NAMES } from "./providers/json-presets.ts";

const id = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11";
const short = (max: number) => z.string().trim().min(1, "must not be empty").max(max, `must be at most ${max} characters`);
const ColumnHeader = short(255);
const ColumnField = z.enum([...CSV_FIELDS, "ignore"]);
const Path = short(255);
const Paths = z.union([Path, z.array(Path).max(20, "must be at most 20 paths")]);

const PRESETS: Record<string, readonly string[]> = { csv: CSV_PRESET_NAMES, json: JSON_PRESET_NAMES };

/** What a source system may be told about what it sends; each provider reads what concerns it. */
export const settings = {
  currency: CurrencyCode.optional().meta({ description: "Of rows that name none. Default: the tenant's" }),
  on_missing: z
    .enum(["keep", "hide"])
    .optional()
    .meta({ description: "What becomes of variants that a payload no longer has. Default: keep. `hide` expects whole catalogues" }),
  preset: z
    .enum([...CSV_PRESET_NAMES, ...JSON_PRESET_NAMES])
    .optional()
    .meta({ description: "What is known of a table's or a document's origin; what is stated beside it wins" }),
  price_unit: z.enum(["major", "minor"]).optional().meta({ description: "Of a csv or json source. Default: major" }),
  image_base_url: z
    .url({ protocol: /^https?$/, error: "must be an http(s) address" })
    .max(1_024)
    .optional()
    .meta({ description: "Where images lie of which a csv or json source has only file names", example: "https://images.example/" }),
  decimal_mark: z
    .enum([".", ","])
    .optional()
    .meta({ description: "Of a table's numbers. Default: a point, and a price that would be another one with a comma is refused" }),
  delimiter: z.enum(DELIMITERS).optional().meta({ description: "Of a table. Default: the one that fits its header" }),
  location_id: Id.optional().meta({
    description: "Where the stock lies that a payload states; without it, only that of places in `locations` is taken",
  }),
  locations: z
    .record(z.string().min(1).max(255), Id)
    .optional()
    .meta({ description: "Our locations, by what the provider calls them", example: { "18YC4JDH91E1H": id } }),
  columns: z
    .record(ColumnHeader, ColumnField)
    .optional()
    .meta({
      description: "What a table's columns are, by their headers, where it does not show; `ignore` for nothing",
      example: { Harga: "price" },
    }),
  price_separator: short(3)
    .optional()
    .meta({ description: "A table's price cell lists prices, each after its currency: `EUR 1999;USD 2399`" }),
  nameless_rows: z
    .enum(["product_above"])
    .optional()
    .meta({ description: "A table's row without name, handle and id is one more variant of the product above" }),
  first_row: z.enum(["product"]).optional().meta({ description: "The first of a product's rows is no variant, where it has no option" }),
  repeated_rows: z
    .enum(["join"])
    .optional()
    .meta({ description: "A variant's further rows add categories, locations and prices. Default: they are refused" }),
  option_separator: short(3).optional().meta({ description: "A table's option cells hold lists" }),
  option_units: z
    .record(ColumnHeader, short(20))
    .optional()
    .meta({ description: "What the values of an option's column are counted in", example: { weight: "g" } }),
  records: Path.optional().meta({
    description: "Where a json source's list of records is. Default: the document is the list",
    example: "data.items",
  }),
  fields: z
    .partialRecord(z.enum(JSON_FIELD_NAMES), Paths)
    .optional()
    .meta({ description: "Where a json record's fields are, as paths with dots", example: { name: "title.en" } }),
  key: z
    .array(Path)
    .max(5, "must be at most 5 paths")
    .optional()
    .meta({ description: "What makes a json record the same again where it has no id", example: ["name"] }),
  attributes: z
    .record(short(100), Path)
    .optional()
    .meta({ description: "Further fields of a json record to keep, by what they are called", example: { Brand: "brand.name" } }),
  categories_are: z
    .enum(["path", "several"])
    .optional()
    .meta({ description: "Whether a json record's categories are one path from broad to narrow. Default: several" }),
  category_separator: short(3)
    .optional()
    .meta({ description: "What parts categories within one text of a json record. Default: `|` or `;`" }),
  labels: z.enum(["plain", "language_slug"]).optional().meta({ description: "`language_slug`: a json record's `en:milk` is milk" }),
  signature_header: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, "must be a header's name in small letters")
    .optional()
    .meta({ description: "Where the provider puts the signature of a notification, if not where it usually does" }),
};

/** The same to be changed: null takes away what has no other way back to its default. */
export const changedSettings = {
  ...settings,
  preset: settings.preset.nullable(),
  image_base_url: settings.image_base_url.nullable(),
  delimiter: settings.delimiter.nullable(),
  price_separator: settings.price_separator.nullable(),
  nameless_rows: settings.nameless_rows.nullable(),
  first_row: settings.first_row.nullable(),
  repeated_rows: settings.repeated_rows.nullable(),
  option_separator: settings.option_separator.nullable(),
  option_units: settings.option_units.nullable(),
  records: settings.records.nullable(),
  fields: settings.fields.nullable(),
  key: settings.key.nullable(),
  attributes: settings.attributes.nullable(),
  category_separator: settings.category_separator.nullable(),
  location_id: settings.location_id.nullable(),
  locations: z
    .record(z.string().min(1).max(255), Id.nullable())
    .optional()
    .meta({ description: "Added to those there are; null takes one away" }),
  columns: z.record(ColumnHeader, ColumnField.nullable()).optional().meta({ description: "Added to those there are; null takes one away" }),
};

/** Throws VALIDATION_FAILED where the preset is another provider's; names those that this one has. */
export function requirePresetOf(provider: string, { preset }: { preset?: string | null | undefined }): void {
  const known = PRESETS[provider] ?? [];
  if (preset === null || preset === undefined || known.includes(preset)) return;
  const presets = known.length === 0 ? "none" : known.map((name) => `"${name}"`).join(", ");
  const message = `must be a preset of provider ${provider}, which has ${presets}`;
  throw new AppError("VALIDATION_FAILED", {
    detail: `body.settings.preset ${message}`,
    errors: [{ path: "body.settings.preset", message }],
  });
}
