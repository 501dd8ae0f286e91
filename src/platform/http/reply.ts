import { AppError, ERRORS } from "../../kernel/errors.ts";
import type { UnitResult } from "../db/unit-of-work.ts";
import { problemOf } from "./problem.ts";

/**
 * What a handler gives back: `body` to be written as JSON, `text` as it is already written (a receipt's answer goes out byte for byte), or
 * `bytes` in the encoding that the headers name.
 */
export interface Reply {
  status: number;
  body?: unknown;
  text?: string;
  bytes?: Uint8Array;
  headers?: Record<string, string>;
  /** Of a public read: whether the same question would still be answered so. Makes the answer one that is kept ready. */
  same_while?: () => boolean;
}

/** `headers`: of the reply, where somebody keeps them ready. */
export function responseOf(reply: Reply, requestId: string, headers: HeadersInit = reply.headers ?? {}): Response {
  const { status, bytes, text, body } = reply;
  const content = bytes ?? text ?? (body === undefined ? null : JSON.stringify(body));
  // `manual`: bytes with an encoding are packed already.
  const response = new Response(content, bytes ? { status, headers, encodeBody: "manual" } : { status, headers });
  response.headers.set("x-request-id", requestId);
  return response;
}

export const ok = (body: unknown, headers?: Record<string, string>): Reply => ({ status: 200, body, ...(headers ? { headers } : {}) });

const REPLAYED = { "idempotent-replayed": "true" };

const decided = new WeakSet<Reply>();

/** Whether the reply is what the writer decided as it stands. One to which something was added, as a key that no receipt holds, is another object. */
export const isAsDecided = (reply: Reply): boolean => decided.has(reply);

/** The answer of a unit of work. Throws AppError for everything that left no receipt. */
export function replyOf(result: UnitResult): Reply {
  const reply = decidedReply(result);
  decided.add(reply);
  return reply;
}

function decidedReply(result: UnitResult): Reply {
  switch (result.kind) {
    case "applied":
      return { status: result.status, ...(result.status === 204 ? {} : { text: result.answer }), headers: result.replayed ? REPLAYED : {} };
    case "refused": {
      const { detail, errors, ...extensions } = result.details as { detail?: string; errors?: { path: string; message: string }[] };
      const extras = { ...(detail ? { detail } : {}), ...(errors ? { errors } : {}), extensions };
      return {
        status: ERRORS[result.code][0],
        // The first answer's request id: a replay is the same body.
        body: problemOf(result.code, extras, result.request_id),
        headers: { "content-type": "application/problem+json", ...(result.replayed ? REPLAYED : {}) },
      };
    }
    default:
      throw failureOf(result);
  }
}

/** Why a unit left no receipt, as the error its caller sees. */
export function failureOf(result: Exclude<UnitResult, { kind: "applied" | "refused" }>): AppError {
  switch (result.kind) {
    case "key_reused":
      return new AppError("IDEMPOTENCY_KEY_REUSED", {
        detail: "Send a new key for a new request; the same key only repeats the same one.",
      });
    case "in_progress":
      return new AppError("IDEMPOTENCY_IN_PROGRESS", {
        detail: "Ask again with the same key; you will get the first request's answer.",
        retry_after_s: 1,
      });
    case "busy":
      return new AppError("WRITER_BUSY", { detail: "Nothing was written.", retry_after_s: 1 });
    case "moving":
      return new AppError("TENANT_MOVING", {
        detail: "Reads go on. Send the request again with the same key: it takes effect once.",
        retry_after_s: 1,
      });
    case "unavailable":
      return new AppError("UNAVAILABLE", {
        detail: "The database does not answer. Send the request again with the same key: it takes effect once.",
        retry_after_s: 2,
      });
    case "dependency_refused":
      return new AppError("CONFLICT", { detail: "What this write builds on was refused." });
    case "fault":
      return new AppError("INTERNAL", { cause: new Error(result.message) });
  }
}

/** The parsed answer of a unit that has no refusals of its own; throws for anything but applied. */
export function appliedAnswer<T>(result: UnitResult): T {
  if (result.kind === "applied") return JSON.parse(result.answer) as T;
  if (result.kind === "refused") throw new AppError(result.code, { extensions: result.details });
  throw failureOf(result);
}
