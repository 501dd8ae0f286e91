import { env, exports } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { configOf } from "../../src/env.ts";
import { fromBase64, fromBase64Url, fromUtf8, toBase64, toBase64Url, utf8 } from "../../src/kernel/bytes.ts";
import { databaseToken } from "../../src/platform/db/access-token.ts";
import { sealVersion } from "../../src/platform/db/consistency-token.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { appliedAnswer } from "../../src/platform/http/reply.ts";
import { runtimeOf } from "../../src/platform/http/runtime.ts";
import { addStore } from "../support/worker/menu-fixture.ts";
import { newTenant, operate, type TestTenant } from "../support/worker/tenant-fixture.ts";

let tenant: TestTenant;
let other: TestTenant;
const nodes: [name: string, url: string][] = [];

beforeAll(async () => {
  [tenant, other] = await Promise.all([newTenant(), newTenant()]);
  await Promise.all([addStore(tenant, "Own"), addStore(other, "Theirs")]);
  const { primary_url, replicas } = configOf(env).CENTRAL;
  nodes.push(["primary", primary_url]);
  for (const { region, url } of replicas) nodes.push([`replica ${region}`, url]);
}, 60_000);

const nowS = () => Math.floor(Date.now() / 1000);
const encoded = (value: unknown): string => toBase64Url(utf8(JSON.stringify(value)));

/** A token as anybody could write it; `sign` is given what is to be signed. */
async function token(header: object, claims: object, sign: (unsigned: string) => Promise<Uint8Array> | Uint8Array): Promise<string> {
  const unsigned = `${encoded(header)}.${encoded(claims)}`;
  return `${unsigned}.${toBase64Url(await sign(unsigned))}`;
}

const EDDSA = { alg: "EdDSA", typ: "JWT" };

async function signedByUs(unsigned: string): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("pkcs8", fromBase64(configOf(env).JWT_PRIVATE_KEY), { name: "Ed25519" }, true, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key, utf8(unsigned)));
}

async function signedByAnother(unsigned: string): Promise<Uint8Array> {
  const pair = (await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"])) as CryptoKeyPair;
  return new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, utf8(unsigned)));
}

/** HMAC with the public key as its secret: what a verifier falls for that takes the algorithm from the token. */
async function signedWithPublicKey(unsigned: string): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("pkcs8", fromBase64(configOf(env).JWT_PRIVATE_KEY), { name: "Ed25519" }, true, ["sign"]);
  const { x } = (await crypto.subtle.exportKey("jwk", key)) as JsonWebKey;
  const hmac = await crypto.subtle.importKey("raw", fromBase64Url(x ?? ""), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", hmac, utf8(unsigned)));
}

const namespaceOf = async (of: TestTenant): Promise<string> => (await of.db()).database.namespace;

