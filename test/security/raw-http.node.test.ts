import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operatorClient, tenantClient } from "../../scripts/api-client.ts";
import { buildWorker } from "../../scripts/bench/build-worker.ts";
import { startRawWorkerd } from "../../scripts/bench/raw-workerd.ts";
import { variablesOf } from "../../scripts/bench/stand.ts";
import type { WorkerdProcess } from "../../scripts/bench/workerd.ts";
import { freePort } from "../../scripts/free-port.ts";
import { generateKeys, publicKeyPem } from "../../scripts/keys.ts";
import { registerLocalCell } from "../../scripts/local-stack.ts";
import { type SqldPair, startSqld } from "../../scripts/sqld.ts";

/**
 * What no HTTP client would send: request lines and headers written by hand onto a socket. Whatever they are taken for, the key of one
 * tenant must not get at another's rows. On a bare workerd, since the development proxy would change or refuse much of it.
 */
const stateRoot = join(import.meta.dirname, "../../.tmp");
const keys = generateKeys();
let dir: string;
let port: number;
let sqld: SqldPair;
let worker: WorkerdProcess;
const keyOf: Record<string, string> = {};

/** Each tenant's one source system, which nobody without its key is shown. */
const SECRET = { alpha: "Alpha till", beta: "Beta till" };
const PATH = "/api/v1/source-systems";

beforeAll(async () => {
  mkdirSync(stateRoot, { recursive: true });
  dir = mkdtempSync(join(stateRoot, "security-"));
  const bundle = await buildWorker(join(dir, "bundle"), { minify: false });
  const jwtPublicKeyPem = publicKeyPem(keys.jwt_private_key);
  sqld = await startSqld({ dir: join(dir, "data"), jwtPublicKeyPem, adminKey: keys.sqld_admin_key });
  port = await freePort();
  worker = await startRawWorkerd({ dir, port, bundle, variables: variablesOf(keys, sqld) });
  const operator = operatorClient(worker.base_url, keys.operator_key);
  await registerLocalCell(operator, sqld);
  for (const slug of ["alpha", "beta"] as const) {
    const body = { slug, name: slug, currency: "USD", domain: `${slug}.example.com` };
    const { admin_key } = await operator.post<{ admin_key: string }>("/internal/tenants", body);
    keyOf[slug] = admin_key;
    const client = tenantClient(worker.base_url, slug, admin_key);
    await client.post(PATH, { source_type: "pos", name: SECRET[slug], provider: "cata" });
  }
}, 120_000);

