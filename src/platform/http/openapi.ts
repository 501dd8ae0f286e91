import { OpenAPIRegistry, OpenApiGeneratorV31, type ResponseConfig } from "@asteasolutions/zod-to-openapi";
import { z } from "zod";
import { ERRORS, type ErrorCode } from "../../kernel/errors.ts";
import { type Endpoint, isRawBody } from "./endpoint.ts";

const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.string().meta({ description: "Stable, UPPER_SNAKE" }),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem", description: "RFC 9457 problem document" });

const RateHeaders = z.object({
  "Retry-After": z.string().meta({ description: "Whole seconds until one more is answered" }),
  "X-RateLimit-Limit": z.string().meta({ description: "How many are answered in any window" }),
  "X-RateLimit-Remaining": z.string().meta({ description: "How many more are answered now" }),
  "X-RateLimit-Reset": z.string().meta({ description: "Seconds since the epoch: from when one more is answered" }),
  "RateLimit-Policy": z.string().meta({ example: '"sign_in";q=10;w=60' }),
  RateLimit: z.string().meta({ example: '"sign_in";r=0;t=6' }),
});

const RetryAfter = z.object({
  "Retry-After": z.string().optional().meta({ description: "Whole seconds; then the same request with the same key" }),
});
const Replayed = z.object({
  "Idempotent-Replayed": z
    .string()
    .optional()
    .meta({ description: "`true` where this is the answer to an earlier request with the same key, byte for byte", example: "true" }),
});

/** Answers are kept at least this long; what the sweep leaves longer is nobody's promise. */
const KEPT_HOURS = 24;
const KEY = `Names what the caller intends: one effect, however often it is sent. 1 to 255 visible ASCII characters, bare or in quotes; the answer is kept ${KEPT_HOURS} hours`;

/** The codes that every endpoint of this kind can answer, beside its own. */
export function errorCodesOf(endpoint: Endpoint): ErrorCode[] {
  const codes = new Set<ErrorCode>(endpoint.errors ?? []);
  const tenantRoute = endpoint.access !== "open" && endpoint.access !== "operator";
  if (tenantRoute) for (const code of ["TENANT_REQUIRED", "TENANT_UNKNOWN", "UNAUTHENTICATED"] as const) codes.add(code);
  if (endpoint.access === "operator") codes.add("UNAUTHENTICATED");
  if (Array.isArray(endpoint.access)) codes.add("FORBIDDEN");
  if (endpoint.params || endpoint.query || endpoint.body) codes.add("VALIDATION_FAILED");
  if (endpoint.query instanceof z.ZodObject && "cursor" in endpoint.query.shape) codes.add("BAD_REQUEST");
  if (endpoint.path.includes("{")) codes.add("NOT_FOUND");
  if (endpoint.body) for (const code of ["BAD_JSON", "BODY_TOO_LARGE"] as const) codes.add(code);
  if (isRawBody(endpoint.body)) codes.add("UNSUPPORTED_MEDIA_TYPE");
  if (endpoint.idempotency === "required") codes.add("IDEMPOTENCY_KEY_REQUIRED");
  if (endpoint.idempotency !== "none")
    for (const code of ["IDEMPOTENCY_KEY_INVALID", "IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_IN_PROGRESS", "WRITER_BUSY"] as const)
      codes.add(code);
  // Also where the route has no class: an unknown credential may come to any of them.
  if (endpoint.access !== "open") for (const code of ["UNAVAILABLE", "RATE_LIMITED"] as const) codes.add(code);
  if (tenantRoute && endpoint.method !== "get") codes.add("TENANT_MOVING");
  return [...codes];
}

