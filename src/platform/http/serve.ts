import type { Context, Hono } from "hono";
import type { z } from "zod";
import { AppError } from "../../kernel/errors.ts";
import { openVersion, sealVersion } from "../db/consistency-token.ts";
import type { DatabaseHandle } from "../db/database.ts";
import type { ReceiptKey } from "../db/unit-of-work.ts";
import { fingerprintOf, idempotencyKeyOf } from "../idempotency/key.ts";
import { logRequest } from "../observability/request-log.ts";
import { type RequestIds, requestIds } from "../observability/trace.ts";
import { requireAccess, requireOperator, resolveTenant } from "./auth.ts";
import { type Endpoint, isRawBody } from "./endpoint.ts";
import { asAppError, problemResponse } from "./problem.ts";
import { JSON_LIMIT_BYTES, parseJson, parsePart, readBytes } from "./read-body.ts";
import type { Reply } from "./reply.ts";
import { type Runtime, runtimeOf, systemClock } from "./runtime.ts";

type WorkerContext = Context<{ Bindings: Env }>;

/** OpenAPI's `{id}` as Hono's `:id`. */
export const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");

/** How a failure looks to a person. */
export type FailurePage = (failure: AppError, url: URL, requestId: string) => Promise<Response>;

/** Puts an endpoint's pipeline on the app: who and where, parse, then the verb, then the answer. */
export function serve(app: Hono<{ Bindings: Env }>, endpoint: Endpoint, failurePage: FailurePage): void {
  app.on(endpoint.method.toUpperCase(), honoPath(endpoint.path), async (context) => {
    const startedMs = systemClock.now();
    const ids = requestIds(context.req.raw.headers, systemClock.newId);
    // null: its Host is none. Few fronts let such a request through.
    const url = URL.parse(context.req.raw.url);
    let runtime: Runtime | undefined;
    let tenant: string | undefined;
    let response: Response;
    let failure: AppError | undefined;
    try {
      if (!url) throw new AppError("BAD_REQUEST", { detail: "The address of this request cannot be read; look at its Host." });
      runtime = runtimeOf(context.env, (work) => context.executionCtx.waitUntil(work), regionsOf(context.req.raw));
      response = await answer(endpoint, context, url, runtime, ids, (slug) => {
        tenant = slug;
      });
    } catch (error) {
      failure = asAppError(error);
      response =
        endpoint.page && url
          ? await failurePage(failure, url, ids.request_id)
          : problemResponse(failure.code, failure.extras, ids.request_id);
    }
    finish(response, endpoint, ids);
    logRequest({
      ...ids,
      tenant,
      method: context.req.method,
      route: endpoint.path,
      status: response.status,
      duration_ms: systemClock.now() - startedMs,
      meter: runtime?.meter,
      failure,
    });
    return response;
  });
}

async function answer(
  endpoint: Endpoint,
  context: WorkerContext,
  url: URL,
  runtime: Runtime,
  ids: RequestIds,
  seen: (slug: string) => void,
): Promise<Response> {
  const { headers } = context.req.raw;
  const common = {
    ...ids,
    clock: runtime.clock,
    config: runtime.config,
    bindings: runtime.bindings,
    wait_until: runtime.wait_until,
    url,
    headers,
  };
  if (endpoint.access === "open" || endpoint.access === "operator") {
    if (endpoint.access === "operator") requireOperator(runtime, headers);
    const { input, receipt } = await readInput(endpoint, context, url, "operator", ids);
    const { central, open } = runtime;
    return toResponse(await endpoint.handle({ ...common, central, open, receipt }, input));
  }

  const { tenant: known, principal } = await resolveTenant(runtime, url, headers, endpoint.operator_too ?? false);
  seen(known.slug);
  requireAccess(endpoint.access, principal);
  const { input, receipt } = await readInput(endpoint, context, url, principal?.owner ?? "anonymous", ids);
  const { TOKEN_SECRET } = runtime.config;
  const given = headers.get("consistency-token");
  const promised = given === null ? null : await openVersion(TOKEN_SECRET, known.database, given);
  // A token of a place that this isolate has not heard of yet.
  const isAhead = promised !== null && promised.placed_at_ms > known.database.placed_at_ms;
  const tenant = isAhead ? await runtime.directory.lookUpAgain(known) : known;
  // One of a place that the tenant has left promises nothing: all of it was on every node of the new place before anybody was sent there.
  const atLeast = promised && promised.placed_at_ms >= tenant.database.placed_at_ms ? promised.version : null;
  const db: DatabaseHandle = runtime.open(tenant.database, atLeast);
  const response = toResponse(await endpoint.handle({ ...common, tenant, principal, db, receipt }, input));
  const version = db.seenVersion();
  if (version && version !== atLeast) response.headers.set("consistency-token", await sealVersion(TOKEN_SECRET, tenant.database, version));
  return response;
}

