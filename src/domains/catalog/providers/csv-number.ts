import { currencyDecimals, isCurrency } from "../../../kernel/money.ts";
import type { Refusal } from "./canonical-rows.ts";

/** How the source writes numbers. */
export interface NumberFormat {
  decimal_mark: "." | ",";
  /** false: it is only the default, and a number that could be read otherwise is refused. */
  is_declared: boolean;
}

interface Decimal {
  is_negative: boolean;
  whole: string;
  /** Without trailing zeros. */
  fraction: string;
  /** Three digits after its only mark: with the other decimal mark, `fraction` would be thousands and `thousands` a fraction. */
  three_digits: "fraction" | "thousands" | null;
}

/** The largest price, in minor units, that this API knows. */
const PRICE_LIMIT = 1_000_000_000_000;
const TAX_DECIMALS = 4;
const STOCK_DECIMALS = 4;
/** A thousand million pieces. */
const STOCK_LIMIT_E4 = 10_000_000_000_000;

/** Thousands in threes by whatever stands between, with commas also as in India (1,00,000). */
const patterns = {
  ".": /^([+\-−]?)(?:(\d*)|\d{1,3}([,'’ \u00a0\u202f])\d{3}(?:\3\d{3})*|\d{1,2}(?:,\d{2})+,\d{3})(?:\.(\d*))?$/,
  ",": /^([+\-−]?)(?:(\d*)|\d{1,3}([.'’ \u00a0\u202f])\d{3}(?:\3\d{3})*)(?:,(\d*))?$/,
} as const;

function readDecimal(text: string, mark: "." | ","): Decimal | null {
  const match = patterns[mark].exec(text);
  if (!match || !/\d/.test(text)) return null;
  const [, sign = "", plain, , fraction = ""] = match;
  const unsigned = text.slice(sign.length);
  return {
    is_negative: sign === "-" || sign === "−",
    whole: plain ?? (unsigned.split(mark)[0] ?? "").replace(/\D/g, ""),
    fraction: fraction.replace(/0+$/, ""),
    three_digits: !/^[1-9]\d{0,2}[.,]\d{3}$/.test(unsigned) ? null : plain === undefined ? "thousands" : "fraction",
  };
}

const signs = new Map<string, string>();

/** What stands for the currency by itself: `$` for SGD, `Rp` for IDR. */
function signOf(currency: string): string {
  const known = signs.get(currency);
  if (known !== undefined) return known;
  const parts = new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "narrowSymbol" }).formatToParts(0);
  const sign = parts.find(({ type }) => type === "currency")?.value ?? currency;
  signs.set(currency, sign);
  return sign;
}

const SIGN = /^(?:\p{L}*\p{Sc}|\p{L}+\.?)\s*|\s*(?:\p{L}*\p{Sc}|\p{L}+\.?)$/gu;

const invalid = (message: string): Refusal => ({ reason: "PRICE_INVALID", message });

/**
 * A price in major units, as a table writes it, in minor units of `currency` (one of ISO 4217). It may carry the currency's own sign or
 * code. What could be two numbers is refused, never guessed.
 */
export function readPrice(text: string, currency: string, format: NumberFormat): number | Refusal {
  const strangers: string[] = [];
  const bare = text.replace(SIGN, (match) => {
    const sign = match.trim().replace(/\.$/, "");
    if (sign.toUpperCase() !== currency && sign !== signOf(currency)) strangers.push(sign);
    return "";
  });
  if (strangers[0] !== undefined) return invalid(`price "${text}" carries "${strangers[0]}", which does not stand for ${currency}.`);
  const decimal = readDecimal(bare, format.decimal_mark);
  if (decimal === null) {
    return invalid(`price "${text}" is not a number with the decimal mark "${format.decimal_mark}" (settings.decimal_mark).`);
  }
  if (decimal.is_negative) return { reason: "PRICE_NEGATIVE", message: `price "${text}" must not be negative.` };
  const decimals = currencyDecimals(currency);
  // A currency of three decimals writes 1.234, but then 1,234 may be the same; one of two writes 1,234, but then 1.234 may be the same.
  if (!format.is_declared && decimal.three_digits === (decimals >= 3 ? "thousands" : "fraction")) {
    const message = `price "${text}" may be one number or a thousand times that: declare settings.decimal_mark, or write it with ${decimals} decimals and without thousands.`;
    return { reason: "PRICE_AMBIGUOUS", message };
  }
  if (decimal.fraction.length > decimals) return invalid(`price "${text}" has more decimals than ${currency}, which has ${decimals}.`);
  const minor = Number(decimal.whole + decimal.fraction.padEnd(decimals, "0"));
  return minor <= PRICE_LIMIT ? minor : invalid(`price "${text}" is too large.`);
}

/** A price in whole minor units: `1999` cents, or paise. */
function readMinorPrice(text: string): number | Refusal {
  if (/^-\d+$/.test(text)) return { reason: "PRICE_NEGATIVE", message: `price "${text}" must not be negative.` };
  if (!/^\d{1,16}$/.test(text)) return invalid(`price "${text}" is not a whole number of minor units (settings.price_unit).`);
  return Number(text) <= PRICE_LIMIT ? Number(text) : invalid(`price "${text}" is too large.`);
}

/** A price in the unit that the source states; refuses what is no currency of ISO 4217. */
export function readAmount(text: string, currency: string, unit: "major" | "minor" | undefined, format: NumberFormat): number | Refusal {
  if (!isCurrency(currency)) {
    return { reason: "CURRENCY_UNKNOWN", message: `"${currency.slice(0, 100)}" is not a currency of ISO 4217 (three letters).` };
  }
  return unit === "minor" ? readMinorPrice(text.slice(0, 100)) : readPrice(text, currency, format);
}

/** A quantity with at most 4 decimals, in ten-thousandths; below zero where the source oversold. */
export function readStock(text: string, format: NumberFormat): number | Refusal {
  const decimal = readDecimal(text, format.decimal_mark);
  const quantityE4 = decimal === null ? Number.NaN : Number(decimal.whole + decimal.fraction.padEnd(STOCK_DECIMALS, "0"));
  if (decimal !== null && decimal.fraction.length <= STOCK_DECIMALS && quantityE4 <= STOCK_LIMIT_E4)
    return decimal.is_negative && quantityE4 > 0 ? -quantityE4 : quantityE4;
  return { reason: "STOCK_INVALID", message: `stock "${text}" must be a quantity of at most 4 decimals and up to a thousand million.` };
}

/** Percent from 0 to 100 with at most 4 decimals, with or without its sign, in ten-thousandths. */
export function readTaxRate(text: string, format: NumberFormat): number | Refusal {
  const decimal = readDecimal(text.replace(/\s*%$/, ""), format.decimal_mark);
  const rateE4 = decimal === null ? Number.NaN : Number(decimal.whole + decimal.fraction.padEnd(TAX_DECIMALS, "0"));
  if (decimal !== null && !decimal.is_negative && decimal.fraction.length <= TAX_DECIMALS && rateE4 <= 100 * 10 ** TAX_DECIMALS)
    return rateE4;
  return { reason: "TAX_RATE_INVALID", message: `tax_rate "${text}" must be percent from 0 to 100, at most 4 decimals.` };
}
