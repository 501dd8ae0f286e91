// npm start: the whole of Servery on this machine. See usage below.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ApiClient, operatorClient, tenantClient } from "./api-client.ts";
import { demoTenants } from "./demo/demo-tenants.ts";
import { demoIsServed, loadDemoTenant } from "./demo/load-demo.ts";
import { endEarlierRun } from "./earlier-run.ts";
import { isPortFree } from "./free-port.ts";
import { loadKeys } from "./keys.ts";
import { type LocalStack, registerLocalCell, type StackPart, startLocalStack } from "./local-stack.ts";
import { logTail } from "./log-tail.ts";
import { migrateFleet } from "./migrate-fleet.ts";
import { commandLine } from "./process-group.ts";
import { type Demo, forgetRun, readDemo, shown, stateDirectory, writeDemo, writeRun } from "./state-directory.ts";

const usage = `npm start -- [--port 8787] [--reset] [--no-demo]

Runs Servery on this machine: an sqld primary and its replica, and the Worker under wrangler with local queues,
R2 and Durable Objects. The first start brings in two demo tenants through the public API.

  --port <n>   where the Worker listens on 127.0.0.1 (8787)
  --reset      forget all data, keys and demo tenants of earlier starts
  --no-demo    bring in no demo tenants
  --help       this text

State, keys and logs are in .servery/; Ctrl-C ends every process.`;

const cronIntervalMs = 60_000;
const impatientMs = 500;
const watchIntervalMs = 5_000;
const watchFailures = 6;
/** Long enough to see what the rest does without it, or to start it by hand. */
const restartAfterMs: Record<StackPart, number> = { primary: 15_000, replica: 15_000, worker: 1_000 };
const restartsAtMost = 10;
const without: Record<StackPart, string> = {
  primary: "Reads go on from the replica; writes are answered 503.",
  replica: "Reads go to the primary; /readyz says so.",
  worker: "Nothing answers until it is back.",
};

type Options = { port: number; reset: boolean; demo: boolean };

const began = performance.now();
let stack: LocalStack | undefined;
let ending = false;
let ready = false;
let restarts = 0;
/** Keeps the process groups in run.json, for the next start to end should this one be killed. */
let noteChildren: (pids: number[]) => void = () => {};
/** Whether run.json is of this process; another start's is not ours to forget. */
let recorded = false;

let firstSignal: number | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    // One Ctrl-C comes twice, from the terminal and from npm; a later one does not wait: leaving kills the children at once.
    if (firstSignal !== undefined && performance.now() - firstSignal > impatientMs) process.exit(1);
    firstSignal ??= performance.now();
    if (ending) return;
    console.log("\nEnding …");
    end(0);
  });
}

// npm killed outright cannot pass that on: then the shell that it started this in is gone too.
const parent = process.ppid;
if (process.env.npm_lifecycle_event) {
  setInterval(() => {
    if (process.ppid !== parent && !ending) end(1);
  }, 1000).unref();
}

