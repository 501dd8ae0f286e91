import { expect, test } from "vitest";
import { cellSize, fileLimitProblem, ownLimits } from "./cell-size.ts";

const limits = (soft: string) =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax processes             7 7 processes\nMax open files            ${soft}                1048576              files\n`;

test("a cell's bounds grow with its tenants, with room above them", () => {
  expect(cellSize(500).max_namespaces).toBe(620);
  for (const tenants of [0, 1, 100, 5_000]) expect(cellSize(tenants).max_namespaces).toBeGreaterThan(tenants + 1);
  expect(cellSize(5_000).open_files).toBeGreaterThan(5_000 * 8);
});

test("too few files are said with the command that mends it", () => {
  expect(fileLimitProblem(500, limits("1024"))).toBe(
    "a node of a cell of 500 tenants opens up to 6400 files and may open 1024: ulimit -n 6400",
  );
  for (const enough of [limits("6400"), limits("unlimited"), ""]) expect(fileLimitProblem(500, enough)).toBeNull();
  expect(fileLimitProblem(1, ownLimits())).toBeNull();
});
