import { createPrivateKey, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { generateKeys, publicKeyPem } from "../../scripts/keys.ts";
import { isAlive } from "../../scripts/process-group.ts";
import { type SqldPair, startSqld } from "../../scripts/sqld.ts";

const keys = generateKeys();
const namespace = "acme";
const deaths: string[] = [];
let dir: string;
let sqld: SqldPair;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "servery-sqld-"));
  sqld = await startSqld({
    dir,
    jwtPublicKeyPem: publicKeyPem(keys.jwt_private_key),
    adminKey: keys.sqld_admin_key,
    onDeath: (role, message) => deaths.push(`${role}: ${message}`),
  });
  const made = await fetch(`${sqld.admin_url}/v1/namespaces/${namespace}/create`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `basic ${keys.sqld_admin_key}` },
    body: "{}",
  });
  expect(made.status).toBe(200);
});

afterAll(async () => {
  await sqld.stop();
  rmSync(dir, { recursive: true, force: true });
});

function token(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "EdDSA", typ: "JWT" })}.${part({ ...claims, exp: Math.floor(Date.now() / 1000) + 60 })}`;
  const key = createPrivateKey({ key: Buffer.from(keys.jwt_private_key, "base64"), format: "der", type: "pkcs8" });
  return `${text}.${sign(null, Buffer.from(text), key).toString("base64url")}`;
}

async function query(url: string, sql: string, jwt = token({ id: namespace, a: "rw" })): Promise<{ status: number; rows: unknown }> {
  const response = await fetch(`${url}/v2/pipeline`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-namespace-bin": Buffer.from(namespace).toString("base64").replace(/=+$/, ""),
      authorization: `Bearer ${jwt}`,
    },
    body: JSON.stringify({ requests: [{ type: "execute", stmt: { sql } }, { type: "close" }] }),
    signal: AbortSignal.timeout(5000),
  });
  const answer = response.ok ? await response.json() : undefined;
  return { status: response.status, rows: answer?.results[0].response?.result.rows };
}

it("takes only tokens that the key signed, and for their namespace", async () => {
  expect((await query(sqld.primary_url, "SELECT 1")).status).toBe(200);
  expect((await query(sqld.primary_url, "SELECT 1", "nonsense")).status).toBe(401);
  expect((await query(sqld.primary_url, "SELECT 1", token({ id: "other", a: "rw" }))).status).toBe(404);
});

it("keeps what was acknowledged over a kill of the primary, which its replica outlives", async () => {
  await query(sqld.primary_url, "CREATE TABLE t (n INTEGER)");
  await query(sqld.primary_url, "INSERT INTO t VALUES (7)");
  const one = [[{ type: "integer", value: "7" }]];
  await expect.poll(async () => (await query(sqld.replica_url, "SELECT n FROM t")).rows).toEqual(one);
  await sqld.killPrimary();
  await expect(query(sqld.primary_url, "SELECT n FROM t")).rejects.toThrow("fetch failed");
  expect((await query(sqld.replica_url, "SELECT n FROM t")).rows).toEqual(one);
  await sqld.startPrimary();
  expect((await query(sqld.primary_url, "SELECT n FROM t")).rows).toEqual(one);
});

it("brings a stopped replica back at the same address", async () => {
  await sqld.stopReplica();
  await expect(query(sqld.replica_url, "SELECT 1")).rejects.toThrow("fetch failed");
  await sqld.startReplica();
  expect((await query(sqld.replica_url, "SELECT 1")).status).toBe(200);
  expect(deaths).toEqual([]);
});

it("says which node died by itself, and why it cannot come up", async () => {
  const [, replica = 0] = sqld.pids();
  // Process 0 would be this very group.
  expect(replica).toBeGreaterThan(1);
  process.kill(replica, "SIGKILL");
  await expect.poll(() => deaths).toEqual([expect.stringContaining("replica: sqld replica ended with SIGKILL")]);
  await sqld.startReplica();
  const options = { jwtPublicKeyPem: publicKeyPem(keys.jwt_private_key), adminKey: "second-key" };
  const http = Number(new URL(sqld.primary_url).port);
  await expect(startSqld({ ...options, dir: join(dir, "second"), ports: { http } })).rejects.toThrow(
    `port ${http} of the sqld primary is taken`,
  );
  const admin = Number(new URL(sqld.admin_url).port);
  await expect(startSqld({ ...options, dir: join(dir, "third"), ports: { admin } })).rejects.toThrow(
    /sqld primary ended with code 1; the end of its log .*primary\.log:\n.*Address already in use/s,
  );
});

it("leaves no process", async () => {
  const pids = sqld.pids();
  expect(pids).toHaveLength(2);
  await sqld.stop();
  expect(pids.filter(isAlive)).toEqual([]);
});
