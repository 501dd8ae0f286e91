import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { currencyDecimals } from "../../../kernel/money.ts";
import { readPrice, readTaxRate } from "./csv-number.ts";

const byDefault = { decimal_mark: ".", is_declared: false } as const;
const point = { decimal_mark: ".", is_declared: true } as const;
const comma = { decimal_mark: ",", is_declared: true } as const;

const minorOrReason = (text: string, currency: string, format: Parameters<typeof readPrice>[2]): number | string => {
  const read = readPrice(text, currency, format);
  return typeof read === "number" ? read : read.reason;
};

describe("prices", () => {
  test.each([
    ["4.50", "USD", 450],
    ["4.5", "USD", 450],
    ["4", "USD", 400],
    ["4.", "USD", 400],
    [".5", "USD", 50],
    ["0", "USD", 0],
    ["0.00", "USD", 0],
    ["+4.50", "USD", 450],
    ["1,234.50", "USD", 123_450],
    ["1,234", "USD", 123_400],
    ["12,345,678.90", "USD", 1_234_567_890],
    ["1,00,000.00", "INR", 10_000_000],
    ["1 234.50", "USD", 123_450],
    ["1\u00a0234\u00a0567", "USD", 123_456_700],
    ["1'234.50", "CHF", 123_450],
    ["4.5000", "USD", 450],
    ["0.500", "USD", 50],
    ["1500", "JPY", 1_500],
    ["1,500", "JPY", 1_500],
    ["1500.00", "JPY", 1_500],
    ["1.250", "KWD", 1_250],
    ["1.25", "KWD", 1_250],
    ["12", "KWD", 12_000],
    ["15000", "IDR", 1_500_000],
    ["$4.50", "SGD", 450],
    ["SGD 4.50", "SGD", 450],
    ["4.50 sgd", "SGD", 450],
    ["Rp 15000", "IDR", 1_500_000],
    ["Rp. 15000", "IDR", 1_500_000],
    ["£3.20", "GBP", 320],
    ["1000000000000", "JPY", 1_000_000_000_000],
  ])("%s in %s is %d minor units", (text, currency, minor) => {
    expect(readPrice(text, currency, byDefault)).toBe(minor);
  });

  test.each([
    ["4,50", "EUR", 450],
    ["1.234,50", "EUR", 123_450],
    ["1.234", "EUR", 123_400],
    ["15.000", "IDR", 1_500_000],
    ["1 234,5", "EUR", 123_450],
    ["3,20 €", "EUR", 320],
    ["1,250", "KWD", 1_250],
  ])("with a decimal comma declared, %s in %s is %d", (text, currency, minor) => {
    expect(readPrice(text, currency, comma)).toBe(minor);
  });

  test.each([
    ["-1.00", "USD", "PRICE_NEGATIVE"],
    ["−1.00", "USD", "PRICE_NEGATIVE"],
    ["4,50", "USD", "PRICE_INVALID"],
    ["1.234,50", "USD", "PRICE_INVALID"],
    ["1,23,4", "USD", "PRICE_INVALID"],
    ["1,2345", "USD", "PRICE_INVALID"],
    ["1 23", "USD", "PRICE_INVALID"],
    ["1,234 567", "USD", "PRICE_INVALID"],
    ["1E+05", "USD", "PRICE_INVALID"],
    ["(4.50)", "USD", "PRICE_INVALID"],
    ["4.50.10", "USD", "PRICE_INVALID"],
    ["n/a", "USD", "PRICE_INVALID"],
    ["4.50 / kg", "USD", "PRICE_INVALID"],
    ["$", "USD", "PRICE_INVALID"],
    [".", "USD", "PRICE_INVALID"],
    ["٣", "USD", "PRICE_INVALID"],
    ["4.505", "USD", "PRICE_AMBIGUOUS"],
    ["15.000", "IDR", "PRICE_AMBIGUOUS"],
    ["1.500", "JPY", "PRICE_AMBIGUOUS"],
    ["1,250", "KWD", "PRICE_AMBIGUOUS"],
    ["100.50", "JPY", "PRICE_INVALID"],
    ["1.2345", "KWD", "PRICE_INVALID"],
    ["€4.50", "USD", "PRICE_INVALID"],
    ["EUR 4.50", "USD", "PRICE_INVALID"],
    ["1000000000001", "JPY", "PRICE_INVALID"],
    ["9".repeat(400), "USD", "PRICE_INVALID"],
  ])("%s in %s is refused: %s", (text, currency, reason) => {
    expect(minorOrReason(text, currency, byDefault)).toBe(reason);
  });

  test("a declared mark settles what could be two numbers", () => {
    expect(minorOrReason("15.000", "IDR", point)).toBe(1_500);
    expect(minorOrReason("15.000", "IDR", comma)).toBe(1_500_000);
    expect(minorOrReason("1,250", "KWD", point)).toBe(1_250_000);
    expect(minorOrReason("4.505", "USD", point)).toBe("PRICE_INVALID");
    expect(minorOrReason("4.50", "EUR", comma)).toBe("PRICE_INVALID");
  });

  test("any amount as a person writes it reads back, or is refused because it could be another", () => {
    const written = fc.record({
      minor: fc.oneof(fc.nat(10_000), fc.integer({ min: 0, max: 1_000_000_000_000 })),
      currency: fc.constantFrom("USD", "JPY", "KWD", "IDR", "CLF"),
      group: fc.constantFrom("", "'", " ", "\u00a0", "other"),
      format: fc.constantFrom(byDefault, point, comma),
    });
    fc.assert(
      fc.property(written, ({ minor, currency, group, format }) => {
        const decimals = currencyDecimals(currency);
        const digits = String(minor).padStart(decimals + 1, "0");
        const separator = group === "other" ? (format.decimal_mark === "." ? "," : ".") : group;
        const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, separator);
        const text = decimals === 0 ? whole : `${whole}${format.decimal_mark}${digits.slice(-decimals)}`;
        expect(readPrice(text, currency, format)).toBe(minor);
      }),
    );
  });
});

test("tax rates are percent with at most four decimals", () => {
  expect(readTaxRate("9", byDefault)).toBe(90_000);
  expect(readTaxRate("8.875 %", byDefault)).toBe(88_750);
  expect(readTaxRate("7,7%", comma)).toBe(77_000);
  expect(readTaxRate("100", byDefault)).toBe(1_000_000);
  for (const text of ["-1", "100.0001", "8.87501", "standard", "7,7", ""]) {
    expect(readTaxRate(text, byDefault)).toMatchObject({ reason: "TAX_RATE_INVALID" });
  }
});
