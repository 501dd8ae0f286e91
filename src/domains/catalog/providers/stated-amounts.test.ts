import { describe, expect, test } from "vitest";
import { readImpliedPrice, readMajorPrice, statedFlag, statedQuantity } from "./stated-amounts.ts";

const reason = (value: number | null | { reason: string }) => (typeof value === "object" && value !== null ? value.reason : value);

describe("a price in major units", () => {
  test.each<[unknown, string, number | string | null]>([
    ["21.99", "USD", 2_199],
    [6.5, "USD", 650],
    [4.3500000000000005, "USD", 435],
    ["0.0000", "USD", 0],
    [35_000, "IDR", 3_500_000],
    ["35000.00", "IDR", 3_500_000],
    ["1200.00", "JPY", 1_200],
    [1.25, "KWD", 1_250],
    ["", "USD", null],
    [null, "USD", null],
    [undefined, "XXX", null],
    ["1.234", "USD", "PRICE_INVALID"],
    [0.001, "USD", "PRICE_INVALID"],
    [1e21, "USD", "PRICE_INVALID"],
    [-1, "USD", "PRICE_NEGATIVE"],
    ["free", "USD", "PRICE_INVALID"],
    [{}, "USD", "PRICE_INVALID"],
    [1, "XXX", "CURRENCY_UNKNOWN"],
  ])("%j in %s", (value, currency, expected) => {
    expect(reason(readMajorPrice(value, currency))).toBe(expected);
  });
});

describe("a whole number with two implied decimals", () => {
  test.each<[unknown, string, number | string | null]>([
    [500, "EUR", 500],
    ["500", "EUR", 500],
    [5, "EUR", 5],
    [0, "JPY", 0],
    [50_000, "JPY", 500],
    [50_050, "JPY", "PRICE_INVALID"],
    [500, "KWD", 5_000],
    [null, "EUR", null],
    [5.5, "EUR", "PRICE_NOT_INTEGER"],
    ["5.5", "EUR", "PRICE_INVALID"],
    [-5, "EUR", "PRICE_NEGATIVE"],
    [1, "XXX", "CURRENCY_UNKNOWN"],
  ])("%j in %s", (value, currency, expected) => {
    expect(reason(readImpliedPrice(value, 2, currency))).toBe(expected);
  });
});

test.each<[unknown, number | null]>([
  [7, 70_000],
  ["79", 790_000],
  ["2.5", 25_000],
  [-3, -30_000],
  [-0.00001, 0],
  ["", null],
  [null, null],
  ["many", null],
  [1e300, null],
])("the quantity %j", (value, quantity) => {
  expect(statedQuantity(value)).toBe(quantity);
});

test("yes and no", () => {
  expect([true, 1, "1", "True", false, 0, "false", null, "parent", {}].map(statedFlag)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    null,
    null,
    null,
  ]);
});
