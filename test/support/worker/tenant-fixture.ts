import { env, exports } from "cloudflare:workers";
import { configOf } from "../../../src/env.ts";
import type { DatabaseHandle } from "../../../src/platform/db/database.ts";
import type { DbMeter } from "../../../src/platform/db/meter.ts";
import { statement } from "../../../src/platform/db/statement.ts";
import type { Tenant } from "../../../src/platform/db/tenant.ts";
import { runtimeOf, systemClock, workScope } from "../../../src/platform/http/runtime.ts";
import type { Scope } from "../../../src/platform/http/scope.ts";
import { readTenant } from "../../../src/platform/tenancy/directory.ts";
import type { Role } from "../../../src/platform/tenancy/roles.ts";

const BASE = "http://servery.test";

export interface CallOptions {
  body?: unknown;
  /** Sent as it is instead of `body`. */
  raw?: BodyInit;
  /** Default: the tenant's admin key; null sends none. */
  key?: string | null;
  /** Default: a fresh one for a POST; null sends none. */
  idempotency_key?: string | null;
  /** Default: this tenant; null sends none. */
  tenant?: string | null;
  headers?: Record<string, string>;
}

export interface CallAnswer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer by asserting it.
  json: any;
}

export interface TestTenant {
  tenant_id: string;
  slug: string;
  admin_key: string;
  call(method: string, path: string, options?: CallOptions): Promise<CallAnswer>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** A key of this role. */
  key(role: Role): Promise<string>;
  /** Direct access, for looking at rows. */
  db(): Promise<DatabaseHandle>;
  /** A scope as a queue consumer has it, with the meter that counts for it. */
  scope(): Promise<{ scope: Scope; meter: DbMeter }>;
  /** Waits until no work waits; what is wanted for a time to come does not. */
  settled(): Promise<void>;
}

let ready: Promise<void> | undefined;

/** The central database and the one cell, made once per run of a file. */
function platformReady(): Promise<void> {
  ready ??= (async () => {
    const central = configOf(env).CENTRAL;
    await operate("POST", "/internal/central/migrate");
    await operate("PUT", "/internal/cells/local", {
      driver: "sqld",
      primary_url: central.primary_url,
      admin_url: central.admin_url,
      replicas: central.replicas,
    });
  })();
  return ready;
}

/** A call with the operator's credential; throws for anything but success. */
export async function operate(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<CallAnswer> {
  const answer = await operatorCall(method, path, body, headers);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer;
}

export async function operatorCall(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<CallAnswer> {
  const response = await exports.default.fetch(`${BASE}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${configOf(env).OPERATOR_KEY}`,
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return read(response);
}

async function read(response: Response): Promise<CallAnswer> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, text, json: isJson && text ? JSON.parse(text) : undefined };
}

/** A tenant of its own for one test, made through the operator's API. */
export async function newTenant(options: { currency?: string; locale?: string; domain?: string } = {}): Promise<TestTenant> {
  await platformReady();
  const slug = `t${crypto.randomUUID().slice(0, 18)}`;
  const created = await operate("POST", "/internal/tenants", {
    slug,
    name: `Tenant ${slug}`,
    currency: options.currency ?? "USD",
    ...options,
  });
  const { tenant_id, admin_key } = created.json as { tenant_id: string; admin_key: string };

  const known = async (): Promise<Tenant> => {
    const tenant = await readTenant(runtimeOf(env, () => {}).central, tenant_id);
    if (!tenant) throw new Error(`tenant ${slug} is gone`);
    return tenant;
  };
  const tenant: TestTenant = {
    tenant_id,
    slug,
    admin_key,
    fetch: (path, init) => exports.default.fetch(`${BASE}${path}`, init),
    async call(method, path, call = {}) {
      const key = call.key === undefined ? admin_key : call.key;
      const idempotencyKey = call.idempotency_key === undefined ? (method === "POST" ? crypto.randomUUID() : null) : call.idempotency_key;
      const selected = call.tenant === undefined ? slug : call.tenant;
      const payload = call.raw ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
      const response = await exports.default.fetch(`${BASE}${path}`, {
        method,
        headers: {
          ...(payload === undefined ? {} : { "content-type": "application/json" }),
          ...(selected === null ? {} : { "x-tenant-id": selected }),
          ...(key === null ? {} : { apikey: key }),
          ...(idempotencyKey === null ? {} : { "idempotency-key": idempotencyKey }),
          ...call.headers,
        },
        ...(payload === undefined ? {} : { body: payload }),
      });
      return read(response);
    },
    async key(role) {
      const answer = await operate("POST", `/internal/tenants/${slug}/keys`, { role });
      return answer.json.key;
    },
    async db() {
      return runtimeOf(env, () => {}).open((await known()).database);
    },
    async scope() {
      const runtime = runtimeOf(env, () => {});
      const id = systemClock.newId();
      return { scope: workScope(runtime, await known(), { request_id: id, trace_id: id }), meter: runtime.meter };
    },
    async settled() {
      const db = await tenant.db();
      for (let attempt = 0; attempt < 400; attempt++) {
        const [rows] = await db.read(
          [statement("SELECT count(*) AS waiting FROM wanted WHERE state = 'wanted' AND wanted_at_ms <= ?", Date.now())],
          { fresh: true },
        );
        if (rows?.[0]?.["waiting"] === 0) return;
        await scheduler.wait(25);
      }
      throw new Error(`work of ${slug} did not settle`);
    },
  };
  return tenant;
}
