import { currencyDecimals, isCurrency } from "../../../kernel/money.ts";

/**
 * The table that a catalogue is exported as, and what each of its rows holds. The first cell of the header says what it is; below it stands
 * what kind of row it is. Each variant's row carries its product; of several the first decides.
 */
export const MARKER = "servery_export";

export const COLUMNS = [
  MARKER,
  "product_id",
  "name",
  "description",
  "category",
  "image",
  "active",
  "tags",
  "allergens",
  "tax_rate",
  "modifier_groups",
  "version",
  "variant_id",
  "item_code",
  "variant_name",
  "price",
  "currency",
  "barcode",
  "variant_active",
  "attributes",
  "bundle",
  "category_id",
  "parent_id",
  "group_id",
  "min",
  "max",
  "option_id",
  "default",
  "position",
  "applied",
  "variant_applied",
] as const;

export type ExportedColumn = (typeof COLUMNS)[number];
export type ExportedCells = Partial<Record<ExportedColumn, string>>;

/** Kinds of rows. `end` is the last: a file without it was cut. */
export const KINDS = { category: "category", group: "modifier_group", option: "option", variant: "variant", end: "end" } as const;

/** In a row that is not the first of its kind's: lists and objects are JSON, numbers are plain. */
export const jsonCell = (value: unknown): string => {
  if (value === null || value === undefined) return "";
  return typeof value === "object" && Object.keys(value).length === 0 ? "" : JSON.stringify(value);
};

export const yesNo = (value: boolean): string => (value ? "yes" : "no");

/** Minor units as a table writes money: 650 USD is `6.50`. */
export function moneyCell(minor: number | null, currency: string): string {
  if (minor === null) return "";
  const decimals = currencyDecimals(currency);
  const digits = String(Math.abs(minor)).padStart(decimals + 1, "0");
  const sign = minor < 0 ? "-" : "";
  return decimals === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** What `moneyCell` wrote, in minor units; as it stands where it is nothing of the kind. */
export function minorOf(cell: string, currency: string): number | string {
  const [, sign, whole = "", fraction = ""] = /^(-?)(\d{1,13})(?:\.(\d+))?$/.exec(cell) ?? [];
  if (sign === undefined || !isCurrency(currency)) return cell;
  const decimals = currencyDecimals(currency);
  if (fraction.length > decimals) return cell;
  const minor = Number(whole + fraction.padEnd(decimals, "0"));
  return sign === "-" ? -minor : minor;
}

/** No spreadsheet runs a cell as a formula; unlike elsewhere one that begins like a guarded one is guarded too, so that it comes back. */
export const guarded = (cell: string): string => (/^\s*'*\s*[=+\-@]/.test(cell) ? `'${cell}` : cell);
export const unguarded = (cell: string): string => (/^'+\s*'*\s*[=+\-@]/.test(cell) ? cell.slice(1) : cell);
