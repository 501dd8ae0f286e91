import { describe, expect, test } from "vitest";
import type { RowError } from "../canonical.ts";
import type { PayloadTable } from "../providers/provider.ts";
import { keepRejected, rejectedLine, sheetOf } from "./rejected-rows.ts";

const error = (position: string): RowError => ({ position, item_code: "A", reason: "PRICE_INVALID", message: "price is no number." });

const tableOf = (header: string[], rows: Record<string, string[]>): PayloadTable => ({
  delimiter: ";",
  header,
  bytesOf: (position) => rows[position]?.join(";").length ?? 0,
  cellsOf: (position) => rows[position] ?? null,
});

const linesOf = (header: string[], rows: Record<string, string[]>): string[][] => {
  const kept = keepRejected(Object.keys(rows).map(error), tableOf(header, rows), true);
  const sheet = sheetOf(kept[0]);
  return kept.map((row) => rejectedLine(sheet, row));
};

describe("rejected rows", () => {
  test("stand in their own columns, the reason behind them, whatever their length", () => {
    expect(linesOf(["sku", "name"], { "row 2": ["A", "Tea"], "row 3": ["B"], "row 4": ["C", "Roll", " plain", ""] })).toEqual([
      ["A", "Tea", "PRICE_INVALID", "Row 2: price is no number."],
      ["B", "", "PRICE_INVALID", "Row 3: price is no number."],
      ["C", "Roll", "PRICE_INVALID", "Row 4: price is no number.", " plain", ""],
    ]);
  });

  test("sent again have the new reason in the place of the old one", () => {
    expect(linesOf(["sku", "reason", "message"], { "row 2": ["A", "NAME_MISSING", "Row 9: name is missing.", "more"] })).toEqual([
      ["A", "PRICE_INVALID", "Row 2: price is no number.", "more"],
    ]);
  });

  test("too long to be kept are named", () => {
    expect(linesOf(["sku", "name"], { "row 2": ["A", "x".repeat(32_768)] })).toEqual([
      ["", "", "PRICE_INVALID", "Row 2: price is no number. The row is too long to be repeated here."],
    ]);
  });

  test("carry what the table has in common on the first of a run only", () => {
    const table = tableOf(["sku"], { "row 2": ["A"], "row 3": ["B"] });
    const common = { delimiter: ";", header: ["sku"] };
    expect(keepRejected([error("row 2"), error("row 3")], table, true).map((row) => row.table)).toEqual([common, undefined]);
    expect(keepRejected([error("row 2")], table, false).map((row) => row.table)).toEqual([undefined]);
  });

  test("of a payload that is no table are named by their position", () => {
    const kept = keepRejected([error("products[3]")], null, true);
    expect(kept).toEqual([error("products[3]")]);
    expect(kept.map((row) => rejectedLine(sheetOf(kept[0]), row))).toEqual([["products[3]", "A", "PRICE_INVALID", "price is no number."]]);
  });
});