/** OpenAPI 3.1, from the schemas that the routes parse with. */
export function openApiDocument(endpoints: readonly Endpoint[]): object {
  const registry = new OpenAPIRegistry();
  registry.registerComponent("securitySchemes", "apikey", { type: "apiKey", in: "header", name: "apikey" });
  registry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  for (const endpoint of endpoints) {
    registry.registerPath({
      method: endpoint.method,
      path: endpoint.path,
      operationId: `${endpoint.method}${endpoint.path.replaceAll(/[^a-zA-Z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
      tags: [endpoint.tag],
      summary: endpoint.summary,
      ...(endpoint.description ? { description: endpoint.description } : {}),
      security: endpoint.access === "public" || endpoint.access === "open" ? [] : [{ apikey: [] }, { bearer: [] }],
      request: requestOf(endpoint),
      responses: responsesOf(endpoint),
      "x-servery-access": Array.isArray(endpoint.access)
        ? ["admin", ...endpoint.access.filter((role) => role !== "admin")]
        : endpoint.access,
      "x-servery-idempotency": endpoint.idempotency,
      ...(endpoint.idempotency === "none" ? {} : { "x-servery-answer-kept-hours": KEPT_HOURS }),
      ...(endpoint.rate_class ? { "x-servery-rate-class": endpoint.rate_class } : {}),
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: {
      title: "Servery",
      version: "1",
      description: "The commerce backend that runs at the edge. Money is integer minor units beside a currency; times are RFC 3339 UTC.",
    },
    servers: [{ url: "/" }],
  });
}

function requestOf(endpoint: Endpoint) {
  const tenantHeader = z.object({
    "x-tenant-id": z.string().optional().meta({ description: "The tenant's id or slug; not needed on its own domain" }),
  });
  const keyHeader = z.object({
    "Idempotency-Key":
      endpoint.idempotency === "required"
        ? z.string().meta({ description: KEY, example: "order-7f3a" })
        : z
            .string()
            .optional()
            .meta({ description: `${KEY}. Optional here` }),
  });
  const headers = [
    ...(endpoint.access === "open" || endpoint.access === "operator" ? [] : [tenantHeader]),
    ...(endpoint.idempotency === "none" ? [] : [keyHeader]),
  ];
  const content = !endpoint.body
    ? undefined
    : isRawBody(endpoint.body)
      ? Object.fromEntries(
          endpoint.body.content_types.map((type: string) => [
            type,
            { schema: { description: "The provider's own payload" }, example: endpoint.body.examples?.[type] },
          ]),
        )
      : { "application/json": { schema: endpoint.body as z.ZodType } };
  return {
    ...(endpoint.params ? { params: endpoint.params } : {}),
    ...(endpoint.query ? { query: endpoint.query } : {}),
    ...(headers.length > 0 ? { headers } : {}),
    ...(content ? { body: { required: isRawBody(endpoint.body) || !endpoint.body.safeParse(undefined).success, content } } : {}),
  };
}

function responsesOf(endpoint: Endpoint): Record<string, ResponseConfig> {
  const responses: Record<string, ResponseConfig> = {};
  for (const [status, answer] of Object.entries(endpoint.answers)) {
    responses[status] = {
      description: answer.description,
      ...(endpoint.idempotency === "none" ? {} : { headers: Replayed }),
      ...(answer.schema
        ? {
            content: {
              [answer.content_type ?? "application/json"]: {
                schema: answer.schema,
                ...(answer.example === undefined ? {} : { example: answer.example }),
              },
            },
          }
        : {}),
    };
  }
  for (const [status, codes] of Map.groupBy(errorCodesOf(endpoint), (code) => String(ERRORS[code][0]))) {
    responses[status] ??= {
      description: codes.map((code) => `\`${code}\` ${ERRORS[code][1]}`).join("; "),
      content: { "application/problem+json": { schema: ProblemSchema } },
      ...(headersOf(status, endpoint) ?? {}),
    };
  }
  return responses;
}

function headersOf(status: string, endpoint: Endpoint): { headers: z.ZodObject } | null {
  if (status === "429") return { headers: RateHeaders };
  if (status === "503" || (status === "409" && endpoint.idempotency !== "none")) return { headers: RetryAfter };
  return null;
}
