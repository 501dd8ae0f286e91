import { AppError } from "../../../kernel/errors.ts";
import { isCurrency } from "../../../kernel/money.ts";
import { type Delimiter, unguardFormula } from "./csv-table.ts";

/**
 * The fields a column can be, and what else their columns are called: case, blanks and punctuation do not matter, and earlier names go
 * before later ones where one table has several. A field that repeats may be numbered: `Option 1 Value`, `category2`.
 */
export const FIELDS = {
  item_code:
    "sku, variant sku, product sku, item sku, code, product code, sku code, article number, article no, item number, item no, stock code, plu",
  product_id: "id, item id",
  handle: "slug, product handle, product slug, url key, permalink, item group id, parent sku",
  variant_id: "variation id",
  name: "title, product name, product title, item name, product, item, menu item, dish",
  description: "body, body html, product description, item description, long description, details, short description",
  price: "base price, unit price, variant price, product price, item price, regular price, retail price, list price, selling price",
  currency: "currency code, price currency",
  category: "categories, product category, product categories, category name, menu category, section, department",
  image:
    "image url, image src, image link, images, product image, main image, photo, photo url, picture, thumbnail, product thumbnail, variant image",
  barcode: "variant barcode, ean, ean 13, variant ean, gtin, gtin 13, variant gtin, upc, upc a, variant upc",
  active: "is active, enabled, is enabled, published, is published, visible, is visible, status, product status",
  tax_rate: "tax, tax percent, tax percentage, vat, vat rate, gst, gst rate",
  tags: "tag, product tags, product tag, labels",
  allergens: "allergen, allergen info",
  option_name: "variant option name",
  option_value: "option, variant option, variant option value, size, colour, color, flavour, flavor",
  variant_name: "variant, variant title, variation, variation name, option title",
  stock:
    "stock on hand, stock quantity, stock level, inventory count, inventory quantity, variant inventory quantity, variant inventory qty",
  stock_tracked: "track inventory, track stock, manage inventory, manage stock, variant manage inventory",
  location: "location id, location name, stock location, warehouse",
  facets: "facet",
} as const satisfies Record<string, string>;

export type CsvField = keyof typeof FIELDS;
export const CSV_FIELDS = Object.keys(FIELDS) as [CsvField, ...CsvField[]];

const REPEATING: ReadonlySet<CsvField> = new Set(["category", "image", "tags", "allergens", "option_name", "option_value"]);

/** What a source system may be told about its tables. */
export interface CsvSettings {
  /** The name of what is known of a shop system's tables; what is stated beside it wins. */
  preset?: string | undefined;
  /** Default: "." */
  decimal_mark?: "." | "," | undefined;
  /** Default: the one by which the header holds the most known columns. */
  delimiter?: Delimiter | undefined;
  /** What a column is, by its header; "ignore" for nothing. */
  columns?: Record<string, CsvField | "ignore"> | undefined;
  /** A preset's columns: taken where they are there and `columns` does not name their field. */
  expected_columns?: Record<string, CsvField | "ignore"> | undefined;
  /** Default: "major". "minor": whole cents, whatever the currency. */
  price_unit?: "major" | "minor" | undefined;
  /** A price cell lists prices, each after its currency: `EUR 1999;US-USD 2399`. */
  price_separator?: string | undefined;
  /** A row without name, handle and id is one more variant of the product above it. Default: it is a product by itself, and lacks a name. */
  nameless_rows?: "product_above" | undefined;
  /** The first of a product's rows that has others with options is no variant. Default: every row is one. */
  first_row?: "product" | undefined;
  /** A further row of one variant adds categories, locations and prices of other currencies. Default: it is refused. */
  repeated_rows?: "join" | undefined;
  /** Option names and values are lists, the first value of the first name. */
  option_separator?: string | undefined;
  /** What an option's values are counted in, by its column: `{"weightInGms": "g"}`. */
  option_units?: Record<string, string> | undefined;
  /** Where images lie that are only file names. */
  image_base_url?: string | undefined;
}

export interface Column {
  index: number;
  /** As it stands, without padding. */
  header: string;
  /** Of a numbered column. */
  number: number | null;
  /** Of a price that is named by its currency: `Price SGD`. */
  currency: string | null;
  /** Of an option's values. */
  unit?: string;
}

/** By field, those to be asked first before the others. */
export type Columns = Record<CsvField, Column[]>;

const headerKey = (header: string): string =>
  header
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");

interface Alias {
  field: CsvField;
  /** Lower goes first. */
  rank: number;
}

