import { type AddressRefusal, checkImageAddress, isLiteral } from "./image-address.ts";
import type { ResolveName } from "./resolve-name.ts";

export const MAX_IMAGE_BYTES = 10 * 1_048_576;
const MAX_REDIRECTS = 3;
/** From the request until the answer's headers, of each hop. */
const HEADERS_DEADLINE_MS = 8_000;
const LONGEST_RETRY_AFTER_S = 86_400;

/** Why an image is not taken, until its provider changes something. */
export type ImageRefusal =
  | AddressRefusal
  | "too_many_redirects"
  | "redirect_unreadable"
  | "not_there"
  | "not_allowed"
  | "answer_unusable"
  | "too_large"
  | "not_an_image"
  | "svg_unsafe";

/** Why it could not be had this time. */
export type ImageTrouble =
  | "timed_out"
  | "unreachable"
  | "name_unknown"
  | "resolver_silent"
  | "busy"
  | "server_failed"
  | "cut_short"
  | "storage_failed";

export type Refused = { kind: "refused"; reason: ImageRefusal; detail: string };
export type Later = { kind: "later"; reason: ImageTrouble; detail: string; retry_after_ms: number | null };

export interface ImageSource {
  url: string;
  /** What the provider gave with the bytes that are stored; null: ask for all of it. */
  etag: string | null;
  last_modified: string | null;
}

/** What the environment allows. */
export interface FetchRules {
  /** `host:port` of hosts that may be local. */
  named: ReadonlySet<string>;
  /** null: names are left to the platform, whose egress reaches no private network. */
  resolve: ResolveName | null;
}

export type Fetched =
  | { kind: "image"; body: ReadableStream<Uint8Array>; etag: string | null; last_modified: string | null }
  | { kind: "unchanged" }
  | Refused
  | Later;

export const refused = (reason: ImageRefusal, detail: string): Refused => ({ kind: "refused", reason, detail });
export const later = (reason: ImageTrouble, detail: string, retryAfterMs: number | null = null): Later => ({
  kind: "later",
  reason,
  detail,
  retry_after_ms: retryAfterMs,
});

/**
 * Asks for an image; follows up to three redirects, each address checked like the first. `signal` ends all of it, the body too.
 */
export async function fetchImage(source: ImageSource, rules: FetchRules, signal: AbortSignal): Promise<Fetched> {
  let address = source.url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const where = hop === 0 ? "" : ` (redirect ${hop})`;
    const verdict = checkImageAddress(address, rules.named);
    if (!verdict.ok) return refused(verdict.reason, `${shown(address)}${where}`);
    const { url, is_named } = verdict;
    if (!is_named && rules.resolve && !isLiteral(url.hostname)) {
      const name = url.hostname.replace(/\.+$/, "");
      const led = await rules.resolve(name, signal);
      if (led === "inside") return refused("address_private", `${name} is an address inside a network${where}`);
      if (led === "unknown") return later("name_unknown", `${name} has no address${where}`);
      if (led === "unresolved") return later("resolver_silent", `${name} could not be looked up${where}`);
    }
    const answer = await ask(url, source, signal);
    if (!(answer instanceof Response)) return answer;
    const next = answer.headers.get("location");
    if (!isRedirect(answer.status) || next === null) return readAnswer(answer, source);
    await answer.body?.cancel();
    const target = URL.parse(next, url.href);
    if (!target) return refused("redirect_unreadable", shown(next));
    address = target.href;
  }
  return refused("too_many_redirects", `more than ${MAX_REDIRECTS}`);
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

const shown = (address: string): string => address.slice(0, 200);

async function ask(url: URL, { etag, last_modified }: ImageSource, signal: AbortSignal): Promise<Response | Later> {
  const headers = new Headers({
    accept: "image/avif,image/webp,image/png,image/jpeg,image/gif,image/svg+xml",
    "user-agent": "Servery-Images/1",
  });
  if (etag !== null) headers.set("if-none-match", etag);
  if (last_modified !== null) headers.set("if-modified-since", last_modified);
  const headersSoon = new AbortController();
  const timer = setTimeout(() => headersSoon.abort(), HEADERS_DEADLINE_MS);
  try {
    return await fetch(url.href, { headers, redirect: "manual", signal: AbortSignal.any([signal, headersSoon.signal]) });
  } catch (error) {
    if (signal.aborted || headersSoon.signal.aborted) return later("timed_out", `${url.host} did not answer in time`);
    return later("unreachable", `${url.host}: ${error instanceof Error ? error.message : error}`.slice(0, 200));
  } finally {
    clearTimeout(timer);
  }
}

async function readAnswer(answer: Response, source: ImageSource): Promise<Fetched> {
  const { status, headers, body } = answer;
  if (status === 200 && body) {
    const declared = Number(headers.get("content-length") ?? 0);
    if (declared <= MAX_IMAGE_BYTES) return { kind: "image", body, etag: headers.get("etag"), last_modified: headers.get("last-modified") };
    await body.cancel();
    return refused("too_large", `${declared} bytes`);
  }
  await body?.cancel();
  const said = `the server answered ${status}`;
  if (status === 304 && (source.etag !== null || source.last_modified !== null)) return { kind: "unchanged" };
  if (status === 404 || status === 410) return refused("not_there", said);
  if (status === 401 || status === 402 || status === 403 || status === 451) return refused("not_allowed", said);
  if (status === 429) return later("busy", said, retryAfterMs(headers));
  if (status >= 500 || status === 408 || status === 425) return later("server_failed", said, retryAfterMs(headers));
  return refused("answer_unusable", said);
}

/** Seconds or a date. */
function retryAfterMs(headers: Headers): number | null {
  const text = headers.get("retry-after");
  if (text === null) return null;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1_000;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), LONGEST_RETRY_AFTER_S) * 1_000 : null;
}