const options = readOptions();
if (options) {
  try {
    await start(options);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

async function start({ port, reset, demo }: Options): Promise<void> {
  const dir = stateDirectory;
  const left = await endEarlierRun(dir);
  if (left > 0) step(`ended ${left} process groups that an earlier start had left`);
  if (!(await isPortFree(port))) {
    throw new Error(`Port ${port} is taken. End what listens there, or choose another: npm start -- --port ${port + 1}`);
  }
  if (reset) {
    rmSync(dir, { recursive: true, force: true });
    step(`forgot ${shown(dir)}`);
  }
  const keys = loadKeys(dir);
  const base_url = `http://127.0.0.1:${port}`;
  const running = { base_url, supervisor_pid: process.pid, supervisor_command: commandLine(process.pid) };
  noteChildren = (pids) => writeRun(dir, { ...running, child_pids: pids });
  noteChildren([]);
  recorded = true;
  stack = await startLocalStack({ dir, port, keys, onDeath: mend, onStarted: noteChildren });
  step("databases and Worker are up");

  const operator = operatorClient(stack.base_url, keys.operator_key);
  await registerLocalCell(operator, stack.sqld);
  const fleet = await migrateFleet(operator, {});
  for (const { slug, problem } of fleet.failed) console.error(`  tenant ${slug} was not migrated: ${problem}`);
  step(`migrations are applied (${fleet.seen} tenants)`);

  const served = demo ? await bringInDemo(operator, dir) : readDemo(dir);
  tickCron(stack.base_url);
  watch(stack);
  printAddresses(stack.base_url, port, served, await pairingCodes(stack.base_url, served), dir);
  ready = true;
}

async function bringInDemo(operator: ApiClient, dir: string): Promise<Demo> {
  const kept = readDemo(dir);
  if (kept && (await demoIsServed(operator.base_url, kept, demoTenants))) {
    step("demo tenants are there");
    return kept;
  }
  const demo: Demo = { base_url: operator.base_url, tenants: [] };
  for (const tenant of demoTenants) demo.tenants.push(await loadDemoTenant(operator, tenant, (line) => step(`${tenant.slug}: ${line}`)));
  writeDemo(dir, demo);
  return demo;
}

/**
 * A code for a till at the first store of each demo tenant, good for ten minutes; docs/till.md has the request for another. A start does not
 * fail for want of one.
 */
async function pairingCodes(baseUrl: string, demo: Demo | null): Promise<Map<string, string>> {
  const codes = new Map<string, string>();
  for (const { slug, admin_key, stores } of demo?.tenants ?? []) {
    const client = tenantClient(baseUrl, slug, admin_key);
    try {
      const { code } = await client.post<{ code: string }>("/api/v1/terminals/pairing-codes", { store_id: stores[0]?.id });
      codes.set(slug, code);
    } catch (error) {
      console.error(`  no pairing code for ${slug}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return codes;
}

/** wrangler dev has no clock of its own for cron triggers. */
function tickCron(baseUrl: string): void {
  const tick = async () => {
    try {
      const response = await fetch(`${baseUrl}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`, { signal: AbortSignal.timeout(cronIntervalMs) });
      await response.arrayBuffer();
      if (!response.ok) console.error(`cron: status ${response.status}`);
    } catch (error) {
      if (!ending) console.error(`cron: ${error instanceof Error ? error.message : error}`);
    }
  };
  setInterval(tick, cronIntervalMs);
}

/** wrangler restarts a runtime that crashes, but not the proxy before it: then every request hangs though no child has ended. */
function watch(watched: LocalStack): void {
  let silent = 0;
  setInterval(async () => {
    const answered = await fetch(`${watched.base_url}/healthz`, { signal: AbortSignal.timeout(watchIntervalMs) }).then(
      (response) => response.arrayBuffer().then(() => true),
      () => false,
    );
    silent = answered ? 0 : silent + 1;
    if (silent < watchFailures) return;
    mend("worker", `the Worker has not answered for ${(silent * watchIntervalMs) / 1000} s; ${logTail(watched.worker.log_file)}`);
    silent = 0;
  }, watchIntervalMs);
}

function printAddresses(baseUrl: string, port: number, demo: Demo | null, codes: ReadonlyMap<string, string>, dir: string): void {
  const lines = [`\nServery runs at ${baseUrl}\n`];
  const width = Math.max(0, ...(demo?.tenants ?? []).flatMap(({ stores }) => stores.map(({ name }) => name.length)));
  for (const tenant of demo?.tenants ?? []) {
    const origin = `http://${tenant.host}:${port}`;
    lines.push(`  ${tenant.slug}  ${origin}/`);
    for (const store of tenant.stores) lines.push(`    ${store.name.padEnd(width)} ${origin}/stores/${store.id}`);
    lines.push(`    ${`till, pairing code ${codes.get(tenant.slug) ?? "see docs/till.md"}`.padEnd(width)} ${origin}/till`, "");
  }
  lines.push(`  API documentation  ${baseUrl}/docs`, `  OpenAPI            ${baseUrl}/openapi.json`);
  if (demo) lines.push(`  keys and ids       ${shown(join(dir, "demo.json"))}`);
  lines.push("", "Ctrl-C ends it.");
  console.log(lines.join("\n"));
}

function readOptions(): Options | null {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: "8787" },
        reset: { type: "boolean", default: false },
        "no-demo": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      return null;
    }
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new Error(`--port takes a number from 1 to 65535, not "${values.port}"`);
    return { port, reset: values.reset, demo: !values["no-demo"] };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exitCode = 2;
    return null;
  }
}

function step(line: string): void {
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

/** A part that dies is said and started again over the same data; one that keeps dying, or dies at the start, ends it all. */
function mend(part: StackPart, message: string): void {
  if (ending) return;
  restarts += 1;
  if (!ready || restarts > restartsAtMost) {
    fail(message);
    return;
  }
  const delayMs = restartAfterMs[part];
  console.error(`\n${message}\n${without[part]} It is started again in ${delayMs / 1000} s.`);
  setTimeout(async () => {
    if (ending || !stack) return;
    try {
      if (part === "worker") await stack.restartWorker();
      else {
        await (part === "primary" ? stack.sqld.startPrimary() : stack.sqld.startReplica());
        noteChildren([...stack.sqld.pids(), stack.worker.pid]);
      }
      step(`the ${part} is back`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (part !== "worker" && / is taken/.test(reason)) step(`the ${part}'s port is taken: somebody else started it`);
      else mend(part, reason);
    }
  }, delayMs);
}

function fail(message: string): void {
  if (ending) return;
  console.error(`\nServery ${ready ? "did not stay up" : "did not start"}: ${message}`);
  end(1);
}

function end(code: number): void {
  ending = true;
  const finish = () => {
    if (recorded) forgetRun(stateDirectory);
    process.exit(code);
  };
  // Without a stack a part of it may be coming up: leaving kills it.
  if (stack) stack.stop().then(finish, finish);
  else finish();
}
