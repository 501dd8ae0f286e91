import type { Context, Hono } from "hono";
import { AppError, type ErrorExtras } from "../../kernel/errors.ts";
import { openVersion, sealVersion } from "../db/consistency-token.ts";
import type { DatabaseHandle } from "../db/database.ts";
import { recallReply, rememberReply } from "../idempotency/recall.ts";
import { logRequest } from "../observability/request-log.ts";
import { type RequestIds, requestIds } from "../observability/trace.ts";
import { requireAccess, requireOperator, resolveTenant } from "./auth.ts";
import type { Endpoint } from "./endpoint.ts";
import { asAppError, problemResponse } from "./problem.ts";
import { readBody, readInput, repeatKeyOf } from "./read-request.ts";
import { keepReady } from "./ready-answers.ts";
import { isAsDecided, type Reply, responseOf } from "./reply.ts";
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
    const ids = requestIds(context.req.raw.headers);
    // null: its Host is none. Few fronts let such a request through.
    const url = URL.parse(context.req.raw.url);
    let runtime: Runtime | undefined;
    let tenant: string | undefined;
    let response: Response;
    let failure: AppError | undefined;
    try {
      if (!url) throw new AppError("BAD_REQUEST", { detail: "The address of this request cannot be read; look at its Host." });
      runtime = runtimeOf(
        context.env,
        (work) => context.executionCtx.waitUntil(work),
        () => regionsOf(context.req.raw),
      );
      response = await answer(endpoint, context, url, runtime, ids, (slug) => {
        tenant = slug;
      });
    } catch (error) {
      failure = asAppError(error);
      response =
        endpoint.page && url
          ? await failurePage(failure, url, ids.request_id)
          : problemResponse(failure.code, endpoint.marks_errors ? marked(failure.extras) : failure.extras, ids.request_id);
      finish(response, endpoint, ids);
    }
    runtime?.limits.mark(response);
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

const marked = (extras: ErrorExtras): ErrorExtras => ({ ...extras, extensions: { ...extras.extensions, error: true } });

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
    if (endpoint.access === "operator") await requireOperator(runtime, headers);
    const { input, receipt } = await readInput(endpoint, context.req, url, await readBody(endpoint, context.req.raw), "operator", ids);
    const { central, open } = runtime;
    const reply = await endpoint.handle({ ...common, central, open, receipt }, input);
    return reply instanceof Response ? finish(reply, endpoint, ids) : responseOf(completed(endpoint, reply, null), ids.request_id);
  }

  const { tenant: known, principal } = await resolveTenant(runtime, url, headers, endpoint);
  seen(known.slug);
  requireAccess(endpoint.access, principal);
  await runtime.limits.count(endpoint, known, principal, headers);
  const owner = principal?.owner ?? "anonymous";
  const body = await readBody(endpoint, context.req.raw);
  const repeat = repeatKeyOf(endpoint, url, headers, known.tenant_id, owner);
  const again = repeat && recallReply(repeat, url.href, body.bytes, runtime.clock.now());
  if (again) return responseOf(again, ids.request_id);
  const { input, receipt } = await readInput(endpoint, context.req, url, body, owner, ids);
  const { TOKEN_SECRET } = runtime.config;
  const given = headers.get("consistency-token");
  const promised = given === null ? null : await openVersion(TOKEN_SECRET, known.database, given);
  // A token of a place that this isolate has not heard of yet.
  const isAhead = promised !== null && promised.placed_at_ms > known.database.placed_at_ms;
  const tenant = isAhead ? await runtime.directory.lookUpAgain(known) : known;
  // One of a place that the tenant has left promises nothing: all of it was on every node of the new place before anybody was sent there.
  const atLeast = promised && promised.placed_at_ms >= tenant.database.placed_at_ms ? promised.version : null;
  const db: DatabaseHandle = runtime.open(tenant.database, atLeast);
  const reply = await endpoint.handle({ ...common, tenant, principal, db, receipt }, input);
  const version = db.seenVersion();
  const token = version && version !== atLeast ? await sealVersion(TOKEN_SECRET, tenant.database, version) : null;
  if (reply instanceof Response) {
    if (token !== null) reply.headers.set("consistency-token", token);
    return finish(reply, endpoint, ids);
  }
  const whole = completed(endpoint, reply, token);
  if (repeat && isAsDecided(reply)) rememberReply(repeat, url.href, body.bytes, whole, runtime.clock.now());
  // What is counted is never answered before it is.
  if (!endpoint.rate_class) keepReady(context.req.raw, { reply: whole, route: endpoint.path, tenant: tenant.slug }, runtime.clock.now());
  return responseOf(whole, ids.request_id);
}

const NOT_STORED = { "cache-control": "no-store" };
const READABLE_ANYWHERE = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "ETag, Menu-Version, Consistency-Token, X-Request-Id, Retry-After",
};

const headersOfEvery = ({ access }: Endpoint): Record<string, string> =>
  access === "public" || access === "open" ? { ...NOT_STORED, ...READABLE_ANYWHERE } : NOT_STORED;

/** A handler's answer with the headers that every answer of its kind has. */
function completed(endpoint: Endpoint, reply: Reply, token: string | null): Reply {
  const isJson = reply.status !== 204 && (reply.text !== undefined || reply.body !== undefined);
  return {
    ...reply,
    headers: {
      ...headersOfEvery(endpoint),
      ...(isJson ? { "content-type": "application/json" } : {}),
      ...reply.headers,
      ...(token === null ? {} : { "consistency-token": token }),
    },
  };
}

function finish(response: Response, endpoint: Endpoint, ids: RequestIds): Response {
  response.headers.set("x-request-id", ids.request_id);
  for (const [name, value] of Object.entries(headersOfEvery(endpoint)))
    if (name !== "cache-control" || !response.headers.has(name)) response.headers.set(name, value);
  return response;
}

/** Where this request is served, nearest name first: data centre, then continent, in small letters as cells name their replicas. */
function regionsOf(request: Request): string[] {
  const cf = request.cf as { colo?: unknown; continent?: unknown } | undefined;
  return [cf?.colo, cf?.continent].filter((name) => typeof name === "string").map((name) => name.toLowerCase());
}
