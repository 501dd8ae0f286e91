import type { Context } from "hono";
import { requestIds } from "../observability/trace.ts";
import type { Endpoint } from "./endpoint.ts";
import { problemResponse } from "./problem.ts";

/** 405 with what the path does answer, else 404. */
export function notFound(endpoints: readonly Endpoint[]) {
  const patterns = endpoints.map(({ path, method }) => ({
    pattern: new RegExp(`^${path.replaceAll(/[.]/g, "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    method: method.toUpperCase(),
  }));
  return (context: Context): Response => {
    const { request_id } = requestIds(context.req.raw.headers);
    const allowed = patterns.filter(({ pattern }) => pattern.test(context.req.path)).map(({ method }) => method);
    const response =
      allowed.length > 0
        ? problemResponse("METHOD_NOT_ALLOWED", { detail: `This path answers ${allowed.join(", ")}.` }, request_id)
        : problemResponse("NOT_FOUND", { detail: "There is nothing at this path; /openapi.json lists what there is." }, request_id);
    if (allowed.length > 0) response.headers.set("allow", [...new Set(allowed)].join(", "));
    response.headers.set("x-request-id", request_id);
    return response;
  };
}

/** Any site may read what is public; nothing here relies on cookies. */
export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD, OPTIONS",
      "access-control-allow-headers": "x-tenant-id, x-request-id, traceparent, if-none-match, min-menu-version, consistency-token",
      "access-control-max-age": "86400",
    },
  });
}
