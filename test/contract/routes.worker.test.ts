import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { endpoints } from "../../src/app.ts";
import { configOf } from "../../src/env.ts";
import { ERRORS } from "../../src/kernel/errors.ts";
import { type Endpoint, isRawBody } from "../../src/platform/http/endpoint.ts";
import { errorCodesOf, openApiDocument } from "../../src/platform/http/openapi.ts";
import { ROLES, type Role } from "../../src/platform/tenancy/roles.ts";
import { classedRoutes } from "../support/worker/limited-app.ts";
import { type CallAnswer, type CallOptions, newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

/**
 * What every route owes its caller, asked of each route of the registry: a new route is covered the day it is born.
 */
let tenant: TestTenant;
let other: TestTenant;
const keyOf = new Map<Role, string>();

beforeAll(async () => {
  [tenant, other] = await Promise.all([newTenant(), newTenant()]);
  for (const role of ROLES) keyOf.set(role, await tenant.key(role));
}, 60_000);

const name = (endpoint: Endpoint) => `${endpoint.method.toUpperCase()} ${endpoint.path}`;

/** A path of this template that names nothing which exists. */
const pathOf = (endpoint: Endpoint): string =>
  endpoint.path.replace("{version_no}", "1").replaceAll(/\{\w+\}/g, "00000000-0000-7000-8000-000000000000");

/** The least body that reaches the verb's own validation, with a member that no route knows. */
const strangeBody = { zzz_unknown: 1 };

const call = (endpoint: Endpoint, options: CallOptions = {}): Promise<CallAnswer> =>
  tenant.call(endpoint.method.toUpperCase(), pathOf(endpoint), withBody(endpoint, options));

function withBody(endpoint: Endpoint, options: CallOptions): CallOptions {
  if (!endpoint.body || options.body !== undefined || options.raw !== undefined) return options;
  return isRawBody(endpoint.body) ? { ...options, raw: "{}" } : { ...options, body: {} };
}

function expectProblem(answer: CallAnswer, endpoint: Endpoint): void {
  if (endpoint.page) {
    expect(answer.headers.get("content-type")).toContain("text/html");
    return;
  }
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.json).toMatchObject({
    status: answer.status,
    code: expect.stringMatching(/^[A-Z_]+$/),
    title: expect.any(String),
    type: expect.any(String),
  });
  expect(answer.json.request_id).toBe(answer.headers.get("x-request-id"));
  const code = answer.json.code as keyof typeof ERRORS;
  expect(ERRORS[code]?.[0], code).toBe(answer.status);
  if (endpoint.access !== "operator") expect(errorCodesOf(endpoint), `${name(endpoint)} does not document ${code}`).toContain(code);
}

interface Operation {
  "x-servery-rate-class"?: string;
  responses: Record<string, { description: string; headers?: object } | undefined>;
}

const forTenants = endpoints.filter(({ access }) => access !== "open" && access !== "operator");
const withRoles = forTenants.filter(({ access }) => Array.isArray(access));
const withJson = endpoints.filter(({ body, access }) => body && !isRawBody(body) && access !== "open");

const send = (endpoint: Endpoint, raw: string): Promise<CallAnswer> => {
  const asOperator = { key: null, tenant: null, headers: { authorization: `Bearer ${configOf(env).OPERATOR_KEY}` } };
  return tenant.call(endpoint.method.toUpperCase(), pathOf(endpoint), { raw, ...(endpoint.access === "operator" ? asOperator : {}) });
};

