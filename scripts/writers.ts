// npm run writers: many writers to one tenant at once, and a sale beside a large ingestion. See usage below.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type ApiClient, operatorClient, tenantClient } from "./api-client.ts";
import { buildWorker } from "./bench/build-worker.ts";
import { startRawWorkerd } from "./bench/raw-workerd.ts";
import { variablesOf } from "./bench/stand.ts";
import { tenantDatabase } from "./bench/tenant-database.ts";
import { freePort } from "./free-port.ts";
import { generateKeys, publicKeyPem } from "./keys.ts";
import { registerLocalCell } from "./local-stack.ts";
import { startSqld } from "./sqld.ts";

const usage = `npm run writers -- [--clients 200] [--seconds 60] [--rows 10000] [--json]

Writes to one tenant from many clients at once on a bare workerd with a real sqld pair, and measures a sale's latency
alone and beside an ingestion of --rows rows. Ends with 1 where a write stalled over a second, a row or a receipt is
missing or doubled, or a sale beside the ingestion takes over three times its quiet p99.`;

const slug = "writers";
const stallMs = 1_000;
const slowdownAtMost = 3;
const saleClients = 8;

interface Phase {
  writes: number;
  refused: number;
  seconds: number;
  p50_ms: number;
  p99_ms: number;
  longest_ms: number;
}

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "200" },
    seconds: { type: "string", default: "60" },
    rows: { type: "string", default: "10000" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) console.log(usage);
else await run(Number(values.clients), Number(values.seconds), Number(values.rows), values.json);

async function run(clients: number, seconds: number, rows: number, json: boolean): Promise<void> {
  const root = resolve(import.meta.dirname, "../.tmp");
  mkdirSync(root, { recursive: true });
  const dir = mkdtempSync(join(root, "writers-"));
  const keys = generateKeys();
  const sqld = await startSqld({
    dir: join(dir, "data"),
    jwtPublicKeyPem: publicKeyPem(keys.jwt_private_key),
    adminKey: keys.sqld_admin_key,
    fresh: true,
  });
  const bundle = await buildWorker(join(dir, "bundle"), { minify: true });
  const worker = await startRawWorkerd({
    dir,
    port: await freePort(),
    bundle,
    variables: variablesOf(keys, sqld),
    inspectorPort: undefined,
  });
  try {
    const operator = operatorClient(worker.base_url, keys.operator_key);
    await registerLocalCell(operator, sqld);
    const { admin_key } = await operator.post<{ admin_key: string }>("/internal/tenants", { slug, name: "Writers", currency: "USD" });
    const write = writer(worker.base_url, admin_key);
    const database = tenantDatabase(sqld.primary_url, keys.jwt_private_key, `t-${slug}`, "rw");

    const crowd = await drive(write, clients, () => seconds * 1_000);
    const count = async (sql: string) => Number((await database.query(sql))[0]?.["n"]);
    const stores = await count("SELECT count(*) AS n FROM stores");
    const receipts = await count("SELECT count(*) AS n FROM receipts WHERE route = '/api/v1/stores' AND code IS NULL");

    const quiet = await drive(write, saleClients, () => 10_000);
    const ingestion = ingest(tenantClient(worker.base_url, slug, admin_key), rows);
    let ingesting = true;
    const ended = ingestion.finally(() => {
      ingesting = false;
    });
    const beside = await drive(write, saleClients, (elapsedMs) => (ingesting ? elapsedMs + 1 : 0));
    const taken = await ended;

    const result = {
      crowd: { clients, ...crowd, stores, receipts },
      sale_quiet: { clients: saleClients, ...quiet },
      sale_beside_ingestion: { clients: saleClients, ...beside, rows: taken, slowdown: beside.p99_ms / quiet.p99_ms },
    };
    const faults = [
      crowd.longest_ms > stallMs ? `a write took ${crowd.longest_ms} ms` : null,
      stores !== crowd.writes || receipts !== crowd.writes
        ? `${crowd.writes} writes were answered, ${stores} rows and ${receipts} receipts stand`
        : null,
      result.sale_beside_ingestion.slowdown > slowdownAtMost
        ? `a sale beside the ingestion takes ${result.sale_beside_ingestion.slowdown.toFixed(1)} times as long`
        : null,
    ].filter((fault) => fault !== null);
    if (json) console.log(JSON.stringify({ ...result, faults }));
    else {
      console.table(Object.fromEntries(Object.entries(result).map(([name, phase]) => [name, rounded(phase)])));
      for (const fault of faults) console.error(fault);
    }
    process.exitCode = faults.length > 0 ? 1 : 0;
  } finally {
    await worker.stop();
    await sqld.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

function rounded(phase: object): Record<string, number> {
  return Object.fromEntries(Object.entries(phase).map(([name, value]) => [name, Math.round(value * 10) / 10]));
}

/** One small write with a key of its own; resolves to its status. */
function writer(baseUrl: string, key: string): (name: string) => Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  return (name) =>
    new Promise((answered, failed) => {
      const body = JSON.stringify({ name, timezone: "UTC", currency: "USD" });
      const headers = { "content-type": "application/json", apikey: key, "x-tenant-id": slug, "idempotency-key": name };
      const sent = request(`${baseUrl}/api/v1/stores`, { agent, method: "POST", headers, timeout: 30_000 }, (response) => {
        response.resume();
        response.on("end", () => answered(response.statusCode ?? 0));
      });
      sent.on("timeout", () => sent.destroy(new Error("no answer in 30 s")));
      sent.on("error", failed);
      sent.end(body);
    });
}

/** Clients that write one after another until `untilMs(elapsed)` is passed. A refusal (503) is counted and tried again later. */
async function drive(write: (name: string) => Promise<number>, clients: number, untilMs: (elapsedMs: number) => number): Promise<Phase> {
  const began = performance.now();
  const latencies: number[] = [];
  let refused = 0;
  const client = async () => {
    while (performance.now() - began < untilMs(performance.now() - began)) {
      const name = crypto.randomUUID();
      for (let attempt = 0; ; attempt++) {
        const sent = performance.now();
        const status = await write(name);
        if (status === 201) {
          latencies.push(performance.now() - sent);
          break;
        }
        if (status !== 503 || attempt > 20) throw new Error(`a write was answered ${status}`);
        refused += 1;
        await new Promise((resume) => setTimeout(resume, 100));
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const seconds = (performance.now() - began) / 1_000;
  return { writes: sorted.length, refused, seconds, p50_ms: at(0.5), p99_ms: at(0.99), longest_ms: sorted.at(-1) ?? 0 };
}

/** Takes in a catalogue of `rows` products and waits for its end; resolves to the rows taken in. */
async function ingest(tenant: ApiClient, rows: number): Promise<number> {
  const source = await tenant.post<{ id: string }>("/api/v1/source-systems", { source_type: "pos", name: "Big", provider: "cata" });
  const products = Array.from({ length: rows }, (_, index) => ({
    id: `p${index}`,
    item_code: `CODE-${index}`,
    name: `Product number ${index} with a name of usual length`,
    description: "What it is, in the words of whoever sells it, about as long as such words are.",
    price: 100 + index,
  }));
  const run = await tenant.post<{ id: string }>(`/api/v1/source-systems/${source.id}/ingestions`, { products });
  for (;;) {
    const state = await tenant.get<{ status: string; inserted: number }>(`/api/v1/ingestions/${run.id}`);
    if (state.status === "completed") return state.inserted;
    if (state.status !== "queued" && state.status !== "running") throw new Error(`the ingestion ended as ${state.status}`);
    await new Promise((resume) => setTimeout(resume, 250));
  }
}