const ALIASES = new Map<string, Alias>(
  CSV_FIELDS.flatMap((field) => [field, ...FIELDS[field].split(", ")].map((name, rank) => [headerKey(name), { field, rank }] as const)),
);

const PRICE_IN_CURRENCY = /^(?:variant\s)?price\s([a-z]{3})$/;

interface KnownColumn extends Column {
  field: CsvField;
  rank: number;
}

function knownColumn(header: string, index: number): KnownColumn | null {
  const column = { index, header, number: null, currency: null };
  const key = headerKey(header);
  const alias = ALIASES.get(key);
  if (alias) return { ...column, ...alias };
  const [, digits] = /(?<!\d)(\d{1,2})(?!\d)/.exec(key) ?? [];
  const numbered = digits === undefined ? undefined : ALIASES.get(key.replace(digits, ""));
  if (numbered && REPEATING.has(numbered.field)) return { ...column, ...numbered, number: Number(digits) };
  const words = header
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
  const currency = PRICE_IN_CURRENCY.exec(words)?.[1]?.toUpperCase();
  if (currency === undefined || !isCurrency(currency)) return null;
  return { ...column, field: "price", rank: 0, currency };
}

const headerKeys = (header: readonly string[]): Set<string> => new Set(header.map((cell) => headerKey(unguardFormula(cell.trim()))));

/** What columns are by the settings; of a preset's those that this header has and that nobody stated otherwise. */
function declaredKeys({ columns = {}, expected_columns = {} }: CsvSettings, header: readonly string[]): Map<string, CsvField | "ignore"> {
  const stated = new Set<string>(Object.values(columns));
  const keys = headerKeys(header);
  const expected = Object.entries(expected_columns).filter(
    ([name, field]) => keys.has(headerKey(name)) && (field === "ignore" || !stated.has(field)),
  );
  return new Map([...expected, ...Object.entries(columns)].map(([name, field]) => [headerKey(name), field]));
}

const unitOf = (header: string, { option_units = {} }: CsvSettings): string | undefined =>
  Object.entries(option_units).find(([name]) => headerKey(name) === headerKey(header))?.[1];

function knownColumns(header: readonly string[], declared: ReadonlyMap<string, CsvField | "ignore">): KnownColumn[] {
  const settled = new Set(declared.values());
  return header.flatMap((cell, index): KnownColumn[] => {
    const text = unguardFormula(cell.trim());
    const field = declared.get(headerKey(text));
    if (field === "ignore") return [];
    if (field !== undefined) return [{ index, header: text, number: null, currency: null, field, rank: index }];
    const known = knownColumn(text, index);
    return known === null || settled.has(known.field) ? [] : [known];
  });
}

/** How many of the header's cells name a known column: by what delimiter it was cut shows in it. */
export const countKnownColumns = (header: readonly string[], settings: CsvSettings): number =>
  knownColumns(header, declaredKeys(settings, header)).length;

/**
 * Which columns hold what. A field that `settings.columns` names has its declared columns only. Throws PAYLOAD_UNREADABLE where a declared
 * column is not there, where one name stands twice, and where no column is the name: read on, cells would land where they do not belong.
 */
export function readHeader(header: readonly string[], settings: CsvSettings): Columns {
  const declared = declaredKeys(settings, header);
  const shown = header.map((cell) => `"${cell.trim()}"`).join(", ");
  const refused = (detail: string) => new AppError("PAYLOAD_UNREADABLE", { detail: `${detail} The header is ${shown.slice(0, 1_000)}.` });
  const keys = headerKeys(header);
  for (const name of Object.keys(settings.columns ?? {})) {
    if (!keys.has(headerKey(name))) throw refused(`There is no column "${name}", which settings.columns declares.`);
  }

  const columns = Object.fromEntries(CSV_FIELDS.map((field) => [field, []])) as unknown as Columns;
  const taken = new Map<string, string>();
  for (const { field, rank: _, ...column } of knownColumns(header, declared).sort((a, b) => a.rank - b.rank || a.index - b.index)) {
    const place = `${field} ${column.currency ?? ""} ${headerKey(column.header)}`;
    const twin = REPEATING.has(field) ? undefined : taken.get(place);
    if (twin !== undefined) throw refused(`Two columns are called "${column.header}"; give one of them another name.`);
    taken.set(place, column.header);
    const unit = unitOf(column.header, settings);
    columns[field].push(unit === undefined ? column : { ...column, unit });
  }
  if (columns.name.length === 0) throw refused('No column is known as the name; call one "name", or declare it in settings.columns.');
  return columns;
}