describe("who asks", () => {
  test.each(withRoles.map((endpoint) => [name(endpoint), endpoint] as const))(
    "%s: 401 without a key and with an unknown one",
    async (_, endpoint) => {
      for (const key of [null, "svk_not-a-key"]) {
        const answer = await call(endpoint, { key });
        expect(answer.status).toBe(401);
        expectProblem(answer, endpoint);
      }
    },
  );

  test.each(forTenants.map((endpoint) => [name(endpoint), endpoint] as const))(
    "%s: 404 for another tenant's key, 404 for an unknown tenant, 400 for none",
    async (_, endpoint) => {
      const crossed = await call(endpoint, { key: other.admin_key });
      expect([crossed.status, endpoint.page ? "TENANT_UNKNOWN" : crossed.json.code]).toEqual([404, "TENANT_UNKNOWN"]);
      const unknown = await call(endpoint, { key: null, tenant: "nobody-here" });
      expect(unknown.status).toBe(404);
      const none = await call(endpoint, { key: null, tenant: null });
      if (!endpoint.page) expect([none.status, none.json.code]).toEqual([400, "TENANT_REQUIRED"]);
      for (const answer of [crossed, unknown, none]) expectProblem(answer, endpoint);
    },
  );

  test.each(withRoles.map((endpoint) => [name(endpoint), endpoint] as const))(
    "%s: 403 for every role it does not name",
    async (_, endpoint) => {
      const allowed = new Set<Role>(["admin", ...(endpoint.access as readonly Role[])]);
      for (const [role, key] of keyOf) {
        const answer = await call(endpoint, { key });
        if (allowed.has(role)) expect([401, 403], `${role} on ${name(endpoint)}`).not.toContain(answer.status);
        else {
          expect(answer.status, `${role} on ${name(endpoint)}`).toBe(403);
          expectProblem(answer, endpoint);
        }
      }
    },
  );

  test.each(endpoints.filter(({ access }) => access === "operator").map((endpoint) => [name(endpoint), endpoint] as const))(
    "%s: 401 for anybody but the operator",
    async (_, endpoint) => {
      for (const key of [null, tenant.admin_key]) expect((await call(endpoint, { key })).status).toBe(401);
    },
  );
});

describe("what is sent", () => {
  test.each(withJson.map((endpoint) => [name(endpoint), endpoint] as const))(
    "%s: bad JSON is 400, an unknown field 422 by name, too large 413",
    async (_, endpoint) => {
      const broken = await send(endpoint, '{"name": ');
      expect([broken.status, broken.json.code]).toEqual([400, "BAD_JSON"]);
      expectProblem(broken, endpoint);

      const strange = await send(endpoint, JSON.stringify(strangeBody));
      expect(strange.status).toBe(422);
      expect(strange.json.errors.map((error: { path: string }) => error.path)).toContain("body.zzz_unknown");
      expectProblem(strange, endpoint);

      const large = await send(endpoint, JSON.stringify({ name: "x".repeat(1_048_576) }));
      expect([large.status, large.json.code]).toEqual([413, "BODY_TOO_LARGE"]);
      expectProblem(large, endpoint);
    },
  );

  test.each(
    endpoints
      .filter(({ query, access }) => query && access !== "open" && access !== "operator")
      .map((endpoint) => [name(endpoint), endpoint] as const),
  )("%s: an unknown query parameter is 422 by name", async (_, endpoint) => {
    const answer = await tenant.call(endpoint.method.toUpperCase(), `${pathOf(endpoint)}?zzz_unknown=1`, withBody(endpoint, {}));
    expect(answer.status).toBe(422);
    expect(answer.json.errors.map((error: { path: string }) => error.path)).toContain("query.zzz_unknown");
  });

  test.each(
    endpoints
      .filter(({ idempotency, access }) => idempotency === "required" && access !== "operator")
      .map((endpoint) => [name(endpoint), endpoint] as const),
  )("%s: needs a usable Idempotency-Key", async (_, endpoint) => {
    const missing = await call(endpoint, { idempotency_key: null });
    expect([missing.status, missing.json.code]).toEqual([400, "IDEMPOTENCY_KEY_REQUIRED"]);
    const unusable = await call(endpoint, { idempotency_key: "x".repeat(256) });
    expect([unusable.status, unusable.json.code]).toEqual([400, "IDEMPOTENCY_KEY_INVALID"]);
  });

  test.each(
    endpoints
      .filter(({ path, access, page }) => path.includes("{") && access !== "operator" && !page)
      .map((endpoint) => [name(endpoint), endpoint] as const),
  )("%s: an id that is none is refused, never a 5xx", async (_, endpoint) => {
    for (const id of ["nope", "%00", "..%2f..", "'; drop table stores; --"]) {
      const path = endpoint.path.replaceAll(/\{\w+\}/g, encodeURIComponent(id));
      const answer = await tenant.call(endpoint.method.toUpperCase(), path, withBody(endpoint, {}));
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(answer.status, path).toBeLessThan(500);
    }
  });
});

