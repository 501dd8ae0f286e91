import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiClient, operatorClient, tenantClient } from "../../scripts/api-client.ts";
import type { Manifest } from "../../scripts/databases/backup-cell.ts";
import { query } from "../../scripts/databases/connection.ts";
import { reachDatabase } from "../../scripts/databases/reach-database.ts";
import type { RestoreReport } from "../../scripts/databases/restore-cell.ts";
import { freePort } from "../../scripts/free-port.ts";
import { generateKeys, publicKeyPem } from "../../scripts/keys.ts";
import { type LocalStack, registerLocalCell, startLocalStack } from "../../scripts/local-stack.ts";
import { type SqldPair, startSqld } from "../../scripts/sqld.ts";

/** A cell is dumped, its nodes lose everything, and it is put back: the same stores under the same keys. */
const root = resolve(import.meta.dirname, "../..");
const keys = generateKeys();
const slugs = ["alpha", "beta"];
const awkward = "Café \u0000 \"quoted\" 'so'\n;\r\n\u2028 end";
let dir: string;
let backup: string;
let stack: LocalStack;
let emptyNodes: SqldPair | undefined;
let operator: ApiClient;
let tenants: ApiClient[];

beforeAll(async () => {
  mkdirSync(join(root, ".tmp"), { recursive: true });
  dir = mkdtempSync(join(root, ".tmp/backup-"));
  backup = join(dir, "monday");
  stack = await startLocalStack({ dir, port: await freePort(), keys });
  operator = operatorClient(stack.base_url, keys.operator_key);
  await registerLocalCell(operator, stack.sqld);
  tenants = await Promise.all(
    slugs.map(async (slug) => {
      const { admin_key } = await operator.post<{ admin_key: string }>("/internal/tenants", { slug, name: slug, currency: "USD" });
      return tenantClient(stack.base_url, slug, admin_key);
    }),
  );
  for (const tenant of tenants) await tenant.post("/api/v1/stores", { name: awkward, timezone: "UTC", currency: "USD" });
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  await emptyNodes?.stop();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

async function cellCommand<T>(...args: string[]): Promise<T> {
  const flags = ["--json", "--base-url", stack.base_url, "--operator-key", keys.operator_key];
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, "scripts/cell.ts"), ...args, ...flags], { cwd: root });
  return JSON.parse(stdout);
}

const storeNames = (tenant: ApiClient) =>
  tenant.get<{ data: { name: string }[] }>("/api/v1/stores").then(({ data }) => data.map(({ name }) => name));

async function epochOf(namespace: string): Promise<unknown> {
  return await query(await reachDatabase(operator, "local", namespace, "ro"), "SELECT epoch FROM commit_state");
}

describe("a cell", () => {
  test("is dumped whole, with what each database held", async () => {
    const manifest = await cellCommand<Manifest>("backup", backup);
    expect(manifest).toEqual(JSON.parse(readFileSync(join(backup, "manifest.json"), "utf8")));
    expect(manifest.tenants.map(({ slug }) => slug)).toEqual(slugs);
    expect(manifest.failed).toEqual([]);
    for (const { fingerprint } of manifest.tenants) expect(fingerprint.tables["stores"]?.rows).toBe(1);
    expect(manifest.central.fingerprint.tables["tenants"]?.rows).toBe(2);
    await expect(cellCommand("backup", backup)).rejects.toThrow("is not empty");
  });

  test("is left as it is where nothing is missing, and a tenant alone goes back to what it was", async () => {
    const [alpha, beta] = tenants as [ApiClient, ApiClient];
    for (const tenant of tenants) await tenant.post("/api/v1/stores", { name: "Later", timezone: "UTC", currency: "USD" });
    const before = await epochOf("t-beta");
    expect(await cellCommand<RestoreReport>("restore", backup)).toMatchObject({ central: "left", restored: [], left: slugs, failed: [] });
    expect(await storeNames(alpha)).toContain("Later");
    const report = await cellCommand<RestoreReport>("restore", backup, "--tenant", "beta", "--replace");
    expect(report).toMatchObject({ central: "left", restored: ["beta"], left: [] });
    expect(await storeNames(beta)).toEqual([awkward.trim()]);
    expect(await epochOf("t-beta")).not.toEqual(before);
    // Its writer remembers nothing of what is no longer so.
    await beta.post("/api/v1/stores", { name: "After", timezone: "UTC", currency: "USD" });
    // A read without a token may come from a replica that has not got it yet.
    await expect.poll(async () => (await storeNames(beta)).sort(), { timeout: 10_000 }).toEqual(["After", awkward.trim()]);
  });

  test("comes back on empty nodes, the central database first", async () => {
    const ports = Object.fromEntries(
      Object.entries({ http: stack.sqld.primary_url, admin: stack.sqld.admin_url, replica: stack.sqld.replica_url }).map(([name, url]) => [
        name,
        Number(new URL(url).port),
      ]),
    );
    await stack.sqld.stop();
    emptyNodes = await startSqld({
      dir: join(dir, "new"),
      jwtPublicKeyPem: publicKeyPem(keys.jwt_private_key),
      adminKey: keys.sqld_admin_key,
      ports,
    });
    const report = await cellCommand<RestoreReport>("restore", backup);
    expect(report).toMatchObject({ central: "restored", left: [], elsewhere: [], not_in_backup: [], failed: [] });
    expect(report.restored.sort()).toEqual(slugs);
    for (const tenant of tenants) {
      expect(await storeNames(tenant)).toEqual([awkward.trim()]);
      await tenant.post("/api/v1/stores", { name: "New", timezone: "UTC", currency: "USD" });
    }
  });

  test("is not restored from files that were cut", async () => {
    truncateSync(join(backup, "t-alpha.sql.gz"), 100);
    await expect(cellCommand("restore", backup, "--replace")).rejects.toThrow("t-alpha.sql.gz has 100 bytes, not");
  });
});
