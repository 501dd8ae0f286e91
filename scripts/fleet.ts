// npm run fleet: a cell full of tenants, made, migrated and measured. See usage below.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type ApiClient, operatorClient } from "./api-client.ts";
import { cellSize } from "./cell-size.ts";
import { query } from "./databases/connection.ts";
import { reachDatabase } from "./databases/reach-database.ts";
import { type FleetStage, fleetTable } from "./fleet/fleet-table.ts";
import { type FleetMigration, migrateRun } from "./fleet/migrate-run.ts";
import { nodeFigures } from "./fleet/node-figures.ts";
import { provisionTenant, publishMenu, type ServedTenant, slugOf } from "./fleet/provision-tenant.ts";
import { readLatency } from "./fleet/read-latency.ts";
import { restartTimes } from "./fleet/restart-times.ts";
import { freePort } from "./free-port.ts";
import { inLanes } from "./in-lanes.ts";
import { generateKeys } from "./keys.ts";
import { type LocalStack, registerLocalCell, startLocalStack } from "./local-stack.ts";
import { showProgress } from "./show-progress.ts";
import type { SqldPair } from "./sqld.ts";

const usage = `npm run fleet -- [--tenants 500] [--reads 1000] [--json]

Starts an sqld pair and the Worker in a directory of its own, makes so many tenants through the operator's API, each with a store and
a menu, and migrates them all: a run is killed half way and taken up again, past one tenant that was broken on purpose. Prints what the
nodes take and how fast a menu is read, with 0, 1, 100 and all tenants in the cell.

  --tenants <n>   500
  --reads <n>     menu reads that a percentile is taken of
  --json          print one JSON object`;

const stagesBefore = [0, 1, 100];

const root = resolve(import.meta.dirname, "..");
const began = performance.now();
let stack: LocalStack | undefined;
let dir: string | undefined;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => end().finally(() => process.exit(1)));

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
} finally {
  await end();
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      tenants: { type: "string", default: "500" },
      reads: { type: "string", default: "1000" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const [all, reads] = [wholeNumber("tenants", values.tenants), wholeNumber("reads", values.reads)];
  mkdirSync(join(root, ".tmp"), { recursive: true });
  dir = mkdtempSync(join(root, ".tmp/fleet-"));
  const keys = generateKeys();
  stack = await startLocalStack({ dir, port: await freePort(), keys, cellTenants: all });
  const operator = operatorClient(stack.base_url, keys.operator_key);
  await registerLocalCell(operator, stack.sqld);
  step("databases and Worker are up");

  const served: ServedTenant[] = [];
  const stages: FleetStage[] = [];
  let provisioningS = 0;
  for (const tenants of [...stagesBefore.filter((stage) => stage < all), all]) {
    const slugs = Array.from({ length: tenants - served.length }, (_, index) => slugOf(served.length + index));
    const startedMs = performance.now();
    await inTurns("tenants made", slugs, async (slug) => {
      served.push(await publishMenu(operator.base_url, await provisionTenant(operator, slug)));
    });
    provisioningS += (performance.now() - startedMs) / 1000;
    stages.push(await measure(operator, stack.sqld, served, reads));
    step(`measured with ${tenants} tenants`);
  }
  // Last: it takes the menus with it.
  const migration = await migrateRun(operator, keys.operator_key, served, step);
  const report = { cell: { tenants: all, ...cellSize(all) }, provisioned_per_s: all / provisioningS, stages, migration };
  console.log(values.json ? JSON.stringify(report, null, 2) : summary(report));
}

async function measure(operator: ApiClient, sqld: SqldPair, served: readonly ServedTenant[], reads: number): Promise<FleetStage> {
  // Since the last restart only those are open that somebody asked for.
  await inLanes(served, async ({ slug }) => {
    await query(await reachDatabase(operator, "local", `t-${slug}`, "ro"), "SELECT 1");
  });
  const sizes = [...stagesBefore.filter((stage) => stage > 0 && stage < served.length), served.length].filter((size) => size > 0);
  const latencies = await readLatency(operator.base_url, served, sizes, reads);
  const [primary = 0, replica = 0] = sqld.pids();
  return {
    tenants: served.length,
    primary: nodeFigures(primary, join(dir ?? "", "data/primary")),
    replica: nodeFigures(replica, join(dir ?? "", "data/replica")),
    reads: latencies,
    restart: await restartTimes(sqld),
  };
}

type Report = {
  cell: { tenants: number; max_namespaces: number; open_files: number };
  provisioned_per_s: number;
  stages: FleetStage[];
  migration: FleetMigration;
};

function summary({ cell, provisioned_per_s, stages, migration }: Report): string {
  const { resumed, again, mended } = migration;
  const perSecond = (resumed.migrated / resumed.seconds).toFixed(0);
  const last = stages.at(-1)?.reads ?? [];
  return [
    fleetTable(stages),
    "",
    `Of ${cell.tenants} tenants, read in turn: ${last.map((reads) => `${reads.tenants} at p50 ${reads.p50_ms.toFixed(1)} p99 ${reads.p99_ms.toFixed(1)} ms`).join("; ")}.`,
    `--max-active-namespaces ${cell.max_namespaces}, ulimit -n ${cell.open_files}; ${provisioned_per_s.toFixed(1)} tenants made a second, each with a menu.`,
    `Version ${migration.from_version} to ${migration.to_version}: killed with ${migration.migrated_when_killed} migrated; resumed, ${resumed.migrated} more at ${perSecond} a second, past`,
    ...resumed.failed.map(({ problem }) => `  ${problem}`),
    `Run again: ${again.migrated} migrated, ${again.up_to_date} passed, in ${again.seconds.toFixed(1)} s. ${mended.slug} mended: ${mended.migrated} migrated, ${mended.failed} failed.`,
  ].join("\n");
}

async function inTurns(what: string, slugs: readonly string[], work: (slug: string) => Promise<void>): Promise<void> {
  const progress = showProgress(what);
  let done = 0;
  await inLanes(slugs, async (slug) => {
    await work(slug);
    progress.show(++done, slugs.length);
  });
  progress.end();
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} takes a whole number above 0, not "${text}"`);
  return number;
}

function step(line: string): void {
  console.error(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

async function end(): Promise<void> {
  const [ending, left] = [stack, dir];
  stack = undefined;
  dir = undefined;
  await ending?.stop();
  if (left) rmSync(left, { recursive: true, force: true });
}
