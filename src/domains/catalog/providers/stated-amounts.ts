import { currencyDecimals, isCurrency } from "../../../kernel/money.ts";
import { QUANTITY_SCALE } from "../../../kernel/quantity.ts";
import type { Refusal } from "./canonical-rows.ts";
import { readPrice } from "./csv-number.ts";
import { integer } from "./stated-values.ts";

const PRICES = { decimal_mark: ".", is_declared: true } as const;
/** What binary fractions lose, far below the smallest decimal of any currency. */
const FLOAT_NOISE = 1e-7;

const isNothing = (value: unknown): boolean => value === null || value === undefined || (typeof value === "string" && value.trim() === "");

const currencyUnknown = (currency: string): Refusal => ({
  reason: "CURRENCY_UNKNOWN",
  message: `"${currency.slice(0, 20)}" is not a currency of ISO 4217.`,
});

/** 4.3500000000000005 was 4.35 before somebody counted in binary. */
function decimalText(value: number, decimals: number): string {
  const rounded = value.toFixed(decimals);
  return Math.abs(Number(rounded) - value) < FLOAT_NOISE ? rounded : String(value);
}

/** A price in major units, text or number, in minor units of `currency`; null where none is stated. */
export function readMajorPrice(value: unknown, currency: string): number | null | Refusal {
  if (isNothing(value)) return null;
  if (!isCurrency(currency)) return currencyUnknown(currency);
  if (typeof value !== "string" && typeof value !== "number") return { reason: "PRICE_INVALID", message: "price must be a number." };
  const text = typeof value === "number" ? decimalText(value, currencyDecimals(currency)) : value.trim();
  return readPrice(text.slice(0, 100), currency, PRICES);
}

/** A whole number with so many implied decimals, whatever the currency has, in its minor units; null where none is stated. */
export function readImpliedPrice(value: unknown, impliedDecimals: number, currency: string): number | null | Refusal {
  if (isNothing(value)) return null;
  if (!isCurrency(currency)) return currencyUnknown(currency);
  const whole = integer(value);
  if (whole === null) {
    const reason = typeof value === "number" && Number.isFinite(value) ? "PRICE_NOT_INTEGER" : "PRICE_INVALID";
    return { reason, message: `price must be a whole number with ${impliedDecimals} implied decimals.` };
  }
  const digits = String(Math.abs(whole)).padStart(impliedDecimals + 1, "0");
  const point = digits.length - impliedDecimals;
  return readPrice(`${whole < 0 ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`, currency, PRICES);
}

/** A counted quantity, number or decimal text, in ten-thousandths; null where none is stated. May be below zero. */
export function statedQuantity(value: unknown): number | null {
  const number = typeof value === "string" && /^-?\d{1,15}(\.\d{1,20})?$/.test(value.trim()) ? Number(value) : value;
  const scaled = typeof number === "number" ? Math.round(number * QUANTITY_SCALE) : Number.NaN;
  return Number.isSafeInteger(scaled) ? scaled + 0 : null;
}

/** Yes and no as some write it: true, 1, "true", "1"; null where neither is stated. */
export function statedFlag(value: unknown): boolean | null {
  const flag = typeof value === "string" ? value.trim().toLowerCase() : value;
  if (flag === true || flag === 1 || flag === "true" || flag === "1") return true;
  return flag === false || flag === 0 || flag === "false" || flag === "0" ? false : null;
}
