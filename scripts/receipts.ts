// npm run receipts: a tenant with a million remembered keys. See usage below.
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type ApiClient, operatorClient, tenantClient } from "./api-client.ts";
import { type TenantDatabase, tenantDatabase } from "./bench/tenant-database.ts";
import { freePort } from "./free-port.ts";
import { generateKeys } from "./keys.ts";
import { registerLocalCell, startLocalStack } from "./local-stack.ts";

const usage = `npm run receipts -- [--keys 1000000] [--writes 300] [--json]

Fills one tenant with --keys receipts of the usual size, and measures a write before, with them there, while they are
swept, and after, in turns with the same write of a tenant that has none; then fills it again and looks whether the file
grows. Ends with 1 where a write's median is over one and a half times the other tenant's (plus a millisecond), a receipt
is left, or the second filling needs more than a tenth more room.`;

const slug = "receipts";
const keysPerInsert = 50_000;
const answerCharacters = 300;
const mostGrowth = 1.1;
const sweepDeadlineMs = 600_000;

const { values } = parseArgs({
  options: {
    keys: { type: "string", default: "1000000" },
    writes: { type: "string", default: "300" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) console.log(usage);
else await run(Number(values.keys), Number(values.writes), values.json);

async function run(keyCount: number, writes: number, json: boolean): Promise<void> {
  const root = resolve(import.meta.dirname, "../.tmp");
  mkdirSync(root, { recursive: true });
  const dir = mkdtempSync(join(root, "receipts-"));
  const keys = generateKeys();
  const stack = await startLocalStack({ dir, port: await freePort(), keys });
  try {
    const operator = operatorClient(stack.base_url, keys.operator_key);
    await registerLocalCell(operator, stack.sqld);
    const clientOf = async (name: string) => {
      const made = await operator.post<{ admin_key: string }>("/internal/tenants", { slug: name, name, currency: "USD" });
      return tenantClient(stack.base_url, name, made.admin_key);
    };
    const clients = [await clientOf(slug), await clientOf("none")] as const;
    const database = tenantDatabase(stack.sqld.primary_url, keys.jwt_private_key, `t-${slug}`, "rw");
    const count = async (what: string) => Number((await database.query(what))[0]?.["n"]);
    const left = () => count("SELECT count(*) AS n FROM receipts WHERE principal = 'old'");
    const megabytes = () => Math.round(statSync(join(dir, "data/primary/dbs", `t-${slug}`, "data")).size / 104_857.6) / 10;

    await measure(clients, writes, () => false);
    const before = await measure(clients, writes, () => false);
    const empty_mb = megabytes();
    await fill(database, keyCount);
    const filled_mb = megabytes();
    const filled = await measure(clients, writes, () => false);

    const began = performance.now();
    let sweeping = true;
    const swept = sweepUntilEmpty(stack.base_url, left).finally(() => {
      sweeping = false;
    });
    const meanwhile = await measure(clients, Number.POSITIVE_INFINITY, () => !sweeping);
    const passes = await swept;
    const sweep_s = Math.round((performance.now() - began) / 100) / 10;
    const swept_mb = megabytes();
    const free_mb =
      Math.round((await count("SELECT freelist_count * 4096 / 104857.6 AS n FROM pragma_freelist_count()").catch(() => 0)) / 1) / 10;
    const after = await measure(clients, writes, () => false);
    await fill(database, keyCount);
    const refilled_mb = megabytes();

    const files = { empty_mb, filled_mb, swept_mb, free_mb, refilled_mb };
    const result = { keys: keyCount, write: { before, filled, while_swept: meanwhile, after }, sweep: { passes, seconds: sweep_s }, files };
    const slower = ({ p50_ms, none_p50_ms }: { p50_ms: number; none_p50_ms: number }) => p50_ms > none_p50_ms * 1.5 + 1;
    const faults = [
      slower(filled) || slower(after) ? "a write takes longer than it did without them" : null,
      (await count("SELECT count(*) AS n FROM receipts WHERE principal = 'old'")) !== keyCount ? "a receipt was left by the sweep" : null,
      refilled_mb > filled_mb * mostGrowth ? `the file grew from ${filled_mb} to ${refilled_mb} MiB` : null,
    ].filter((fault) => fault !== null);
    if (json) console.log(JSON.stringify({ ...result, faults }));
    else {
      console.table(result.write);
      console.log(`${keyCount} receipts swept in ${sweep_s} s, ${passes} calls of the scheduled handler; the database's file:`, files);
      for (const fault of faults) console.error(fault);
    }
    process.exitCode = faults.length > 0 ? 1 : 0;
  } finally {
    await stack.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** One write after another, each with a key of its own, in turns at either tenant: what else the machine does hits both alike. */
async function measure(clients: readonly [ApiClient, ApiClient], most: number, isOver: () => boolean) {
  const latencies: [number[], number[]] = [[], []];
  while (latencies[0].length < most && !isOver()) {
    for (const which of [0, 1] as const) {
      const began = performance.now();
      await clients[which].post("/api/v1/menus/drafts", { name: "Empty", currency: "USD", sections: [] });
      latencies[which].push(performance.now() - began);
    }
  }
  for (const list of latencies) list.sort((a, b) => a - b);
  const at = (which: 0 | 1, share: number) => Math.round((latencies[which][Math.floor(latencies[which].length * share)] ?? 0) * 10) / 10;
  return {
    writes: latencies[0].length,
    p50_ms: at(0, 0.5),
    p99_ms: at(0, 0.99),
    longest_ms: at(0, 0.999_999),
    none_p50_ms: at(1, 0.5),
    none_p99_ms: at(1, 0.99),
  };
}

/** Expired long ago, under random keys as callers choose them. */
async function fill(database: TenantDatabase, keyCount: number): Promise<void> {
  for (let done = 0; done < keyCount; done += keysPerInsert) {
    await database.query(
      `WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       INSERT INTO receipts (principal, method, route, key, fingerprint, request_id, status, answer, created_at_ms, expires_at_ms)
       SELECT 'old', 'POST', '/api/v1/menus/drafts', lower(hex(randomblob(16))), lower(hex(randomblob(32))), lower(hex(randomblob(16))), 201,
         substr(lower(hex(zeroblob(?3))), 1, ?3), i, i FROM n`,
      done + 1,
      Math.min(done + keysPerInsert, keyCount),
      answerCharacters,
    );
  }
}

/** Calls the scheduled handler for every minute of an hour, and again until none is left. Resolves to the number of hours it took. */
async function sweepUntilEmpty(baseUrl: string, left: () => Promise<number>): Promise<number> {
  const deadline = performance.now() + sweepDeadlineMs;
  for (let passes = 1; ; passes++) {
    for (let minute = 0; minute < 60; minute++) {
      const response = await fetch(`${baseUrl}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*&time=${Date.UTC(2026, 0, 1, 0, minute)}`);
      await response.arrayBuffer();
    }
    let [now, earlier] = [await left(), Number.NaN];
    // What the call began goes on behind it.
    while (now > 0 && now !== earlier) {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      [now, earlier] = [await left(), now];
    }
    if (now === 0) return passes;
    if (performance.now() > deadline) throw new Error(`${now} receipts were left after ${passes} hours' sweeps`);
  }
}