async function askDatabase(
  url: string,
  namespace: string,
  bearer: string | null,
  sql: string,
): Promise<{ status: number; text: string; done: boolean }> {
  const response = await fetch(`${url}/v3/pipeline`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-namespace-bin": toBase64(utf8(namespace)).replace(/=+$/, ""),
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify({ requests: [{ type: "execute", stmt: { sql } }, { type: "close" }] }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, text, done: response.ok && JSON.parse(text).results[0].type === "ok" };
}

const READ = "SELECT name FROM stores";
const WRITE = "INSERT INTO locations (location_id, kind, name, created_at_ms) VALUES ('forged', 'store', 'Forged', 0)";

async function forgedRows(of: TestTenant): Promise<number> {
  const [rows] = await (await of.db()).read([statement("SELECT 1 AS one FROM locations WHERE location_id = 'forged'")], { fresh: true });
  return rows?.length ?? 0;
}

describe("a database token", () => {
  const claims = (namespace: string, a = "rw", exp = nowS() + 600) => ({ id: namespace, a, iat: nowS(), exp });

  test("of the platform opens its own namespace: what follows is refused for what it is", async () => {
    const namespace = await namespaceOf(tenant);
    for (const [node, url] of nodes) {
      const answer = await askDatabase(
        url,
        namespace,
        await databaseToken(configOf(env).JWT_PRIVATE_KEY, namespace, "ro", Date.now()),
        READ,
      );
      expect([answer.status, answer.text.includes("Own")], node).toEqual([200, true]);
    }
  });

  test("that is forged, expired, unsigned or absent opens nothing", async () => {
    const namespace = await namespaceOf(tenant);
    const good = claims(namespace);
    const signed = await token(EDDSA, good, signedByUs);
    const [head = "", body = "", signature = ""] = signed.split(".");
    const forgeries: Record<string, string | null> = {
      absent: null,
      empty: "",
      "not a token": "eyJhbGciOi",
      "expired an hour ago": await token(EDDSA, claims(namespace, "rw", nowS() - 3_600), signedByUs),
      "expired two minutes ago": await token(EDDSA, claims(namespace, "rw", nowS() - 120), signedByUs),
      "alg none": await token({ alg: "none", typ: "JWT" }, good, () => new Uint8Array()),
      "alg none, signed": await token({ alg: "none", typ: "JWT" }, good, signedByUs),
      "HS256 with the public key": await token({ alg: "HS256", typ: "JWT" }, good, signedWithPublicKey),
      "another key": await token(EDDSA, good, signedByAnother),
      "another key, empty claims": await token(EDDSA, {}, signedByAnother),
      "no signature": `${head}.${body}.`,
      "half a signature": `${head}.${body}.${signature.slice(0, 40)}`,
      "the signature of other claims": `${head}.${encoded(claims(namespace, "rw", nowS() + 999_999))}.${signature}`,
      "a consistency token": await sealVersion(configOf(env).TOKEN_SECRET, (await tenant.db()).database, { epoch: "a", commit_seq: 1 }),
    };
    for (const [node, url] of nodes) {
      for (const [what, forged] of Object.entries(forgeries)) {
        for (const sql of [READ, WRITE]) {
          const answer = await askDatabase(url, namespace, forged, sql);
          expect([what, node, answer.status, answer.done]).toEqual([what, node, 401, false]);
          expect(answer.text).not.toContain("Own");
        }
      }
    }
    expect(await forgedRows(tenant)).toBe(0);
  });

  test("for one namespace opens no other", async () => {
    const [own, theirs] = await Promise.all([namespaceOf(tenant), namespaceOf(other)]);
    for (const [node, url] of nodes) {
      for (const namespace of [theirs, configOf(env).CENTRAL.namespace]) {
        for (const a of ["ro", "rw"]) {
          const answer = await askDatabase(url, namespace, await token(EDDSA, claims(own, a), signedByUs), "SELECT * FROM sqlite_schema");
          expect(answer.status, `${node} ${namespace}`).toBeGreaterThanOrEqual(400);
          expect(answer.status, `${node} ${namespace}`).toBeLessThan(500);
          expect(answer.text).not.toContain("CREATE TABLE");
        }
      }
    }
  });

  test("that is read-only writes nothing, on neither node", async () => {
    const namespace = await namespaceOf(tenant);
    for (const [node, url] of nodes) {
      const answer = await askDatabase(url, namespace, await token(EDDSA, claims(namespace, "ro"), signedByUs), WRITE);
      expect(answer.done, node).toBe(false);
    }
    expect(await forgedRows(tenant)).toBe(0);
  });

  test("is not made for a name that is none", async () => {
    for (const name of ["", "../central", "a/b", "A", "a".repeat(64), "-a", "a b", "*"]) {
      await expect(databaseToken(configOf(env).JWT_PRIVATE_KEY, name, "ro", Date.now())).rejects.toThrow(RangeError);
    }
  });
});

describe("what the platform mints", () => {
  const realFetch = globalThis.fetch;
  afterEach(() => {
    globalThis.fetch = realFetch;
  });

  test("always names one namespace and what may be done there, and lives ten minutes", async () => {
    interface Sent {
      url: string;
      namespace: string;
      claims: { id?: unknown; a?: unknown; exp?: unknown; [more: string]: unknown };
    }
    const sent: Sent[] = [];
    globalThis.fetch = (input, init) => {
      const request = new Request(input as RequestInfo, init as RequestInit);
      const bearer = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
      if (request.headers.has("x-namespace-bin") && bearer) {
        const namespace = fromUtf8(fromBase64(request.headers.get("x-namespace-bin") ?? ""));
        sent.push({ url: request.url, namespace, claims: JSON.parse(fromUtf8(fromBase64Url(bearer.split(".")[1] ?? ""))) });
      }
      return realFetch(input as RequestInfo, init as RequestInit);
    };
    const fresh = await newTenant();
    const storeId = await addStore(fresh, "Minted");
    await fresh.call("GET", `/api/v1/stores/${storeId}`);
    await fresh.call("GET", `/api/v1/stores/${storeId}/menu`, { key: null });
    await operate("POST", `/internal/tenants/${fresh.slug}/migrate`);
    await exports.default.fetch("http://servery.test/readyz");
    await fresh.settled();

    expect(new Set(sent.map(({ namespace }) => namespace))).toContain(await namespaceOf(fresh));
    const { primary_url } = configOf(env).CENTRAL;
    for (const { url, namespace, claims } of sent) {
      expect(Object.keys(claims).sort()).toEqual(["a", "exp", "iat", "id"]);
      expect(claims.id).toBe(namespace);
      expect(Number(claims.exp) - nowS()).toBeGreaterThan(0);
      expect(Number(claims.exp) - nowS()).toBeLessThanOrEqual(900);
      if (!url.startsWith(primary_url)) expect(claims.a).toBe("ro");
    }
    expect(new Set(sent.map(({ claims }) => claims.a))).toEqual(new Set(["ro", "rw"]));
  }, 30_000);
});

describe("a consistency token", () => {
  test("that is forged, garbled, another tenant's, of another epoch or huge promises nothing and breaks nothing", async () => {
    const { TOKEN_SECRET } = configOf(env);
    const { database } = await tenant.db();
    const written = await tenant.call("PATCH", `/api/v1/stores/${(await tenant.call("GET", "/api/v1/stores")).json.data[0].id}`, {
      body: { name: "Own" },
    });
    const real = written.headers.get("consistency-token") ?? "";
    expect(real).toMatch(/^[\w-]+\.[\w-]+$/);
    const [body = "", seal = ""] = real.split(".");
    const plain = (await tenant.call("GET", "/api/v1/stores")).text;
    const tokens: Record<string, string> = {
      real,
      empty: "",
      dot: ".",
      dots: "a.b.c.d",
      "another seal": `${body}.${seal.replace(/./, (letter) => (letter === "A" ? "B" : "A"))}`,
      "another body": `${encoded(["0".repeat(16), 2 ** 52, 0])}.${seal}`,
      "no seal": body,
      "half a seal": `${body}.${seal.slice(0, 8)}`,
      "sealed with another secret": await sealVersion("another-secret-0123456789", database, { epoch: "x", commit_seq: 1 }),
      "another tenant's": await sealVersion(TOKEN_SECRET, (await other.db()).database, { epoch: "x", commit_seq: 1 }),
      "another epoch": await sealVersion(TOKEN_SECRET, database, { epoch: "ffffffffffffffff", commit_seq: 1 }),
      "far ahead": await sealVersion(TOKEN_SECRET, database, { epoch: "ffffffffffffffff", commit_seq: 2 ** 52 }),
      "not base64": "~~~~.~~~~",
      huge: "A".repeat(100_000),
      "huge body": `${"A".repeat(50_000)}.${"A".repeat(50_000)}`,
    };
    for (const [what, value] of Object.entries(tokens)) {
      for (const path of ["/api/v1/stores", "/api/v1/ops/queues", "/readyz"]) {
        const began = Date.now();
        const answer = await tenant.call("GET", path, { headers: { "consistency-token": value } });
        expect([what, path, answer.status]).toEqual([what, path, 200]);
        expect(Date.now() - began, `${what} ${path}`).toBeLessThan(2_000);
        if (path === "/api/v1/stores") expect(answer.text, what).toBe(plain);
      }
    }
  });
});

describe("a key revoked behind this isolate's back", () => {
  test("is refused within five seconds though it is used all the time", async () => {
    const made = (await operate("POST", `/internal/tenants/${tenant.slug}/keys`, { role: "read" })).json;
    const isTaken = async () => (await tenant.call("GET", "/api/v1/categories", { key: made.key })).status;
    expect(await isTaken()).toBe(200);
    const { central, clock } = runtimeOf(env, () => {});
    // Straight into the central database, as another isolate would: nothing here is told to forget it.
    appliedAnswer(
      await central.write({
        id: clock.newId(),
        lane: "sale",
        wakes: false,
        steps: [statement("UPDATE api_keys SET revoked_at_ms = ? WHERE key_id = ?", clock.now(), made.key_id), { guard: "NOT_FOUND" }],
        answer: { status: 200, select: statement("SELECT json_object()") },
      }),
    );
    const revokedAt = Date.now();
    const statuses: number[] = [];
    while (Date.now() - revokedAt < 6_000) {
      statuses.push(await isTaken());
      if (statuses.at(-1) === 401) break;
      await scheduler.wait(50);
    }
    expect(Date.now() - revokedAt).toBeLessThan(5_000);
    // It was remembered, so the time is that of the memory, and it is refused for good.
    expect(statuses[0]).toBe(200);
    expect(statuses.at(-1)).toBe(401);
    expect(await isTaken()).toBe(401);
  }, 15_000);
});
