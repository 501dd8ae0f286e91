import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Basket, type Discount, emptyBasket, linesOf, totalsOf, withItem, withLineDiscount, withQuantity } from "./basket.ts";
import type { MenuItem } from "./menu.ts";

const item = (variant_id: string, price: number, tax_rate: number | null = 9): MenuItem => ({
  code: variant_id,
  variant_id,
  product_id: "p",
  name: variant_id,
  description: null,
  price,
  image_url: null,
  tax_rate,
  tags: [],
  allergens: [],
  modifier_groups: [],
  bundle: [],
});

const large = { option_id: "l", name: "Large", price: 50 };

describe("a basket", () => {
  it("counts what is the same, and keeps apart what is not", () => {
    let basket = withItem(emptyBasket, item("kopi", 150), [], "1");
    basket = withItem(basket, item("kopi", 150), [], "2");
    basket = withItem(basket, item("kopi", 150), [large], "3");
    basket = withItem(withLineDiscount(basket, "1", { kind: "percent", percent: 10 }), item("kopi", 150), [], "4");
    expect(basket.lines.map(({ line_id, quantity }) => [line_id, quantity])).toEqual([
      ["1", 2],
      ["3", 1],
      ["4", 1],
    ]);
    expect(totalsOf(linesOf(basket), true)).toMatchObject({ gross_minor: 650, discount_minor: 30, total_minor: 620 });
    expect(withQuantity(withQuantity(withQuantity(basket, "1", 0), "3", 0), "4", 0)).toEqual(emptyBasket);
  });

  it("has the menu's percentage as a rate", () => {
    const [line] = linesOf(withItem(emptyBasket, item("kopi", 109), [], "1"));
    expect(line?.tax_rate).toBe(0.09);
    expect(totalsOf(line ? [line] : [], true).tax_minor).toBe(9);
    expect(linesOf(withItem(emptyBasket, item("tea", 100, 8.875), [], "1"))[0]?.tax_rate).toBe(0.0888);
  });

  it("takes off exactly the discount, and never more than there is", () => {
    const discount = fc.oneof(
      fc.record({ kind: fc.constant("amount" as const), amount: fc.nat({ max: 20_000 }) }),
      fc.record({ kind: fc.constant("percent" as const), percent: fc.nat({ max: 100 }) }),
    );
    const lines = fc.array(fc.tuple(fc.nat({ max: 5_000 }), fc.integer({ min: 1, max: 9 }), fc.option(discount)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(lines, discount, (rows, whole: Discount) => {
        const basket: Basket = {
          discount: whole,
          lines: rows.map(([unit_price, quantity, own], place) => {
            return { line_id: `l${place}`, variant_id: "v", name: "n", unit_price, tax_rate: 0.09, quantity, modifiers: [], discount: own };
          }),
        };
        const sent = linesOf(basket);
        const before = totalsOf(linesOf({ ...basket, discount: null }), true);
        const after = totalsOf(sent, true);
        const wanted = whole.kind === "amount" ? whole.amount : Math.round((before.total_minor * whole.percent) / 100);
        expect(before.total_minor - after.total_minor).toBe(Math.min(wanted, before.total_minor));
        expect(sent.every((line) => totalsOf([line], true).total_minor >= 0)).toBe(true);
      }),
    );
  });
});
