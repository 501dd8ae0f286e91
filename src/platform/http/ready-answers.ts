import { ByteLru } from "../edge-cache/byte-lru.ts";
import { logWarm } from "../observability/request-log.ts";
import { requestIdOf, requestIds } from "../observability/trace.ts";
import { type Reply, responseOf } from "./reply.ts";

/** Whose host it is and what may be served of it is looked at again after this; the answer itself says how long it is right. */
const LIFE_MS = 1_000;
const MAX_BYTES = 8 * 1024 * 1024;
const ANSWER_BYTES = 1_024;
/** Of one address: encodings, entity tags, and for an address without a tenant its tenants. */
const MOST_VARIANTS = 16;

/** A request with one of these is decided each time: who asks, or how new the answer must be, does not follow from its address. */
const DECIDED_BY = ["authorization", "apikey", "consistency-token", "min-menu-version"];

interface ReadyAnswer {
  reply: Reply;
  headers: Headers;
  route: string;
  tenant: string;
  until_ms: number;
}

let answers = new ByteLru<Map<string, ReadyAnswer>>(MAX_BYTES);

/** A header is one line, so three of them are told apart. */
const variantOf = (headers: Headers): string =>
  `${headers.get("accept-encoding")}\n${headers.get("if-none-match")}\n${headers.get("x-tenant-id")}`;

const isDecidedEachTime = (headers: Headers): boolean => DECIDED_BY.some((name) => headers.has(name));

/**
 * What this isolate answered at the same address within the last second, as long as it would answer so again; null: the request goes through
 * the pipeline. So a warm read costs little more than a constant.
 */
export function readyAnswer(request: Request, nowMs: number): Response | null {
  if (request.method !== "GET") return null;
  const variants = answers.use(request.url);
  if (!variants) return null;
  const { headers } = request;
  const ready = variants.get(variantOf(headers));
  if (!ready || nowMs >= ready.until_ms || !ready.reply.same_while?.() || isDecidedEachTime(headers)) return null;
  const { reply, route, tenant } = ready;
  const request_id = requestIdOf(headers);
  logWarm(() => ({ ...requestIds(headers), request_id, tenant, method: "GET", route, status: reply.status, duration_ms: 0 }));
  return responseOf(reply, request_id, ready.headers);
}

/** Keeps a public answer that says how long it stays the same. */
export function keepReady(request: Request, answer: Omit<ReadyAnswer, "headers" | "until_ms">, nowMs: number): void {
  const { headers, url } = request;
  if (!answer.reply.same_while || request.method !== "GET" || isDecidedEachTime(headers)) return;
  const held = answers.use(url);
  const variants = held && held.size < MOST_VARIANTS ? held : new Map<string, ReadyAnswer>();
  variants.set(variantOf(headers), { ...answer, headers: new Headers(answer.reply.headers), until_ms: nowMs + LIFE_MS });
  let bytes = url.length;
  for (const [variant, { reply }] of variants) bytes += ANSWER_BYTES + variant.length + (reply.bytes?.length ?? 0);
  answers.put(url, variants, bytes);
}

/** Where it changed in this isolate who is served and from where. */
export function forgetReadyAnswers(): void {
  answers = new ByteLru(MAX_BYTES);
}
