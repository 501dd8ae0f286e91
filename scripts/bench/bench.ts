// npm run bench: the Worker's paths against the floors of the runtime they stand on. See usage below, and docs/bench.md.
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { BenchRow } from "./bench-row.ts";
import { runContest, summarise } from "./contest.ts";
import { environmentFacts, isBusy } from "./environment-facts.ts";
import { profiled } from "./profile.ts";
import { markdownTable, type RowResult, resultTable } from "./result-table.ts";
import { catalogViewReads } from "./rows/catalog-view.ts";
import { menuReads } from "./rows/menu-reads.ts";
import { orderabilityReads } from "./rows/orderability-reads.ts";
import { pushes } from "./rows/push.ts";
import { regeneration } from "./rows/regeneration.ts";
import { reservations } from "./rows/reserve.ts";
import { writes } from "./rows/writes.ts";
import { type Stand, startStand } from "./stand.ts";

const rows: readonly BenchRow[] = [
  ...menuReads,
  ...orderabilityReads,
  ...catalogViewReads,
  ...writes,
  ...reservations,
  ...pushes,
  regeneration,
];

const usage = `npm run bench -- [--only <name>]… [--rounds <n>] [--seconds <n>] [--json | --markdown] [--profile <directory>] [--check]

Builds the Worker, starts it on a bare workerd with an sqld primary and replica, and measures each path against its floor:
a tiny Worker that does the least that could answer the same. Both sides are measured in turn, round by round.

  --only <name>      measure this row; may be given again (${rows.map(({ name }) => name).join(", ")})
  --rounds <n>       rounds that count, 1 to 50 (5)
  --seconds <n>      load on each side in a round, 0.5 to 60 (2)
  --json             print one JSON object: { environment, rows }
  --markdown         print the table for a document
  --profile <dir>    after each row's rounds take a CPU profile of the Worker into <dir>/<name>.cpuprofile;
                     the build is not minified then
  --check            end with status 1 where a row does not reach its ratio
  --help             this text`;

const root = resolve(import.meta.dirname, "../..");

type Options = {
  chosen: BenchRow[];
  rounds: number;
  seconds: number;
  output: "text" | "json" | "markdown";
  profile: string | undefined;
  check: boolean;
};

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

const options = readOptions();
if (options) await bench(options);

async function bench(options: Options): Promise<void> {
  const environment = environmentFacts();
  const { cores, load_average } = environment;
  if (isBusy(environment))
    note(`the machine is busy (load average ${load_average.toFixed(2)} on ${cores} cores): go by the ratios, not the rates`);
  const dir = join(root, `.tmp/bench-${process.pid}`);
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(dir, { recursive: true });
  if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
  const stand = await startStand({ dir, profiled: options.profile !== undefined, progress: note });
  const results: RowResult[] = [];
  try {
    for (const row of options.chosen) {
      note(row.name);
      results.push(await measure(row, stand, options));
    }
  } finally {
    await stand.stop();
  }
  if (options.output === "json") console.log(JSON.stringify({ environment, rows: results }, null, 2));
  else {
    const { date, cpu, node, workerd, sqld, wrangler } = environment;
    console.log(
      `${date}, ${cores} cores (${cpu}), load average ${load_average.toFixed(2)}; node ${node}, workerd ${workerd}, sqld ${sqld}, wrangler ${wrangler}\n`,
    );
    console.log(options.output === "markdown" ? markdownTable(results) : resultTable(results));
  }
  for (const result of results) if ("error" in result) console.error(`${result.name}: ${result.error}`);
  if (results.some((result) => "error" in result || (options.check && !result.passed))) process.exitCode = 1;
}

async function measure(row: BenchRow, stand: Stand, { rounds, seconds, profile }: Options): Promise<RowResult> {
  const { name, path, floor, target } = row;
  const about = { name, path, floor, target };
  try {
    const contest = await row.open(stand);
    try {
      const summary = summarise(await runContest(contest, { rounds, seconds }));
      if (profile !== undefined && stand.inspector_port !== undefined) {
        await profiled(stand.inspector_port, join(profile, `${name}.cpuprofile`), () => contest.ours(seconds));
      }
      return { ...about, summary, passed: summary.ratio >= target };
    } finally {
      await contest.stop();
    }
  } catch (error) {
    return { ...about, error: error instanceof Error ? error.message : String(error) };
  }
}

function readOptions(): Options | null {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", multiple: true, default: [] },
        rounds: { type: "string", default: "5" },
        seconds: { type: "string", default: "2" },
        json: { type: "boolean", default: false },
        markdown: { type: "boolean", default: false },
        profile: { type: "string" },
        check: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      return null;
    }
    const unknown = values.only.filter((name) => !rows.some((row) => row.name === name));
    if (unknown.length > 0) throw new Error(`there is no row ${unknown.join(", ")}`);
    return {
      chosen: rows.filter(({ name }) => values.only.length === 0 || values.only.includes(name)),
      rounds: numberOf("--rounds", values.rounds, 1, 50),
      seconds: numberOf("--seconds", values.seconds, 0.5, 60),
      output: values.json ? "json" : values.markdown ? "markdown" : "text",
      profile: values.profile,
      check: values.check,
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exitCode = 2;
    return null;
  }
}

function numberOf(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (Number.isFinite(number) && number >= least && number <= most) return number;
  throw new Error(`${option} takes a number from ${least} to ${most}, not "${text}"`);
}

/** On stderr: stdout is the result. */
function note(line: string): void {
  console.error(`  ${line}`);
}
