import type { NodeFigures } from "./node-figures.ts";
import type { ReadLatency } from "./read-latency.ts";
import type { RestartTimes } from "./restart-times.ts";

/** A cell with so many tenants in it, all of them in use. */
export type FleetStage = {
  tenants: number;
  primary: NodeFigures;
  replica: NodeFigures;
  restart: RestartTimes;
  /** Of more and more of them, all of them last; none where there is nothing to read. */
  reads: ReadLatency[];
};

const header = [
  "tenants",
  "primary MB",
  "files",
  "disk MB",
  "replica MB",
  "files",
  "disk MB",
  "primary start ms",
  "after a kill ms",
  "replica start ms",
  "menu read p50 ms",
  "p99 ms",
];

const megabytes = (bytes: number): string => (bytes / 1_048_576).toFixed(0);

export function fleetTable(stages: readonly FleetStage[]): string {
  const rows = [header, ...stages.map(cellsOf)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")).join("\n");
}

const cellsOf = ({ tenants, primary, replica, restart, reads }: FleetStage): string[] => [
  String(tenants),
  ...[primary, replica].flatMap((node) => [megabytes(node.rss_bytes), String(node.open_files), megabytes(node.disk_bytes)]),
  restart.primary_start_ms.toFixed(0),
  restart.primary_restart_ms.toFixed(0),
  restart.replica_start_ms.toFixed(0),
  reads.at(-1)?.p50_ms.toFixed(1) ?? "–",
  reads.at(-1)?.p99_ms.toFixed(1) ?? "–",
];
