import { currencyDecimals } from "../kernel/money.ts";

/** Locale and currency pairs come from merchants' settings; the bound keeps one isolate from collecting formatters for ever. */
const CACHE_LIMIT = 128;
const cache = new Map<string, Intl.NumberFormat>();

type SignDisplay = "auto" | "exceptZero";

function formatter(locale: string, currency: string, decimals: number | "usual", signDisplay: SignDisplay): Intl.NumberFormat {
  const key = `${locale} ${currency} ${decimals} ${signDisplay}`;
  const known = cache.get(key);
  if (known) return known;
  const digits = decimals === "usual" ? {} : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const made = new Intl.NumberFormat(locale, { style: "currency", currency, signDisplay, ...digits });
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(key, made);
  return made;
}

function format(minor: number, currency: string, locale: string, signDisplay: SignDisplay): string {
  const decimals = currencyDecimals(currency);
  // Intl follows what people of the country write, which is fewer decimals than ISO 4217 for some (IDR: 0, not 2).
  // Use that where it loses nothing; an amount with a fraction is never rounded away.
  const usual = formatter(locale, currency, "usual", signDisplay);
  const usualDecimals = usual.resolvedOptions().maximumFractionDigits ?? decimals;
  const lossless = usualDecimals < decimals && minor % 10 ** (decimals - usualDecimals) === 0;
  const chosen = lossless ? usual : formatter(locale, currency, decimals, signDisplay);
  return chosen.format(minor / 10 ** decimals);
}

/**
 * `minor` (integer minor units of `currency`, ISO 4217) as a person of `locale` (BCP 47) writes it.
 * Throws RangeError for an unknown currency or a malformed locale.
 */
export const formatPrice = (minor: number, currency: string, locale: string): string => format(minor, currency, locale, "auto");

/** The same for a surcharge: with its sign (`+$0.60`), and without one for zero. */
export const formatPriceDelta = (minor: number, currency: string, locale: string): string => format(minor, currency, locale, "exceptZero");
