import fc from "fast-check";
import { expect, test } from "vitest";
import { lineTotals, orderTotals, type PricedLine, spreadDiscount } from "./line-totals.ts";

const line = (more: Partial<PricedLine> = {}): PricedLine => ({
  quantity_e4: 10_000,
  unit_price_minor: 650,
  modifiers: [],
  discount_minor: 0,
  tax_rate_e4: 0,
  ...more,
});

const anyLine: fc.Arbitrary<PricedLine> = fc.record({
  quantity_e4: fc.integer({ min: 1, max: 1_000_000_000 }),
  unit_price_minor: fc.integer({ min: -1_000_000, max: 1_000_000_000 }),
  modifiers: fc.array(
    fc.record({ price_minor: fc.integer({ min: -1_000, max: 100_000 }), quantity_e4: fc.integer({ min: 1, max: 1_000_000 }) }),
    {
      maxLength: 4,
    },
  ),
  discount_minor: fc.integer({ min: 0, max: 1_000_000 }),
  tax_rate_e4: fc.integer({ min: 0, max: 10_000 }),
});

test("a line is rounded once, half away from zero", () => {
  expect(lineTotals(line(), true)).toEqual({ gross_minor: 650, discount_minor: 0, tax_minor: 0, total_minor: 650 });
  // 3 × 0.335 would be 1.005: of three, not of one.
  expect(lineTotals(line({ quantity_e4: 15_000, unit_price_minor: 333 }), true).total_minor).toBe(500);
  expect(lineTotals(line({ quantity_e4: 5_000, unit_price_minor: 5 }), true).gross_minor).toBe(3);
  expect(lineTotals(line({ quantity_e4: 5_000, unit_price_minor: -5 }), true).gross_minor).toBe(-3);
  const modified = line({ quantity_e4: 20_000, modifiers: [{ price_minor: 50, quantity_e4: 20_000 }], discount_minor: 100 });
  expect(lineTotals(modified, true).total_minor).toBe(2 * (650 + 100) - 100);
  expect(lineTotals(line({ unit_price_minor: 1090, tax_rate_e4: 900 }), true)).toMatchObject({ tax_minor: 90, total_minor: 1090 });
  expect(lineTotals(line({ unit_price_minor: 1000, tax_rate_e4: 900 }), false)).toMatchObject({ tax_minor: 90, total_minor: 1090 });
});

test("the sum of the lines is the total, whatever their order and however they were grouped", () => {
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 20 }), fc.boolean(), fc.nat(), (lines, included, cut) => {
      const totals = lines.map((each) => lineTotals(each, included));
      const whole = orderTotals(totals);
      expect(orderTotals([...totals].reverse())).toEqual(whole);
      const at = totals.length === 0 ? 0 : cut % totals.length;
      expect(orderTotals([orderTotals(totals.slice(0, at)), orderTotals(totals.slice(at))])).toEqual(whole);
      expect(whole.total_minor).toBe(totals.reduce((sum, { total_minor }) => sum + total_minor, 0));
      const net = whole.gross_minor - whole.discount_minor;
      expect(whole.total_minor).toBe(included ? net : net + whole.tax_minor);
    }),
  );
});

test("a discount on a basket is spread to the last minor unit, whatever the order of the lines", () => {
  const lines = fc.uniqueArray(fc.record({ line_id: fc.uuid(), gross_minor: fc.integer({ min: 0, max: 100_000 }) }), {
    selector: ({ line_id }) => line_id,
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(lines, fc.nat(100), (basket, percent) => {
      const whole = basket.reduce((sum, { gross_minor }) => sum + gross_minor, 0);
      fc.pre(whole > 0);
      const discount = Math.floor((whole * percent) / 100);
      const shares = spreadDiscount(basket, discount);
      expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBe(discount);
      for (const { line_id, gross_minor } of basket) expect(shares[line_id]).toBeLessThanOrEqual(gross_minor);
      expect(spreadDiscount([...basket].reverse(), discount)).toEqual(shares);
    }),
  );
});
