import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { ApiError, operatorClient } from "../../scripts/api-client.ts";
import { migrateFleet } from "../../scripts/migrate-fleet.ts";

/** Twelve tenants: three behind, of which one refuses, the others at version 4. */
const versions = new Map(Array.from({ length: 12 }, (_, i) => [`t${String(i).padStart(2, "0")}`, [3, 5, 7].includes(i) ? 3 : 4]));
let asked: string[] = [];
let running = 0;
let most = 0;
let busyAnswers = 0;
let server: Server;
let baseUrl: string;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://local");
    const answer = (status: number, body: object) => {
      const type = status < 400 ? "application/json" : "application/problem+json";
      response.writeHead(status, { "content-type": type, ...(status === 503 ? { "retry-after": "0" } : {}) }).end(JSON.stringify(body));
    };
    if (request.headers.authorization !== "Bearer operator") {
      return answer(401, { status: 401, title: "A credential is missing or unknown", code: "UNAUTHENTICATED", request_id: "r-1" });
    }
    if (request.method === "GET") {
      const all = [...versions].map(([slug, schema_version]) => ({ tenant_id: `id-${slug}`, slug, schema_version }));
      const from = Number(url.searchParams.get("cursor") ?? 0);
      return answer(200, { data: all.slice(from, from + 5), next_cursor: from + 5 < all.length ? String(from + 5) : null });
    }
    const slug = url.pathname.split("/")[3] ?? "";
    if (!request.headers["idempotency-key"]) return answer(400, { status: 400, title: "no key" });
    if (busyAnswers-- > 0) return answer(503, { status: 503, title: "Too many writes are waiting; try again", code: "WRITER_BUSY" });
    asked.push(slug);
    most = Math.max(most, ++running);
    await sleep(20);
    running--;
    if (slug === "t05") return answer(500, { status: 500, title: "Something went wrong here", code: "INTERNAL", request_id: "r-2" });
    const from_version = versions.get(slug) ?? 0;
    versions.set(slug, 4);
    return answer(200, { tenant_id: `id-${slug}`, from_version, to_version: 4, applied: from_version < 4 ? ["tenant/0004_more"] : [] });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  asked = [];
  most = 0;
  busyAnswers = 0;
});

afterAll(() => server.close());

it("migrates who is behind, four at a time, past one that fails", async () => {
  const report = await migrateFleet(operatorClient(baseUrl, "operator"), {});
  expect(report).toMatchObject({ seen: 12, up_to_date: 9 });
  expect(report.migrated.map(({ slug, from_version, to_version }) => [slug, from_version, to_version])).toEqual([
    ["t03", 3, 4],
    ["t07", 3, 4],
  ]);
  expect(report.failed).toEqual([
    { slug: "t05", problem: expect.stringContaining("500 INTERNAL Something went wrong here (request r-2)") },
  ]);
  expect(most).toBe(4);
});

it("asks nobody again whose version it knows to be the newest, but for those it learns that from", async () => {
  await migrateFleet(operatorClient(baseUrl, "operator"), {});
  expect(asked.length).toBeLessThanOrEqual(5);
  asked = [];
  await migrateFleet(operatorClient(baseUrl, "operator"), { all: true });
  expect(asked.length).toBe(12);
});

it("waits where the writer is busy", async () => {
  busyAnswers = 3;
  const report = await migrateFleet(operatorClient(baseUrl, "operator"), { all: true });
  expect(report.failed.map(({ slug }) => slug)).toEqual(["t05"]);
});

it("shows the problem of a wrong credential", async () => {
  const refused = migrateFleet(operatorClient(baseUrl, "someone"), {});
  await expect(refused).rejects.toThrow(ApiError);
  await expect(refused).rejects.toThrow(
    "GET /internal/tenants?limit=100 answered 401 UNAUTHENTICATED A credential is missing or unknown (request r-1)",
  );
});

it("says where nothing answers", async () => {
  await expect(migrateFleet(operatorClient("http://127.0.0.1:9", "operator"), {})).rejects.toThrow("nothing answers at http://127.0.0.1:9");
});
