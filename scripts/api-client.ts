import { setTimeout as sleep } from "node:timers/promises";

/** RFC 9457, as the Worker answers it; anything else that comes back is put into `detail`. */
export type Problem = {
  status: number;
  title: string;
  detail?: string;
  code?: string;
  request_id?: string;
  errors?: { path: string; message: string }[];
};

export class ApiError extends Error {
  override name = "ApiError";
  readonly problem: Problem;

  constructor(request: string, problem: Problem) {
    super(`${request} answered ${readableProblem(problem)}`);
    this.problem = problem;
  }
}

export type RequestOptions = {
  /** Sent as JSON, or as it is where it is a text. */
  body?: unknown;
  /** Every POST sends one: this or a random one. */
  idempotencyKey?: string;
  headers?: Record<string, string>;
};

export type ApiClient = {
  base_url: string;
  get<T>(path: string, options?: RequestOptions): Promise<T>;
  post<T>(path: string, body?: unknown, options?: RequestOptions): Promise<T>;
  put<T>(path: string, body?: unknown, options?: RequestOptions): Promise<T>;
  delete(path: string, options?: RequestOptions): Promise<void>;
};

const timeoutMs = 60_000;
const attempts = 5;

/** With the operator credential: `/internal/*` and everything of every tenant's operation. */
export function operatorClient(baseUrl: string, operatorKey: string): ApiClient {
  return apiClient(baseUrl, { authorization: `Bearer ${operatorKey}` });
}

/** As one tenant, with a key of it. */
export function tenantClient(baseUrl: string, tenant: string, apiKey: string): ApiClient {
  return apiClient(baseUrl, { apikey: apiKey, "x-tenant-id": tenant });
}

/** Throws `ApiError` on any answer that is not 2xx. Waits and repeats where the server says that the failure passes (429, 503). */
export function apiClient(baseUrl: string, headers: Record<string, string>): ApiClient {
  const base = baseUrl.replace(/\/+$/, "");
  const send = async (method: string, path: string, options: RequestOptions): Promise<unknown> => {
    const body = options.body === undefined ? null : typeof options.body === "string" ? options.body : JSON.stringify(options.body);
    const idempotencyKey = method === "POST" ? (options.idempotencyKey ?? crypto.randomUUID()) : options.idempotencyKey;
    const request = {
      method,
      body,
      headers: {
        ...headers,
        accept: "application/json",
        ...(body === null ? {} : { "content-type": "application/json" }),
        ...(idempotencyKey ? { "idempotency-key": idempotencyKey } : {}),
        ...options.headers,
      },
    };
    for (let attempt = 1; ; attempt++) {
      const response = await reach(base, path, request);
      const text = await response.text();
      if (response.ok) return text === "" ? undefined : JSON.parse(text);
      const passing = response.status === 503 || response.status === 429;
      if (!passing || attempt === attempts) throw new ApiError(`${method} ${path}`, problemOf(response, text));
      await sleep(retryAfterMs(response) ?? 200 * 2 ** attempt);
    }
  };
  return {
    base_url: base,
    get: <T>(path: string, options: RequestOptions = {}) => send("GET", path, options) as Promise<T>,
    post: <T>(path: string, body?: unknown, options: RequestOptions = {}) => send("POST", path, { ...options, body }) as Promise<T>,
    put: <T>(path: string, body?: unknown, options: RequestOptions = {}) => send("PUT", path, { ...options, body }) as Promise<T>,
    delete: async (path, options = {}) => {
      await send("DELETE", path, options);
    },
  };
}

/** Walks a keyset-paged list to its end. */
export async function* pages<T>(client: ApiClient, path: string, limit = 100): AsyncGenerator<T[]> {
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: String(limit), ...(cursor ? { cursor } : {}) });
    const page: { data: T[]; next_cursor: string | null } = await client.get(`${path}?${query}`);
    yield page.data;
    cursor = page.next_cursor;
  } while (cursor);
}

/** One line, and one for each field that was wrong. */
export function readableProblem(problem: Problem): string {
  const head = [String(problem.status), problem.code, problem.detail ?? problem.title].filter(Boolean).join(" ");
  const request = problem.request_id ? ` (request ${problem.request_id})` : "";
  return [`${head}${request}`, ...(problem.errors ?? []).map((error) => `  ${error.path}: ${error.message}`)].join("\n");
}

async function reach(base: string, path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(`${base}${path}`, { ...request, signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") {
      throw new Error(`${request.method} ${path} at ${base} gave no answer within ${timeoutMs / 1000} s`);
    }
    throw new Error(`nothing answers at ${base}: is it running (npm start), or is another address meant (--base-url)?`, { cause: error });
  }
}

function problemOf(response: Response, text: string): Problem {
  if (response.headers.get("content-type")?.includes("json")) {
    try {
      return { status: response.status, title: response.statusText, ...JSON.parse(text) };
    } catch {
      // Said to be JSON and was not: shown as the text it is.
    }
  }
  return { status: response.status, title: response.statusText, ...(text ? { detail: text.slice(0, 300) } : {}) };
}

function retryAfterMs(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.min(seconds, 10) * 1000 : null;
}
