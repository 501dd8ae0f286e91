import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiClient, operatorClient, pages, tenantClient } from "../../scripts/api-client.ts";
import { query, runStatements } from "../../scripts/databases/connection.ts";
import { reachDatabase } from "../../scripts/databases/reach-database.ts";
import { freePort } from "../../scripts/free-port.ts";
import { generateKeys, publicKeyPem } from "../../scripts/keys.ts";
import { type LocalStack, registerLocalCell, startLocalStack } from "../../scripts/local-stack.ts";
import type { Move, MoveReport } from "../../scripts/move-tenant.ts";
import { type SqldPair, startSqld } from "../../scripts/sqld.ts";
import { until } from "../support/node/until.ts";

/**
 * A tenant goes to another cell, a second primary with a replica of its own, while it is read and written. What was acknowledged must be
 * there afterwards, once, and no reader may notice.
 */
const root = resolve(import.meta.dirname, "../..");
const keys = generateKeys();
const slug = "mover";
let dir: string;
let stack: LocalStack;
let second: SqldPair;
let operator: ApiClient;
let tenant: ApiClient;
let adminKey: string;
let storeId: string;
let newestToken = "";
/** Names of the drafts that were acknowledged, over all tests. */
const acknowledged: string[] = [];

beforeAll(async () => {
  mkdirSync(join(root, ".tmp"), { recursive: true });
  dir = mkdtempSync(join(root, ".tmp/move-"));
  const sqld = { jwtPublicKeyPem: publicKeyPem(keys.jwt_private_key), adminKey: keys.sqld_admin_key };
  second = await startSqld({ dir: join(dir, "second"), ...sqld });
  stack = await startLocalStack({ dir, port: await freePort(), keys });
  operator = operatorClient(stack.base_url, keys.operator_key);
  await registerLocalCell(operator, stack.sqld);
  const replicas = [{ region: "local", url: second.replica_url }];
  await operator.put("/internal/cells/second", { driver: "sqld", primary_url: second.primary_url, admin_url: second.admin_url, replicas });
  const particulars = { slug, name: "Mover", currency: "USD", cell_id: "local" };
  adminKey = (await operator.post<{ admin_key: string }>("/internal/tenants", particulars)).admin_key;
  tenant = tenantClient(stack.base_url, slug, adminKey);
  await publishMenu();
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  await second?.stop();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

async function publishMenu(): Promise<void> {
  storeId = (await tenant.post<{ id: string }>("/api/v1/stores", { name: "One", timezone: "UTC", currency: "USD" })).id;
  const source = await tenant.post<{ id: string }>("/api/v1/source-systems", { source_type: "pos", name: "Till", provider: "cata" });
  const products = Array.from({ length: 500 }, (_, index) => ({
    id: `p${index}`,
    item_code: `C${index}`,
    // What SQL text cannot hold as it is.
    name: `Café \u0000 "${index}"\n;\r'\u2028`,
    price: 100,
  }));
  await tenant.post(`/api/v1/source-systems/${source.id}/ingestions`, { categories: [], modifier_groups: [], products });
  const items = products.map(({ item_code }) => ({ item_code, price: 100 }));
  const sections = [{ name: "All", display_type: "list", items }];
  const draft = await tenant.post<{ id: string }>("/api/v1/menus/drafts", { name: "Menu", currency: "USD", sections });
  await tenant.post("/api/v1/menus/publishes", { draft_ids: [draft.id], store_ids: [storeId] });
  await until("the menu", 20_000, async () => (await menu()).ok || undefined);
}

const menu = (headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${stack.base_url}/api/v1/stores/${storeId}/menu`, { headers: { "x-tenant-id": slug, ...headers } });

const asTenant = { apikey: "", "x-tenant-id": slug, "content-type": "application/json" };

/** One write as a client makes it, who repeats with the same key what was answered 503, and then reads what it wrote. */
async function write(name: string, waits: Response[]): Promise<void> {
  const headers = { ...asTenant, apikey: adminKey, "idempotency-key": name };
  const body = JSON.stringify({ name, currency: "USD", sections: [] });
  for (;;) {
    const answer = await fetch(`${stack.base_url}/api/v1/menus/drafts`, { method: "POST", headers, body });
    const text = await answer.text();
    if (answer.status === 503) {
      waits.push(answer);
      await sleep(100);
      continue;
    }
    expect(answer.status, text).toBe(201);
    acknowledged.push(name);
    newestToken = answer.headers.get("consistency-token") ?? "";
    const own = await fetch(`${stack.base_url}/api/v1/menus/drafts/${JSON.parse(text).id}`, {
      headers: { ...asTenant, apikey: adminKey, "consistency-token": newestToken },
    });
    expect(own.status, await own.text()).toBe(200);
    return;
  }
}

/** Reads and writes before `work` has settled, and a while after. */
async function underTraffic<T>(prefix: string, work: Promise<T>): Promise<{ result: T; statuses: Set<number>; waits: Response[] }> {
  let ended = false;
  const statuses = new Set<number>();
  const waits: Response[] = [];
  const reader = async () => {
    let etag = "";
    for (let n = 0; !ended; n++) {
      // Every other time past memory: to the replica, or for the newest write's sake to the primary.
      const answer = await menu(n % 2 ? { "if-none-match": etag } : { "consistency-token": newestToken });
      etag = answer.headers.get("etag") ?? etag;
      statuses.add(answer.status);
      await answer.arrayBuffer();
      await sleep(20);
    }
  };
  const writer = async () => {
    for (let n = 0; !ended; n++) await write(`${prefix}-${n}`, waits);
  };
  const traffic = Promise.all([reader(), reader(), writer()]);
  // Before, and after.
  const result = await work.finally(async () => {
    await sleep(500);
    ended = true;
  });
  await traffic;
  return { result, statuses, waits };
}

function tenantCommand(...args: string[]): { child: ChildProcess; ended: Promise<string> } {
  const flags = ["--json", "--base-url", stack.base_url, "--operator-key", keys.operator_key];
  const child = spawn(process.execPath, [join(root, "scripts/tenant.ts"), ...args, ...flags], { cwd: root });
  let [out, error] = ["", ""];
  child.stdout?.on("data", (chunk) => (out += chunk));
  child.stderr?.on("data", (chunk) => (error += chunk));
  const ended = new Promise<string>((done, fail) => {
    child.once("close", (code, signal) => (code === 0 ? done(out) : fail(new Error(`${signal ?? code}: ${error}`))));
  });
  ended.catch(() => {});
  return { child, ended };
}

/** Starts to move and is killed where nothing is decided yet. */
async function killedMove(to: string): Promise<void> {
  const { child, ended } = tenantCommand("move", slug, "--to", to);
  await underWay();
  child.kill("SIGKILL");
  await expect(ended).rejects.toThrow("SIGKILL");
  expect(await moveOf()).toMatchObject({ state: "copying" });
}

const moveOf = (): Promise<Move> => operator.get(`/internal/tenants/${slug}/move`);
const dropCopy = () => operator.post(`/internal/tenants/${slug}/move/drop-copy`, { now: true });
const underWay = () => until("a move under way", 20_000, async () => (await moveOf()).state === "copying" || undefined);

async function draftNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const page of pages<{ name: string }>(tenant, "/api/v1/menus/drafts", 500)) names.push(...page.map(({ name }) => name));
  return names.filter((name) => name !== "Menu").sort();
}

describe("a tenant moves to another cell", () => {
  test("while it is read and written: no reader fails, and what was acknowledged is there once", async () => {
    const { result, statuses, waits } = await underTraffic(
      "first",
      sleep(500).then(() => tenantCommand("move", slug, "--to", "second").ended),
    );
    const report = JSON.parse(result) as MoveReport;
    expect(report).toMatchObject({ state: "switched", from_cell_id: "local", to_cell_id: "second" });
    expect(report.rows).toBeGreaterThan(4_000);
    expect([...statuses].sort()).toEqual([200, 304]);
    expect(waits.length).toBeGreaterThan(0);
    for (const answer of waits) expect(answer.headers.get("retry-after")).toBe("1");
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(await draftNames()).toEqual([...acknowledged].sort());

    const old = await reachDatabase(operator, "local", report.from_namespace, "rw");
    const here = await reachDatabase(operator, "second", report.to_namespace, "rw");
    await expect(runStatements(old, "DELETE FROM menu_drafts")).rejects.toThrow("moving to cell second");
    const epochs = await Promise.all([old, here].map((database) => query(database, "SELECT epoch FROM commit_state")));
    expect(epochs[0]).not.toEqual(epochs[1]);
  }, 60_000);

  test("killed in the middle it is closed to writes and open to readers, and another run finishes it", async () => {
    await expect(tenantCommand("move", slug, "--to", "local").ended).rejects.toThrow("still has a copy in cell local");
    await expect(tenantCommand("drop-copy", slug).ended).rejects.toThrow("may still be read");
    await dropCopy();
    await killedMove("local");
    await expect(
      fetch(`${stack.base_url}/api/v1/menus/drafts`, {
        method: "POST",
        headers: { ...asTenant, apikey: adminKey, "idempotency-key": "closed" },
        body: JSON.stringify({ name: "closed", currency: "USD", sections: [] }),
      }).then((answer) => answer.json()),
    ).resolves.toMatchObject({ status: 503, code: "TENANT_MOVING" });
    expect((await menu()).status).toBe(200);
    const { result, statuses } = await underTraffic("second", tenantCommand("move", slug, "--to", "local").ended);
    expect(JSON.parse(result)).toMatchObject({ state: "switched", to_cell_id: "local" });
    expect([...statuses].sort()).toEqual([200, 304]);
    expect(await draftNames()).toEqual([...acknowledged].sort());
    await dropCopy();
  }, 60_000);

  test("killed in the middle it can be left where it is", async () => {
    await killedMove("second");
    const { to_namespace } = await moveOf();
    await tenantCommand("cancel-move", slug).ended;
    const waits: Response[] = [];
    await write("third", waits);
    expect(waits).toEqual([]);
    await expect(query(await reachDatabase(operator, "second", to_namespace, "ro"), "SELECT 1")).rejects.toThrow("404");
    expect(await draftNames()).toEqual([...acknowledged].sort());
    // Asked to end, it undoes by itself what it began.
    const { child, ended } = tenantCommand("move", slug, "--to", "second");
    await underWay();
    child.kill("SIGTERM");
    await expect(ended).rejects.toThrow("ended by SIGTERM");
    await expect(moveOf()).rejects.toThrow("404");
    await write("fourth", waits);
    expect(waits).toEqual([]);
  }, 60_000);
});
