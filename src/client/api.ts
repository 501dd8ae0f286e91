import type { PairBody, Paired, PullAnswer, PushAnswer, PushBody, TerminalSelf } from "./wire-types.ts";

/** The routes that a till asks, by method and path. */
export interface Routes {
  "POST /api/v1/terminals/pair": { body: PairBody; answer: Paired };
  "GET /api/v1/terminals/me": { answer: TerminalSelf };
  "GET /api/v1/sync/pull": { query: { cursor?: string; limit?: number; entities?: string }; answer: PullAnswer };
  "POST /api/v1/sync/push": { body: PushBody; answer: PushAnswer };
}

type Part<R extends keyof Routes, Name extends string> = Routes[R] extends Record<Name, infer Value> ? Record<Name, Value> : object;

export type CallInput<R extends keyof Routes> = Part<R, "body"> &
  Part<R, "query"> &
  Part<R, "params"> & { idempotency_key?: string; headers?: Record<string, string> };

export interface Answered<T> {
  body: T;
  headers: Headers;
}

export interface ApiOptions {
  /** `https://shop.example`; an empty text is the page's own origin. */
  base_url: string;
  fetch: typeof fetch;
  /** Of the terminal; null before it is paired. Asked for at every call, because it is rotated. */
  token: () => string | null;
  deadline_ms?: number;
}

export interface Api {
  call<R extends keyof Routes>(route: R, input: CallInput<R>): Promise<Answered<Routes[R]["answer"]>>;
  /** A public document, if it is another than the one with `etag`; null where it is not. */
  document(url: string, etag: string | null): Promise<{ body: unknown; etag: string | null } | null>;
}

/** An answer that is not 2xx, or none: then `status` is null. */
export class CallFailed extends Error {
  override name = "CallFailed";
  readonly status: number | null;
  /** As docs/errors.md has it; `UNREACHABLE` where there was no answer. */
  readonly code: string;
  readonly retry_after_ms: number | null;

  constructor(status: number | null, code: string, detail: string, retryAfterMs: number | null = null) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retry_after_ms = retryAfterMs;
  }
}

const deadlineMs = 30_000;

export function createApi({ base_url, fetch, token, deadline_ms = deadlineMs }: ApiOptions): Api {
  const base = base_url.replace(/\/+$/, "");
  const send = async (url: string, init: RequestInit): Promise<Response> => {
    try {
      return await fetch(`${base}${url}`, { ...init, signal: AbortSignal.timeout(deadline_ms), cache: "no-store" });
    } catch (error) {
      throw unreachable(error);
    }
  };
  return {
    async call(route, input) {
      const { body, query, params, idempotency_key, headers } = input as CallParts;
      const [method = "GET", path = "/"] = route.split(" ");
      const key = token();
      const response = await send(addressOf(path, params, query), {
        method,
        headers: {
          accept: "application/json",
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(idempotency_key === undefined ? {} : { "idempotency-key": idempotency_key }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { body: (await bodyOf(response)) as never, headers: response.headers };
    },
    async document(url, etag) {
      const response = await send(url, {
        method: "GET",
        headers: { accept: "application/json", ...(etag === null ? {} : { "if-none-match": etag }) },
      });
      if (response.status === 304) return null;
      return { body: await bodyOf(response), etag: response.headers.get("etag") };
    },
  };
}

interface CallParts {
  body?: unknown;
  query?: Record<string, string | number | undefined>;
  params?: Record<string, string>;
  idempotency_key?: string;
  headers?: Record<string, string>;
}

function addressOf(path: string, params: CallParts["params"], query: CallParts["query"]): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params?.[name] ?? ""));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) asked.set(name, String(value));
  const text = asked.toString();
  return text === "" ? filled : `${filled}?${text}`;
}

/** The JSON of a 2xx answer; throws `CallFailed` for every other, and for one that breaks off. */
export async function bodyOf(response: Response): Promise<unknown> {
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    throw unreachable(error);
  }
  let body: unknown;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch {
    throw new CallFailed(response.ok ? null : response.status, "NOT_JSON", `The answer is no JSON: ${text.slice(0, 120)}`);
  }
  if (response.ok) return body;
  const problem = (body ?? {}) as { code?: string; title?: string; detail?: string };
  throw new CallFailed(
    response.status,
    problem.code ?? `HTTP_${response.status}`,
    problem.detail ?? problem.title ?? `The server answered ${response.status}.`,
    retryAfterMs(response.headers.get("retry-after")),
  );
}

const unreachable = (error: unknown): CallFailed =>
  new CallFailed(null, "UNREACHABLE", error instanceof Error ? error.message : String(error));

function retryAfterMs(header: string | null): number | null {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}
