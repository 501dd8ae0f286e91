// npm run faults: writes under every fault there is, and a table of what was lost or doubled. See usage below.
import { parseArgs } from "node:util";
import { table } from "./command-line.ts";
import { type FaultReport, type FaultRun, isSound, runFaults, scenarios } from "./faults/run-faults.ts";

/** Of each scenario. */
const SHOWN_WRONGS = 5;

const width = Math.max(...scenarios.map(({ name }) => name.length));
const usage = `npm run faults -- [--seed <n>] [--only <scenario>]… [--short] [--json]

Starts sqld, a proxy that spoils requests to it, and the Worker, all new; writes while the proxy and the driver make faults; and
counts what stands. Ends with status 1 where an effect is lost or doubled, an answer does not fit its effect, or a key is stuck.

${scenarios.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join("\n")}

  --seed <n>   repeats a run's choice of faults (random)
  --only <s>   this scenario alone; may be given several times
  --short      the same with few writes, as the tests do it (under two minutes)
  --json       the table for machines
  --help       this text`;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

const options = readOptions();
if (options) {
  const { json, run } = options;
  if (!json) console.error(`seed ${run.seed}`);
  const report = await runFaults(run);
  endProgress();
  console.log(json ? JSON.stringify(report) : shownTable(report));
  if (!isSound(report)) process.exitCode = 1;
}

function shownTable({ seed, seconds, rows }: FaultReport): string {
  const lines = rows.map(({ scenario, fault, count, effects, lost, doubled, wrong }) => [
    scenario,
    fault,
    ...[count, effects, lost, doubled, wrong.length].map((value) => value.toLocaleString("en")),
  ]);
  const wrongs = scenarios.flatMap(({ name }) => {
    const words = new Set(rows.filter(({ scenario }) => scenario === name).flatMap(({ wrong }) => wrong));
    return [...words].slice(0, SHOWN_WRONGS).map((wrong) => `\n${name}: ${wrong}`);
  });
  const heads = ["scenario", "fault", "count", "effects hit", "lost", "doubled", "wrong answers"];
  return `${table([heads, ...lines])}\n${wrongs.join("")}\nseed ${seed}, ${seconds} s`;
}

/** On a terminal one line that is rewritten; elsewhere a line every ten seconds, for a log. */
function progressLine(): (line: string) => void {
  let shownAtMs = Number.NEGATIVE_INFINITY;
  return (line) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
    else if (performance.now() - shownAtMs > 10_000) {
      shownAtMs = performance.now();
      console.error(line);
    }
  };
}

function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}

function readOptions(): { json: boolean; run: FaultRun } | null {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
      only: { type: "string", multiple: true, default: [] },
      short: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return null;
  }
  const seed = Number(values.seed);
  const unknown = values.only.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (!Number.isSafeInteger(seed) || unknown.length > 0) {
    console.error(
      unknown.length > 0 ? `there is no scenario ${unknown.join(", ")}\n\n${usage}` : `--seed takes a whole number\n\n${usage}`,
    );
    process.exitCode = 2;
    return null;
  }
  return { json: values.json, run: { seed, only: values.only, short: values.short, progress: progressLine() } };
}
