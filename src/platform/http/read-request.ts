import type { HonoRequest } from "hono";
import type { z } from "zod";
import { AppError } from "../../kernel/errors.ts";
import type { ReceiptKey } from "../db/unit-of-work.ts";
import { fingerprintOf, idempotencyKeyOf } from "../idempotency/key.ts";
import type { RepeatKey } from "../idempotency/recall.ts";
import type { RequestIds } from "../observability/trace.ts";
import { type Endpoint, isRawBody } from "./endpoint.ts";
import { JSON_LIMIT_BYTES, parseJson, parsePart, readBytes } from "./read-body.ts";

const NO_BYTES = new Uint8Array();

export interface ReadRequest {
  input: { params: unknown; query: unknown; body: unknown };
  receipt: ReceiptKey | undefined;
}

/** What a request that repeats another has in common with it; null: one without the header, or one whose effect is not kept under a key. */
export function repeatKeyOf(endpoint: Endpoint, url: URL, headers: Headers, tenant: string, principal: string): RepeatKey | null {
  const key = takesKey(endpoint, url) ? headers.get("idempotency-key") : null;
  return key === null ? null : { tenant, principal, method: endpoint.method, route: endpoint.path, key };
}

const takesKey = (endpoint: Endpoint, url: URL): boolean => endpoint.idempotency !== "none" && url.searchParams.get("dry_run") !== "true";

/** The request's parts by the endpoint's schemas, and under what its effect is remembered. Throws AppError. */
export async function readInput(
  endpoint: Endpoint,
  request: HonoRequest,
  url: URL,
  { bytes, json, contentType }: ReadBody,
  owner: string,
  ids: RequestIds,
): Promise<ReadRequest> {
  const params = part(endpoint.params, "params", request.param());
  const query = part(endpoint.query, "query", Object.fromEntries(url.searchParams));
  const key = takesKey(endpoint, url) ? idempotencyKeyOf(request.raw.headers, json()) : null;
  if (key === null && takesKey(endpoint, url) && endpoint.idempotency === "required") {
    throw new AppError("IDEMPOTENCY_KEY_REQUIRED", {
      detail: "Send a fresh key per intended effect, and the same key when you repeat it.",
    });
  }
  const content = withoutKey(json());
  const body = isRawBody(endpoint.body)
    ? { bytes, content_type: contentType }
    : part(endpoint.body as z.ZodType | undefined, "body", content);
  const receipt =
    key === null
      ? undefined
      : {
          principal: owner,
          method: request.method,
          route: endpoint.path,
          key,
          fingerprint: await fingerprintOf(url, bytes, content),
          request_id: ids.request_id,
        };
  return { input: { params, query, body }, receipt };
}

const part = (schema: z.ZodType | undefined, name: "params" | "query" | "body", value: unknown): unknown =>
  schema ? parsePart(schema, name, value) : undefined;

export interface ReadBody {
  bytes: Uint8Array;
  /** Throws BAD_JSON. */
  json(): unknown;
  contentType: string;
}

/** The body's bytes, within the endpoint's limit. Throws AppError. */
export async function readBody(endpoint: Endpoint, request: Request): Promise<ReadBody> {
  const contentType = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (!endpoint.body) return { bytes: NO_BYTES, json: () => undefined, contentType };
  if (isRawBody(endpoint.body)) {
    if (!endpoint.body.content_types.includes(contentType)) {
      throw new AppError("UNSUPPORTED_MEDIA_TYPE", { detail: `Send one of: ${endpoint.body.content_types.join(", ")}.` });
    }
    return { bytes: await readBytes(request, endpoint.body.max_bytes), json: () => undefined, contentType };
  }
  const bytes = await readBytes(request, JSON_LIMIT_BYTES);
  let parsed: { value: unknown } | undefined;
  return {
    bytes,
    json: () => {
      parsed ??= { value: bytes.length === 0 && mayBeLeftOut(endpoint) ? undefined : parseJson(bytes) };
      return parsed.value;
    },
    contentType,
  };
}

const mayBeLeftOut = ({ body }: Endpoint): boolean => !isRawBody(body) && body.safeParse(undefined).success;

/** `_idempotencyKey` is the request's, not the verb's. */
function withoutKey(json: unknown): unknown {
  if (typeof json !== "object" || json === null || !("_idempotencyKey" in json)) return json;
  const { _idempotencyKey: _, ...rest } = json;
  return rest;
}
