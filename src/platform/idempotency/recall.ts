import { ByteLru } from "../edge-cache/byte-lru.ts";
import type { Reply } from "../http/reply.ts";

const LIFE_MS = 10_000;
const MAX_BYTES = 4 * 1024 * 1024;
const MOST_BYTES_EACH = 16_384;
const REPLY_BYTES = 1_024;

interface Decided {
  url: string;
  bytes: Uint8Array;
  reply: Reply;
  until_ms: number;
}

const decided = new ByteLru<Decided>(MAX_BYTES);

/** Whose request it is, in which tenant, and its Idempotency-Key. */
export interface RepeatKey {
  tenant: string;
  principal: string;
  method: string;
  route: string;
  key: string;
}

const textOf = ({ tenant, principal, method, route, key }: RepeatKey): string => `${tenant}\n${principal}\n${method}\n${route}\n${key}`;

/**
 * What the writer decided for the same request, byte for byte, within the last seconds and through this isolate; null: the writer is asked.
 * Memory in front of the receipt, which stays the truth: another body or a later repeat finds it there.
 */
export function recallReply(key: RepeatKey, url: string, bytes: Uint8Array, nowMs: number): Reply | null {
  const known = decided.use(textOf(key));
  return known && nowMs < known.until_ms && known.url === url && isSame(known.bytes, bytes) ? known.reply : null;
}

/** Keeps a reply that holds what the writer decided and nothing else. */
export function rememberReply(key: RepeatKey, url: string, bytes: Uint8Array, reply: Reply, nowMs: number): void {
  const size = bytes.length + url.length + (reply.text?.length ?? 0);
  if (size > MOST_BYTES_EACH) return;
  const replayed = { ...reply, headers: { ...reply.headers, "idempotent-replayed": "true" } };
  decided.put(textOf(key), { url, bytes, reply: replayed, until_ms: nowMs + LIFE_MS }, REPLY_BYTES + size);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
