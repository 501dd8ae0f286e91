import type { Summary } from "./contest.ts";

export type RowResult = { name: string; path: string; floor: string; target: number } & (
  | { summary: Summary; passed: boolean }
  | { error: string }
);

const header = ["path", "requests/s", "p50 ms", "p99 ms", "floor's requests/s", "ratio", "(lowest – highest)", "to reach", "CPU ratio", ""];

/** The table as text; numbers stand right. */
export function resultTable(results: readonly RowResult[]): string {
  const rows = [header, ...results.map(cellsOf)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  "))
    .join("\n");
}

/** The same for a document. */
export function markdownTable(results: readonly RowResult[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map((_, column) => (column === 0 ? "---" : "---:"))), ...results.map((one) => line(cellsOf(one)))].join(
    "\n",
  );
}

function cellsOf(result: RowResult): string[] {
  const { path, target } = result;
  if ("error" in result) return [path, "–", "–", "–", "–", "–", "–", target.toFixed(2), "–", "ERROR"];
  const { ours, floor, ratio, lowest_ratio, highest_ratio, cpu_ratio } = result.summary;
  return [
    path,
    rate(ours.requests_per_s),
    ours.p50_ms?.toFixed(1) ?? "–",
    ours.p99_ms?.toFixed(1) ?? "–",
    rate(floor.requests_per_s),
    ratio.toFixed(2),
    `(${lowest_ratio.toFixed(2)} – ${highest_ratio.toFixed(2)})`,
    target.toFixed(2),
    cpu_ratio.toFixed(2),
    result.passed ? "pass" : "FAIL",
  ];
}

const rate = (perSecond: number): string => (perSecond < 100 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString("en"));
