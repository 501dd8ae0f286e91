import type { Line, Modifier } from "../client/index.ts";
import { type LineTotals, lineTotals, orderTotals, spreadDiscount } from "../domains/orders/line-totals.ts";
import { quantityToE4 } from "../kernel/quantity.ts";
import type { MenuItem } from "./menu.ts";

export type Discount = { kind: "amount"; amount: number } | { kind: "percent"; percent: number };

export interface BasketLine {
  line_id: string;
  variant_id: string;
  name: string;
  unit_price: number;
  /** A fraction: 0.09. */
  tax_rate: number;
  quantity: number;
  modifiers: Modifier[];
  discount: Discount | null;
}

export interface Basket {
  lines: BasketLine[];
  discount: Discount | null;
}

export const emptyBasket: Basket = { lines: [], discount: null };

/** One of an item with these choices; one more where the same is there already, without a discount of its own. */
export function withItem(basket: Basket, item: MenuItem, modifiers: Modifier[], lineId: string): Basket {
  const same = basket.lines.find(
    (line) => line.variant_id === item.variant_id && line.discount === null && JSON.stringify(line.modifiers) === JSON.stringify(modifiers),
  );
  if (same) return withQuantity(basket, same.line_id, same.quantity + 1);
  const { variant_id, name, price: unit_price } = item;
  // A rate has 4 decimals on the wire; a percentage finer than that is rounded.
  const tax_rate = Math.round((item.tax_rate ?? 0) * 100) / 10_000;
  const line: BasketLine = { line_id: lineId, variant_id, name, unit_price, tax_rate, quantity: 1, modifiers, discount: null };
  return { ...basket, lines: [...basket.lines, line] };
}

/** At none or less the line goes; with the last line the discount on all. */
export function withQuantity(basket: Basket, lineId: string, quantity: number): Basket {
  const lines = basket.lines.flatMap((line) => (line.line_id !== lineId ? [line] : quantity <= 0 ? [] : [{ ...line, quantity }]));
  return lines.length === 0 ? emptyBasket : { ...basket, lines };
}

export function withLineDiscount(basket: Basket, lineId: string, discount: Discount | null): Basket {
  return { ...basket, lines: basket.lines.map((line) => (line.line_id === lineId ? { ...line, discount } : line)) };
}

/** As it is recorded: the discount on all is spread over the lines, beside their own. */
export function linesOf({ lines, discount }: Basket): Line[] {
  const priced = lines.map((line) => {
    const { line_id, variant_id, name, quantity, unit_price, modifiers, tax_rate } = line;
    const plain: Line = { line_id, variant_id, name, quantity, unit_price, modifiers, tax_rate };
    const { gross_minor } = totalsOfLine(plain, true);
    const own = discountOf(line.discount, gross_minor);
    return { plain, own, left: gross_minor - own };
  });
  const whole = discountOf(
    discount,
    priced.reduce((sum, { left }) => sum + left, 0),
  );
  const shares = spreadDiscount(
    priced.map(({ plain, left }) => ({ line_id: plain.line_id, gross_minor: left })),
    whole,
  );
  return priced.map(({ plain, own }) => ({ ...plain, discount: own + (shares[plain.line_id] ?? 0) }));
}

/** Of what is left of an amount, never more than it. */
function discountOf(discount: Discount | null, amountMinor: number): number {
  if (discount === null || amountMinor <= 0) return 0;
  const wanted = discount.kind === "amount" ? discount.amount : Math.round((amountMinor * discount.percent) / 100);
  return Math.min(Math.max(wanted, 0), amountMinor);
}

/** By the very function that the server uses. */
export function totalsOfLine(line: Line, taxIncluded: boolean): LineTotals {
  const e4 = (quantity: number) => quantityToE4(quantity) ?? 0;
  return lineTotals(
    {
      quantity_e4: e4(line.quantity),
      unit_price_minor: line.unit_price,
      modifiers: (line.modifiers ?? []).map(({ price, quantity = 1 }) => ({ price_minor: price, quantity_e4: e4(quantity) })),
      discount_minor: line.discount ?? 0,
      tax_rate_e4: e4(line.tax_rate ?? 0),
    },
    taxIncluded,
  );
}

export const totalsOf = (lines: readonly Line[], taxIncluded: boolean): LineTotals =>
  orderTotals(lines.map((line) => totalsOfLine(line, taxIncluded)));