interface ReadRequest {
  input: { params: unknown; query: unknown; body: unknown };
  receipt: ReceiptKey | undefined;
}

async function readInput(endpoint: Endpoint, context: WorkerContext, url: URL, owner: string, ids: RequestIds): Promise<ReadRequest> {
  const { headers } = context.req.raw;
  const takesKey = endpoint.idempotency !== "none" && url.searchParams.get("dry_run") !== "true";
  const params = part(endpoint.params, "params", context.req.param());
  const query = part(endpoint.query, "query", Object.fromEntries(url.searchParams));
  const { bytes, json, contentType } = await readBody(endpoint, context.req.raw);

  const key = takesKey ? idempotencyKeyOf(headers, json) : null;
  if (takesKey && endpoint.idempotency === "required" && key === null) {
    throw new AppError("IDEMPOTENCY_KEY_REQUIRED", {
      detail: "Send a fresh key per intended effect, and the same key when you repeat it.",
    });
  }
  const content = withoutKey(json);
  const body = isRawBody(endpoint.body)
    ? { bytes, content_type: contentType }
    : part(endpoint.body as z.ZodType | undefined, "body", content);
  const receipt =
    key === null
      ? undefined
      : {
          principal: owner,
          method: context.req.method,
          route: endpoint.path,
          key,
          fingerprint: await fingerprintOf(url, bytes, content),
          request_id: ids.request_id,
        };
  return { input: { params, query, body }, receipt };
}

const part = (schema: z.ZodType | undefined, name: "params" | "query" | "body", value: unknown): unknown =>
  schema ? parsePart(schema, name, value) : undefined;

async function readBody(endpoint: Endpoint, request: Request): Promise<{ bytes: Uint8Array; json: unknown; contentType: string }> {
  const contentType = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (!endpoint.body) return { bytes: new Uint8Array(), json: undefined, contentType };
  if (isRawBody(endpoint.body)) {
    if (!endpoint.body.content_types.includes(contentType)) {
      throw new AppError("UNSUPPORTED_MEDIA_TYPE", { detail: `Send one of: ${endpoint.body.content_types.join(", ")}.` });
    }
    return { bytes: await readBytes(request, endpoint.body.max_bytes), json: undefined, contentType };
  }
  const bytes = await readBytes(request, JSON_LIMIT_BYTES);
  return { bytes, json: parseJson(bytes), contentType };
}

/** `_idempotencyKey` is the request's, not the verb's. */
function withoutKey(json: unknown): unknown {
  if (typeof json !== "object" || json === null || !("_idempotencyKey" in json)) return json;
  const { _idempotencyKey: _, ...rest } = json;
  return rest;
}

function toResponse(reply: Reply | Response): Response {
  if (reply instanceof Response) return reply;
  const headers = new Headers({ "content-type": "application/json", ...reply.headers });
  if (reply.status === 204) headers.delete("content-type");
  const text = reply.text ?? (reply.body === undefined ? null : JSON.stringify(reply.body));
  return new Response(reply.status === 204 ? null : text, { status: reply.status, headers });
}

function finish(response: Response, endpoint: Endpoint, ids: RequestIds): void {
  response.headers.set("x-request-id", ids.request_id);
  if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
  if (endpoint.access === "public" || endpoint.access === "open") {
    response.headers.set("access-control-allow-origin", "*");
    response.headers.set("access-control-expose-headers", "ETag, Menu-Version, Consistency-Token, X-Request-Id, Retry-After");
  }
}

/** Where this request is served, nearest name first: data centre, then continent, in small letters as cells name their replicas. */
function regionsOf(request: Request): string[] {
  const cf = request.cf as { colo?: unknown; continent?: unknown } | undefined;
  return [cf?.colo, cf?.continent].filter((name) => typeof name === "string").map((name) => name.toLowerCase());
}
