import { currencyDecimals } from "../kernel/money.ts";

/** Minor units as a price of the locale. */
export function formatAmount(amountMinor: number, currency: string, locale: string): string {
  const decimals = currencyDecimals(currency);
  const options = { style: "currency", currency, minimumFractionDigits: decimals, maximumFractionDigits: decimals } as const;
  const major = amountMinor / 10 ** decimals;
  try {
    return new Intl.NumberFormat(locale, options).format(major);
  } catch {
    return new Intl.NumberFormat("en", options).format(major);
  }
}

/** What a person typed as an amount, in minor units: "4", "4.5", "4,50". Null where it is none, or finer than the currency. */
export function parseAmount(text: string, currency: string): number | null {
  const decimals = currencyDecimals(currency);
  const match = /^(?<whole>\d{1,9})(?:[.,](?<part>\d+))?$/.exec(text.trim());
  if (!match?.groups) return null;
  const part = match.groups["part"] ?? "";
  if (part.length > decimals) return null;
  return Number(match.groups["whole"]) * 10 ** decimals + Number(part.padEnd(decimals, "0") || 0);
}

/** As a person would type it. */
export const amountText = (amountMinor: number, currency: string): string =>
  (amountMinor / 10 ** currencyDecimals(currency)).toFixed(currencyDecimals(currency));

/** The amounts that somebody is likely to hand over: the exact one, and the next round ones above it. */
export function likelyTendered(dueMinor: number, currency: string): number[] {
  const unit = 10 ** currencyDecimals(currency);
  const notes = [1, 2, 5, 10, 20, 50, 100].map((note) => Math.ceil(dueMinor / (note * unit)) * note * unit);
  return [...new Set([dueMinor, ...notes])].sort((a, b) => a - b).slice(0, 5);
}