afterAll(async () => {
  await worker?.stop();
  await sqld?.stop();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

/** Writes the text onto a socket; all that comes back until the other side closes, or 10 s after which it is a hang. */
function exchange(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text, "latin1"));
    let received = "";
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection hangs after: ${JSON.stringify(text)} got ${JSON.stringify(received.slice(0, 300))}`));
    }, 10_000);
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(received);
    });
  });
}

const request = (line: string, headers: string[], body = ""): string => [line, ...headers, "Connection: close", "", body].join("\r\n");
const statuses = (received: string): number[] => [...received.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status));
const betaKey = () => `apikey: ${keyOf.beta}`;

/** Refused, or taken for what beta may see; never alpha's rows, never a 5xx. */
async function expectNothingOfAlpha(text: string): Promise<number> {
  const received = await exchange(text);
  expect(received, text).not.toContain(SECRET.alpha);
  for (const status of statuses(received)) expect(status, `${text}\n→ ${received.slice(0, 300)}`).toBeLessThan(500);
  return statuses(received)[0] ?? 0;
}

describe("a request by hand", () => {
  test("that is as it should be is answered", async () => {
    const own = await exchange(request(`GET ${PATH} HTTP/1.1`, ["Host: beta.localhost", betaKey()]));
    expect([statuses(own), own.includes(SECRET.beta)]).toEqual([[200], true]);
    const crossed = await exchange(request(`GET ${PATH} HTTP/1.1`, ["Host: alpha.localhost", betaKey()]));
    expect(statuses(crossed)).toEqual([404]);
  });

  test.each(["alpha.localhost", "alpha.example.com"])("to %s in any spelling gets nothing with another's key", async (host) => {
    for (const spelling of [host, host.toUpperCase(), `${host}.`, `${host}:${port}`, `${host}.:80`, `${host}:443`]) {
      expect(await expectNothingOfAlpha(request(`GET ${PATH} HTTP/1.1`, [`Host: ${spelling}`, betaKey()])), spelling).toBe(404);
      const own = await exchange(request(`GET ${PATH} HTTP/1.1`, [`Host: ${spelling}`, `apikey: ${keyOf.alpha}`]));
      expect([spelling, ...statuses(own)]).toEqual([spelling, 200]);
    }
    for (const spelling of [
      "",
      ` ${host} x`,
      `${host},beta.localhost`,
      `${host}@beta.localhost`,
      `beta.localhost@${host}`,
      `[${host}]`,
      `${host}%00`,
      `${host}/`,
      `${host}\\`,
    ]) {
      for (const path of [PATH, "/", "/nowhere"]) {
        await expectNothingOfAlpha(request(`GET ${path} HTTP/1.1`, [`Host: ${spelling}`, betaKey()]));
      }
    }
  });

  test("with two hosts, in two headers or in the request line too, gets nothing of the other's", async () => {
    const hosts = ["Host: alpha.localhost", "Host: beta.localhost"];
    for (const headers of [
      hosts,
      hosts.toReversed(),
      ["Host: beta.localhost", "host : alpha.localhost"],
      ["Host: beta.localhost", "X-Forwarded-Host: alpha.localhost"],
    ]) {
      await expectNothingOfAlpha(request(`GET ${PATH} HTTP/1.1`, [...headers, betaKey()]));
      await expectNothingOfAlpha(request(`GET ${PATH} HTTP/1.1`, [...headers, betaKey(), "x-tenant-id: beta"]));
    }
    for (const target of [
      `http://alpha.localhost${PATH}`,
      `http://alpha.localhost:${port}${PATH}`,
      `https://alpha.example.com${PATH}`,
      `HTTP://ALPHA.LOCALHOST${PATH}`,
      `http://beta.localhost@alpha.localhost${PATH}`,
      `//alpha.localhost${PATH}`,
      `///alpha.localhost${PATH}`,
      `/\\alpha.localhost${PATH}`,
      `@alpha.localhost${PATH}`,
      `/..//alpha.localhost${PATH}`,
      `${PATH}#@alpha.localhost`,
      "alpha.localhost:80",
      "*",
    ]) {
      await expectNothingOfAlpha(request(`GET ${target} HTTP/1.1`, ["Host: beta.localhost", betaKey()]));
      await expectNothingOfAlpha(request(`GET ${target} HTTP/1.1`, ["Host: 127.0.0.1", betaKey(), "x-tenant-id: beta"]));
    }
    await expectNothingOfAlpha(request(`GET http://alpha.localhost${PATH} HTTP/1.0`, [betaKey()]));
    await expectNothingOfAlpha(request(`GET ${PATH} HTTP/1.0`, [betaKey(), "x-tenant-id: alpha"]));
  });

  test("with x-tenant-id more than once, folded or misspelt gets nothing of the other's", async () => {
    for (const headers of [
      ["x-tenant-id: beta", "x-tenant-id: alpha"],
      ["x-tenant-id: alpha", "X-TENANT-ID: beta"],
      ["x-tenant-id: beta\r\n alpha"],
      ["x-tenant-id: beta,alpha"],
      ["x-tenant-id : alpha"],
      [" x-tenant-id: alpha"],
      ["x-tenant-id:\talpha\t"],
      ["x-tenant-id: alpha\x00"],
      ["x-tenant-id: alpha\x0b"],
      ["x-tenant-id: \xe1lpha"],
      ["x_tenant_id: alpha"],
      ["x-tenant-id: beta\nx-tenant-id: alpha"],
      ["x-tenant-id: beta\rx-tenant-id: alpha"],
    ]) {
      await expectNothingOfAlpha(request(`GET ${PATH} HTTP/1.1`, ["Host: 127.0.0.1", betaKey(), ...headers]));
      await expectNothingOfAlpha(request(`GET ${PATH} HTTP/1.1`, ["Host: beta.localhost", betaKey(), ...headers]));
    }
  });

  test("with another one hidden in its body is one request", async () => {
    const hiddenBody = JSON.stringify({ source_type: "pos", name: "Smuggled", provider: "cata" });
    const hidden = request(
      `POST ${PATH} HTTP/1.1`,
      [
        "Host: beta.localhost",
        betaKey(),
        "Idempotency-Key: hidden",
        "Content-Type: application/json",
        `Content-Length: ${hiddenBody.length}`,
      ],
      hiddenBody,
    );
    const head = ["Host: beta.localhost", betaKey(), "Content-Type: application/json", "Idempotency-Key: outer"];
    const chunked = `0\r\n\r\n${hidden}`;
    for (const lengths of [
      [`Content-Length: ${chunked.length}`, "Transfer-Encoding: chunked"],
      ["Transfer-Encoding: chunked", `Content-Length: ${chunked.length}`],
      [`Content-Length: ${chunked.length}`, "Transfer-Encoding : chunked"],
      [`Content-Length: ${chunked.length}`, "Transfer-Encoding: xchunked"],
      [`Content-Length: ${chunked.length}`, "Content-Length: 0"],
      [`Content-Length: +${chunked.length}`],
    ]) {
      await expectNothingOfAlpha([`POST ${PATH} HTTP/1.1`, ...head, ...lengths, "Connection: close", "", chunked].join("\r\n"));
    }
    const sources = await tenantClient(worker.base_url, "beta", keyOf.beta ?? "").get<{ data: { name: string }[] }>(PATH);
    expect(sources.data.map(({ name }) => name)).toEqual([SECRET.beta]);
  });
});
