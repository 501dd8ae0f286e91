import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { vi } from "vitest";
import { z } from "zod";
import { endpoints } from "../../../src/app.ts";
import { RATE_CLASS_NAMES, type RateClass, type RateLimits } from "../../../src/kernel/rate-classes.ts";
import { failurePage } from "../../../src/pages/failure-page.ts";
import { statement } from "../../../src/platform/db/statement.ts";
import { type Endpoint, endpoint } from "../../../src/platform/http/endpoint.ts";
import { ok, replyOf } from "../../../src/platform/http/reply.ts";
import { unitOf } from "../../../src/platform/http/scope.ts";
import { serve } from "../../../src/platform/http/serve.ts";

const Body = z.strictObject({ name: z.string().optional() });
const answers = { 200: { description: "Done", schema: z.object({}) } };
const common = { tag: "Test", summary: "Test", answers } as const;

/** A write that anybody may send: it adds a location, whose number shows how often it took effect. */
const write = (path: string, rate_class?: RateClass): Endpoint =>
  endpoint(
    {
      ...common,
      method: "post",
      path,
      access: "public",
      idempotency: "accepted",
      body: Body,
      ...(rate_class ? { rate_class } : {}),
    },
    async (scope) =>
      replyOf(
        await scope.db.write(
          unitOf(scope, {
            steps: [
              statement(
                "INSERT INTO locations (location_id, kind, name, created_at_ms) VALUES (?, 'warehouse', 'x', 0)",
                scope.clock.newId(),
              ),
            ],
            answer: { status: 200, select: statement("SELECT json_object('locations', (SELECT count(*) FROM locations))") },
          }),
        ),
      ),
  );

/** A route of each class, as the routes that come will name it; beside them all routes there are. */
export const classedRoutes: Endpoint[] = [
  ...RATE_CLASS_NAMES.filter((name) => name !== "anonymous_write").map((name) => write(`/test/${name}`, name)),
  write("/test/anonymous_write"),
  endpoint(
    { ...common, method: "get", path: "/test/availability", access: "public", idempotency: "none", rate_class: "public_availability" },
    async () => ok({}),
  ),
];

const app = new Hono<{ Bindings: Env }>();
for (const one of [...classedRoutes, ...endpoints]) serve(app, one, failurePage);

export interface Sent {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer by asserting it.
  json: any;
  /** By its log line; absent where it has none, as most answers that are not errors. */
  db_round_trips: number | undefined;
}

export interface LimitedApp {
  /** Objects that were asked for, by class. */
  calls: { limiter: number; writer: number };
  send(method: string, path: string, headers?: Record<string, string>, body?: unknown): Promise<Sent>;
}

/** The pipeline under limits of its own, counting which objects it calls. `limiter` stands in for one that is broken. */
export function limitedApp(limits: RateLimits, limiter: Pick<DurableObjectNamespace, "getByName"> = env.RATE_LIMITER): LimitedApp {
  const calls = { limiter: 0, writer: 0 };
  const counted = (kind: keyof typeof calls, namespace: Pick<DurableObjectNamespace, "getByName">) => ({
    getByName: (...args: Parameters<DurableObjectNamespace["getByName"]>) => {
      calls[kind]++;
      return namespace.getByName(...args);
    },
  });
  const bindings = {
    ...env,
    RATE_LIMITS: JSON.stringify(limits),
    RATE_LIMITER: counted("limiter", limiter),
    TENANT_WRITER: counted("writer", env.TENANT_WRITER as unknown as DurableObjectNamespace),
  } as unknown as Env;
  return {
    calls,
    async send(method, path, headers = {}, body) {
      const requestId = crypto.randomUUID();
      const log = vi.spyOn(console, "log");
      const response = await app.fetch(
        new Request(`http://servery.test${path}`, {
          method,
          headers: { "content-type": "application/json", "x-request-id": requestId, ...headers },
          ...(method === "GET" ? {} : { body: JSON.stringify(body ?? {}) }),
        }),
        bindings,
        createExecutionContext(),
      );
      const text = await response.text();
      const line = log.mock.calls.map(([first]) => String(first)).find((one) => one.includes(requestId) && one.includes("http.request"));
      return {
        status: response.status,
        headers: response.headers,
        json: text ? JSON.parse(text) : undefined,
        db_round_trips: line === undefined ? undefined : JSON.parse(line).db_round_trips,
      };
    },
  };
}

let addresses = 0;
/** An address that no other test has. */
export const newAddress = (): string => `10.${crypto.getRandomValues(new Uint8Array(1))[0]}.${addresses >> 8}.${addresses++ & 255}`;
