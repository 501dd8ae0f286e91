import { QUANTITY_SCALE } from "../../kernel/quantity.ts";

/** What of a line decides its money. Minor units, ten-thousandths; a tax rate of 0.09 is 900. */
export interface PricedLine {
  quantity_e4: number;
  unit_price_minor: number;
  /** Quantities are for each unit of the line. */
  modifiers: readonly { price_minor: number; quantity_e4: number }[];
  discount_minor: number;
  tax_rate_e4: number;
}

export interface LineTotals {
  gross_minor: number;
  discount_minor: number;
  tax_minor: number;
  total_minor: number;
}

const RATE_SCALE = 10_000n;

/** `numerator / denominator` to the nearest whole number, halves away from zero. */
function rounded(numerator: bigint, denominator: bigint): bigint {
  const half = denominator / 2n;
  return numerator < 0n ? -((-numerator + half) / denominator) : (numerator + half) / denominator;
}

/**
 * The one rounding rule: each line is rounded once, to the minor unit, half away from zero, and everything else is a sum of lines. So a total
 * does not depend on the order of the lines, nor on when they were added. `tax_included`: the prices have the tax in them.
 */
export function lineTotals(line: PricedLine, tax_included: boolean): LineTotals {
  const scale = BigInt(QUANTITY_SCALE);
  const modifiers = line.modifiers.reduce((sum, { price_minor, quantity_e4 }) => sum + BigInt(price_minor) * BigInt(quantity_e4), 0n);
  const each = BigInt(line.unit_price_minor) * scale + modifiers;
  const gross = rounded(each * BigInt(line.quantity_e4), scale * scale);
  const net = gross - BigInt(line.discount_minor);
  const rate = BigInt(line.tax_rate_e4);
  const tax = tax_included ? rounded(net * rate, RATE_SCALE + rate) : rounded(net * rate, RATE_SCALE);
  const total = tax_included ? net : net + tax;
  return { gross_minor: Number(gross), discount_minor: line.discount_minor, tax_minor: Number(tax), total_minor: Number(total) };
}

/** The sums of an order's lines. */
export function orderTotals(lines: readonly LineTotals[]): LineTotals {
  const sum = { gross_minor: 0, discount_minor: 0, tax_minor: 0, total_minor: 0 };
  for (const line of lines) {
    sum.gross_minor += line.gross_minor;
    sum.discount_minor += line.discount_minor;
    sum.tax_minor += line.tax_minor;
    sum.total_minor += line.total_minor;
  }
  return sum;
}

/**
 * A discount on a whole basket as discounts of its lines, in proportion to what they cost: each its share rounded down, the minor units that
 * are left to the largest remainders, of equal ones to the smaller id. The shares sum up to the discount, whatever the order of the lines.
 */
export function spreadDiscount(lines: readonly { line_id: string; gross_minor: number }[], discount_minor: number): Record<string, number> {
  const whole = lines.reduce((sum, { gross_minor }) => sum + BigInt(gross_minor), 0n);
  if (whole <= 0n) return {};
  const discount = BigInt(discount_minor);
  const shares = lines.map(({ line_id, gross_minor }) => {
    const exact = BigInt(gross_minor) * discount;
    return { line_id, share: exact / whole, left: exact % whole };
  });
  shares.sort((a, b) => (a.left === b.left ? (a.line_id < b.line_id ? -1 : 1) : a.left > b.left ? -1 : 1));
  let rest = Number(discount - shares.reduce((sum, { share }) => sum + share, 0n));
  return Object.fromEntries(shares.map(({ line_id, share }) => [line_id, Number(share) + (rest-- > 0 ? 1 : 0)]));
}
