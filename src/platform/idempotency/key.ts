import canonicalize from "canonicalize";
import { sha256Hex } from "../../kernel/bytes.ts";
import { AppError } from "../../kernel/errors.ts";

const CANONICAL_LIMIT_BYTES = 1_048_576;
const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/** The key of a request: header, bare or quoted, else `_idempotencyKey` of a JSON body. Throws where it is unusable. */
export function idempotencyKeyOf(headers: Headers, body: unknown): string | null {
  const header = headers.get("idempotency-key");
  const raw = header !== null ? unquote(header.trim()) : keyInBody(body);
  if (raw === null) return null;
  if (!VISIBLE_ASCII.test(raw)) throw new AppError("IDEMPOTENCY_KEY_INVALID", { detail: "It must be 1 to 255 visible ASCII characters." });
  return raw;
}

const unquote = (text: string): string => (text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text);

function keyInBody(body: unknown): string | null {
  if (typeof body !== "object" || body === null || !("_idempotencyKey" in body)) return null;
  const key = body._idempotencyKey;
  if (typeof key !== "string") throw new AppError("IDEMPOTENCY_KEY_INVALID", { detail: "_idempotencyKey must be a string." });
  return key;
}

/**
 * What makes two requests the same: path, query and body. JSON is compared by RFC 8785, so key order and white space do not matter;
 * anything else, and JSON over 1 MiB, byte by byte.
 */
export async function fingerprintOf(url: URL, bytes: Uint8Array, json: unknown): Promise<string> {
  const query = [...url.searchParams].map(([name, value]) => `${name}=${value}`).sort();
  const canonical = json !== undefined && bytes.length <= CANONICAL_LIMIT_BYTES ? canonicalize(json) : undefined;
  const body = canonical ?? (await sha256Hex(bytes));
  return sha256Hex(`${url.pathname}\n${query.join("&")}\n${body}`);
}
