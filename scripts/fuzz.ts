// npm run fuzz: asks every route of the running Worker what nobody should. See usage below.
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startDemoStack } from "../test/support/node/demo-stack.ts";
import { operatorClient } from "./api-client.ts";
import { readKnownWorld } from "./fuzz/known-world.ts";
import type { OpenApiDocument } from "./fuzz/operations.ts";
import { type FuzzReport, runFuzz } from "./fuzz/run-fuzz.ts";
import { stillHealthy } from "./fuzz/still-healthy.ts";
import { shown } from "./state-directory.ts";

const usage = `npm run fuzz -- [--seconds <n>] [--seed <n>] [--route <text>] [--keep]

Starts a local stack of its own with the demo tenants and sends each route of its OpenAPI document requests that nearly
work and requests that are hostile. Every answer must come within 10 s, must not be a 5xx, and every error must be a
problem document. Ends with status 1 and the smallest request found that breaks this.

  --seconds <n>   how long, 1 to 86400 (300)
  --seed <n>      repeats a run: what is sent follows from it (random)
  --route <text>  only routes whose name holds it, as in "POST /api/v1/stores"
  --keep          leave the stack running after a finding, so that its curl line can be tried, until Ctrl-C
  --help          this text`;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

const options = readOptions();
if (options) await fuzz(options);

type Options = { seconds: number; seed: number; route: string | undefined; keep: boolean };

async function fuzz({ seconds, seed, route, keep }: Options): Promise<void> {
  console.error(`starting a stack; seed ${seed}`);
  const { stack, demo, operator_key, stop } = await startDemoStack();
  try {
    const operator = operatorClient(stack.base_url, operator_key);
    const world = await readKnownWorld(operator, operator_key, demo);
    const document = await operator.get<OpenApiDocument>("/openapi.json");
    console.error(`fuzzing ${stack.base_url} for ${seconds} s`);
    const report = await runFuzz({ origin: stack.base_url, document, world, seconds, seed, route, log_file: stack.worker.log_file });
    print(report);
    const harm = await stillHealthy(stack.base_url, demo, stack.worker.log_file);
    for (const problem of harm) console.log(`afterwards: ${problem}`);
    if (report.findings.length + harm.length === 0) return;
    process.exitCode = 1;
    if (keep) {
      console.error("the stack runs until Ctrl-C");
      await new Promise(() => setInterval(() => {}, 60_000));
    }
  } finally {
    await stop();
  }
}

function print({ seed, requests, tallies, findings }: FuzzReport): void {
  const width = Math.max(...tallies.map(({ route }) => route.length));
  for (const { route, requests, statuses, slowest_ms } of tallies) {
    const counts = [...statuses].sort(([a], [b]) => a.localeCompare(b)).map(([status, count]) => `${status}×${count}`);
    console.log(
      `${route.padEnd(width)} ${String(requests).padStart(6)}  slowest ${String(Math.round(slowest_ms)).padStart(5)} ms  ${counts.join(" ")}`,
    );
  }
  for (const { route, problem, curl, reason } of findings) {
    console.log(`\n${route}: ${problem}${reason ? `\n  reason: ${reason}` : ""}\n  ${shownCurl(curl)}`);
  }
  console.log(`\n${requests} requests to ${tallies.length} routes, ${findings.length} findings, seed ${seed}`);
}

/** A line too long to read goes to a file. */
function shownCurl(curl: string): string {
  if (curl.length <= 4_000) return curl;
  const dir = join(import.meta.dirname, "../test-artifacts/fuzz");
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `${createHash("sha256").update(curl).digest("hex").slice(0, 12)}.sh`);
  writeFileSync(file, `${curl}\n`);
  return `bash ${shown(file)}`;
}

function readOptions(): Options | null {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "300" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
      route: { type: "string" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return null;
  }
  const seconds = Number(values.seconds);
  const seed = Number(values.seed);
  if (!(seconds >= 1 && seconds <= 86_400) || !Number.isSafeInteger(seed)) {
    console.error(`--seconds takes 1 to 86400 and --seed a whole number\n\n${usage}`);
    process.exitCode = 2;
    return null;
  }
  return { seconds, seed, route: values.route, keep: values.keep };
}
