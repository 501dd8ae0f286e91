import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amountText, formatAmount, likelyTendered, parseAmount } from "./amounts.ts";

describe("amounts", () => {
  it("are written as the locale does, in the currency's decimals", () => {
    expect(formatAmount(820, "SGD", "en-SG")).toBe("$8.20");
    expect(formatAmount(820, "JPY", "en")).toBe("¥820");
    expect(formatAmount(820, "KWD", "not a locale")).toContain("0.820");
  });

  it("are read as people type them", () => {
    expect(["4", "4.5", "4,50", " 12.05 ", "0"].map((text) => parseAmount(text, "SGD"))).toEqual([400, 450, 450, 1205, 0]);
    expect(["", "4.505", "-1", "1e3", "4.", "abc", "1 000"].map((text) => parseAmount(text, "SGD"))).toEqual(Array(7).fill(null));
    expect([parseAmount("5", "JPY"), parseAmount("5.0", "JPY"), parseAmount("5.1", "KWD")]).toEqual([5, null, 5100]);
  });

  it("come back from their text", () => {
    fc.assert(
      fc.property(fc.nat({ max: 99_999_999 }), fc.constantFrom("SGD", "JPY", "KWD"), (amount, currency) => {
        expect(parseAmount(amountText(amount, currency), currency)).toBe(amount);
      }),
    );
  });

  it("that are handed over cover what is due", () => {
    expect(likelyTendered(1_280, "SGD")).toEqual([1_280, 1_300, 1_400, 1_500, 2_000]);
    expect(likelyTendered(500, "SGD")).toEqual([500, 600, 1_000, 2_000, 5_000]);
  });
});
