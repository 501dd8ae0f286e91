import type { CanonicalVariant } from "../canonical.ts";
import { isUsableKey, NAME_LIMIT, type Refusal } from "./canonical-rows.ts";
import type { Column, Columns, CsvField, CsvSettings } from "./csv-columns.ts";
import { type NumberFormat, readAmount, readStock } from "./csv-number.ts";
import { unguardFormula } from "./csv-table.ts";
import { cleanText } from "./plain-text.ts";

/** How one table is to be read. */
export interface TableDialect {
  columns: Columns;
  format: NumberFormat;
  /** Of rows that name none. */
  currency: string;
  settings: CsvSettings;
}

/** One row's cells by field, without padding. */
export interface RowText {
  /** The first filled cell of the field's columns; "" where there is none. */
  one(field: CsvField): string;
  /** Every filled cell of the field's columns. */
  all(field: CsvField): { column: Column; text: string }[];
}

type Cell = { column: Column; text: string };

/** `optionSeparator`: what parts several options within one cell; each is then as a column of its own. */
export function rowText(cells: readonly string[], columns: Columns, optionSeparator?: string): RowText {
  const texts = cells.map((cell) => unguardFormula(cell.trim()).trim());
  const textOf = ({ index }: Column): string => texts[index] ?? "";
  const all = (field: CsvField): Cell[] =>
    columns[field].filter((column) => textOf(column) !== "").map((column) => ({ column, text: textOf(column) }));
  return {
    one(field) {
      const filled = columns[field].find((column) => textOf(column) !== "");
      return filled === undefined ? "" : textOf(filled);
    },
    all: (field) => {
      const found = all(field);
      if (field === "option_value") return found.flatMap((cell) => severalOptions(cell, optionSeparator)).flatMap(withUnit);
      return field === "option_name" ? found.flatMap((cell) => severalOptions(cell, optionSeparator)) : found;
    },
  };
}

const severalOptions = ({ column, text }: Cell, separator: string | undefined): Cell[] =>
  separator === undefined
    ? [{ column, text }]
    : text
        .split(separator)
        .map((part, index) => ({ column: { ...column, number: (column.number ?? 0) * 100 + index + 1 }, text: part.trim() }))
        .filter((cell) => cell.text !== "");

/** What is counted and came to 0 was not counted. */
const withUnit = ({ column, text }: Cell): Cell[] =>
  column.unit === undefined ? [{ column, text }] : text === "0" ? [] : [{ column, text: `${text} ${column.unit}` }];

/** What tells a row from its product's others: "Large", "Large / Red"; null where nothing does. */
export function variantName(row: RowText): string | null {
  const values = row.all("option_value").map(({ text }) => cleanText(text));
  return cleanText(row.one("variant_name")) || values.join(" / ") || null;
}

/**
 * What holds the rows of one product together: its handle, else its id, else for rows with an option its name. null: a row by itself.
 */
export function productKey(row: RowText): string | null {
  const stated = row.one("handle") || row.one("product_id");
  if (stated !== "") return stated;
  return variantName(row) === null ? null : cleanText(row.one("name")) || null;
}

/** Letters and digits in lower case with hyphens between. */
export const slug = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");

/**
 * The row's own code or variant id, else one made of its product's id, handle or name and its option; null where nothing is left.
 * `above`: the id of the product that a row without any of them goes on with.
 */
export function itemCodeOf(row: RowText, above = ""): string | null {
  const stated = row.one("item_code") || row.one("variant_id");
  if (stated !== "") return stated;
  const product = row.one("product_id") || row.one("handle") || slug(row.one("name")) || above;
  const option = slug(variantName(row) ?? "");
  return product === "" ? null : option === "" ? product : `${product}-${option}`;
}

/** A number that a spreadsheet took for one and rounded: its digits are gone. */
const ROUNDED = /^\d(?:[.,]\d+)?E\+?\d+$/i;

function keyRefusal(field: CsvField, key: string): Refusal | null {
  const problem = ROUNDED.test(key)
    ? "was rounded by a spreadsheet; format the column as text and send the file again"
    : isUsableKey(key)
      ? null
      : "must be 1 to 255 characters without control characters";
  return problem === null ? null : { reason: `${field.toUpperCase()}_INVALID`, message: `${field} "${key.slice(0, 100)}" ${problem}.` };
}

const YES = new Set("true yes y 1 t on active enabled published visible available x".split(" "));
const NO = new Set(
  "false no n 0 f off inactive disabled unpublished hidden invisible unavailable draft archived proposed rejected deleted discontinued".split(
    " ",
  ),
);

