import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type { WireRequest } from "./wire-requests.ts";

/** What came back. `failure`: nothing did, or not all of it. */
export type WireAnswer =
  | { status: number; headers: Record<string, string>; text: string; duration_ms: number }
  | { failure: string; duration_ms: number };

export const DEADLINE_MS = 10_000;

export type Sender = { send(request: WireRequest): Promise<WireAnswer>; close(): void };

/** Sends requests as they are: neither path nor headers are touched on the way, as `fetch` would. */
export function openSender(origin: string): Sender {
  const { hostname, port } = new URL(origin);
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  return {
    send: (request) =>
      new Promise((resolve) => {
        const began = performance.now();
        const fail = (error: Error) => {
          const timedOut = error.name === "TimeoutError" || error.name === "AbortError";
          const failure = timedOut ? `no answer within ${DEADLINE_MS / 1000} s` : error.message;
          resolve({ failure, duration_ms: performance.now() - began });
        };
        const { host = "", ...headers } = request.headers;
        const outgoing = httpRequest({
          hostname,
          port,
          agent,
          method: request.method,
          path: request.target,
          setHost: false,
          headers: {
            host: `${host || hostname}:${port}`,
            ...headers,
            ...(request.body ? { "content-length": String(request.body.length) } : {}),
          },
          signal: AbortSignal.timeout(DEADLINE_MS),
        });
        outgoing.on("error", fail);
        outgoing.on("response", (response) => {
          read(response).then((text) => {
            const { statusCode = 0 } = response;
            resolve({ status: statusCode, headers: joined(response), text, duration_ms: performance.now() - began });
          }, fail);
        });
        outgoing.end(request.body ?? undefined);
      }),
    close: () => agent.destroy(),
  };
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const unpack = UNPACK[response.headers["content-encoding"] ?? ""];
  return (unpack && bytes.length > 0 ? unpack(bytes) : bytes).toString();
}

const UNPACK: Record<string, (bytes: Buffer) => Buffer> = { gzip: gunzipSync, deflate: inflateSync, br: brotliDecompressSync };

const joined = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]));