describe("the registry", () => {
  test("a POST with an effect under /api/v1 takes a key; reads take none", () => {
    for (const endpoint of endpoints) {
      if (endpoint.method === "get") expect(endpoint.idempotency, name(endpoint)).toBe("none");
      if (endpoint.method === "post" && endpoint.path.startsWith("/api/v1/"))
        // What is synchronised carries ids of its own.
        expect(endpoint.idempotency, name(endpoint)).toBe(endpoint.path.startsWith("/api/v1/sync/") ? "none" : "required");
      if (["put", "patch", "delete"].includes(endpoint.method)) expect(endpoint.idempotency, name(endpoint)).toBe("accepted");
    }
  });

  test("no two routes answer one method and path", () => {
    const names = endpoints.map(name);
    expect(new Set(names).size).toBe(names.length);
  });

  test("the OpenAPI document holds every route with its access, key and answers", async () => {
    const document = (await tenant.call("GET", "/openapi.json", { key: null, tenant: null })).json;
    expect(document.openapi).toBe("3.1.0");
    for (const endpoint of endpoints) {
      const operation = document.paths[endpoint.path]?.[endpoint.method];
      expect(operation, name(endpoint)).toBeDefined();
      expect(operation["x-servery-idempotency"]).toBe(endpoint.idempotency);
      for (const [status, answer] of Object.entries(endpoint.answers)) {
        expect(operation.responses[status], `${name(endpoint)} ${status}`).toBeDefined();
        if (!endpoint.page && Number(status) < 300 && Number(status) !== 204)
          expect(answer.schema, `${name(endpoint)} ${status} has no schema`).toBeDefined();
      }
    }
  });

  test("whatever can be refused for coming too often documents 429 with its headers, and a class by name", () => {
    const all = [...endpoints, ...classedRoutes];
    const document = openApiDocument(all) as { paths: Record<string, Record<string, Operation>> };
    for (const endpoint of all) {
      const operation = document.paths[endpoint.path]?.[endpoint.method];
      expect(operation?.["x-servery-rate-class"], name(endpoint)).toBe(endpoint.rate_class);
      const refusal = operation?.responses["429"];
      if (endpoint.access === "open") expect(refusal, name(endpoint)).toBeUndefined();
      else {
        expect(refusal?.description, name(endpoint)).toContain("RATE_LIMITED");
        expect(Object.keys(refusal?.headers ?? {}), name(endpoint)).toEqual(
          expect.arrayContaining([
            "Retry-After",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset",
            "RateLimit",
            "RateLimit-Policy",
          ]),
        );
      }
    }
  });

  test.each(endpoints.filter(({ idempotency }) => idempotency !== "none").map((endpoint) => [name(endpoint), endpoint] as const))(
    "%s: the OpenAPI document says how it takes a key, what it answers then, and for how long",
    async (_, endpoint) => {
      const operation = (await tenant.call("GET", "/openapi.json", { key: null, tenant: null })).json.paths[endpoint.path][endpoint.method];
      const header = operation.parameters.find((one: { name: string }) => one.name === "Idempotency-Key");
      expect(header).toMatchObject({ in: "header", schema: { type: "string" } });
      expect(header.required ?? false).toBe(endpoint.idempotency === "required");
      expect(header.schema.description).toContain("24 hours");
      expect(operation["x-servery-answer-kept-hours"]).toBe(24);
      for (const status of Object.keys(endpoint.answers))
        expect(operation.responses[status].headers, status).toHaveProperty("Idempotent-Replayed");
      const says = (status: number) => operation.responses[status].description;
      expect(says(400)).toContain("`IDEMPOTENCY_KEY_INVALID`");
      if (endpoint.idempotency === "required") expect(says(400)).toContain("`IDEMPOTENCY_KEY_REQUIRED`");
      expect(says(409)).toContain("`IDEMPOTENCY_KEY_REUSED`");
      expect(says(409)).toContain("`IDEMPOTENCY_IN_PROGRESS`");
      expect(says(503)).toContain("`UNAVAILABLE`");
      expect(says(503)).toContain("`WRITER_BUSY`");
      for (const status of [409, 503]) expect(operation.responses[status].headers).toHaveProperty("Retry-After");
    },
  );

  test("a path that is not there is 404, a method that it does not answer 405", async () => {
    const nowhere = await tenant.call("GET", "/api/v1/nowhere");
    expect([nowhere.status, nowhere.json.code]).toEqual([404, "NOT_FOUND"]);
    const wrong = await tenant.call("DELETE", "/api/v1/stores");
    expect([wrong.status, wrong.json.code]).toEqual([405, "METHOD_NOT_ALLOWED"]);
    expect(wrong.headers.get("allow")).toContain("GET");
  });
});