/** null for a word that is neither. */
export const readYesNo = (word: string): boolean | null => (YES.has(word.toLowerCase()) ? true : NO.has(word.toLowerCase()) ? false : null);

/** What the row says of being active; null where it says nothing. */
export function statedActive(row: RowText): boolean | null | Refusal {
  const text = row.one("active");
  if (text === "") return null;
  return (
    readYesNo(text) ?? {
      reason: "ACTIVE_INVALID",
      message: `active "${text.slice(0, 100)}" must be yes or no, true or false, 1 or 0, or a usual word for one of them.`,
    }
  );
}

export const statedCurrency = (row: RowText): string | null => row.one("currency").toUpperCase() || null;

/** What the row says of being counted; null where it does not. A row that is not tracked has no count, which is not zero. */
export function statedStock(row: RowText, format: NumberFormat): number | null | Refusal {
  const text = row.one("stock");
  return text === "" || NO.has(row.one("stock_tracked").toLowerCase()) ? null : readStock(text.slice(0, 100), format);
}

/** Of prices with their currencies before them, the one of this currency, else the first; of one currency that for everybody first. */
function listedPrice(text: string, separator: string, currency: string): { text: string; currency: string } | null {
  const prices = text.split(separator).flatMap((part) => {
    const [, country, code, amount, rest] = /^\s*(?:([A-Z]{2})-)?([A-Z]{3})\s+(-?[\d.,]+)(.*)$/.exec(part) ?? [];
    return code && amount ? [{ text: amount, currency: code, conditions: (country ? 1 : 0) + (rest?.trim() ? 2 : 0) }] : [];
  });
  const ordered = prices.toSorted((a, b) => a.conditions - b.conditions);
  return ordered.find((price) => price.currency === currency) ?? ordered[0] ?? null;
}

/** The cell that holds the price, and its currency: a column named by the currency counts where no plain one is filled. */
function priceCell(row: RowText, currency: string): { text: string; currency: string } | null {
  const filled = row.all("price");
  const plain = filled.find(({ column }) => column.currency === null);
  if (plain) return { text: plain.text, currency };
  const own = filled.find(({ column }) => column.currency === currency) ?? filled[0];
  return own?.column.currency ? { text: own.text, currency: own.column.currency } : null;
}

type Money = { minor: number; currency: string };

function readMoney(row: RowText, rowCurrency: string, { format, settings }: TableDialect): Money | null | Refusal {
  const whole = priceCell(row, rowCurrency);
  if (whole === null) return null;
  const { price_separator: separator } = settings;
  // A cell with a mere number in it is one price, also where lists are usual.
  const cell = separator === undefined ? whole : (listedPrice(whole.text, separator, rowCurrency) ?? whole);
  const minor = readAmount(cell.text, cell.currency, settings.price_unit, format);
  return typeof minor === "number" ? { minor, currency: cell.currency } : minor;
}

const isRefusal = (value: unknown): value is Refusal => typeof value === "object" && value !== null && "reason" in value;

/** What a row leaves empty because its product's first row said it. */
export interface Inherited {
  active: boolean | null;
  currency: string | null;
}

/** The row as a variant, or why it cannot be one. Its attributes wait for the names of its options. `itemCode`: see `itemCodeOf`. */
export function readVariant(
  position: string,
  row: RowText,
  itemCode: string | null,
  dialect: TableDialect,
  inherited: Inherited,
): CanonicalVariant | Refusal {
  if (itemCode === null) return { reason: "NAME_MISSING", message: "The row has neither a name nor an item_code." };
  const variantId = row.one("variant_id") || itemCode;
  const barcode = row.one("barcode") || null;
  const refusal =
    keyRefusal("item_code", itemCode) ?? keyRefusal("variant_id", variantId) ?? (barcode === null ? null : keyRefusal("barcode", barcode));
  if (refusal !== null) return refusal;
  const name = variantName(row);
  if (name !== null && name.length > NAME_LIMIT) {
    return { reason: "VARIANT_NAME_INVALID", message: `variant_name must have at most ${NAME_LIMIT} characters.` };
  }
  const active = statedActive(row);
  if (isRefusal(active)) return active;
  const money = readMoney(row, statedCurrency(row) ?? inherited.currency ?? dialect.currency, dialect);
  if (isRefusal(money)) return money;
  return {
    position,
    external_id: variantId,
    item_code: itemCode,
    name,
    barcode,
    base_price_minor: money?.minor ?? null,
    currency: money?.currency ?? null,
    is_active: active ?? inherited.active ?? true,
    attributes: {},
    bundle: [],
  };
}
