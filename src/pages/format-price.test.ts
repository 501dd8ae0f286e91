import { describe, expect, test } from "vitest";
import { formatPrice, formatPriceDelta } from "./format-price.ts";

/** Intl puts no-break spaces and direction marks in; they are right on the page and only noise here. */
const plain = (text: string): string => text.replaceAll(/[\u200e\u200f\u061c]/gu, "").replaceAll(/[\u00a0\u202f]/gu, " ");

describe("formatPrice", () => {
  test.each([
    [1250, "USD", "en-US", "$12.50"],
    [1200, "USD", "en-US", "$12.00"],
    [0, "USD", "en-US", "$0.00"],
    [1200, "JPY", "ja-JP", "￥1,200"],
    [12_500, "KWD", "en-US", "KWD 12.500"],
    [1_250, "KWD", "ar-KW", "١٫٢٥٠ د.ك."],
    [4_550_000, "IDR", "id-ID", "Rp 45.500"],
    [123_456, "EUR", "de-DE", "1.234,56 €"],
    [99_999_999_999, "USD", "en-US", "$999,999,999.99"],
  ])("%i minor units of %s in %s", (minor, currency, locale, expected) => {
    expect(plain(formatPrice(minor, currency, locale))).toBe(expected);
  });

  test("never rounds a fraction away where the locale usually writes none", () => {
    expect(plain(formatPrice(4_550_050, "IDR", "id-ID"))).toBe("Rp 45.500,50");
  });

  test("refuses an unknown currency", () => {
    expect(() => formatPrice(100, "XXX", "en-US")).toThrow(RangeError);
  });

  test("stays right when more pairs come by than are kept", () => {
    for (let n = 0; n < 300; n++) expect(formatPrice(100, "USD", `en-US-x-n${n}`)).toBe("$1.00");
    expect(formatPrice(100, "USD", "en-US")).toBe("$1.00");
  });
});

describe("formatPriceDelta", () => {
  test.each([
    [60, "+$0.60"],
    [-200, "-$2.00"],
    [0, "$0.00"],
  ])("%i cents", (minor, expected) => {
    expect(formatPriceDelta(minor, "USD", "en-US")).toBe(expected);
  });
});
