import type { Operation, OperationResult } from "./wire-types.ts";

/**
 * `PENDING`: kept here, the server does not have it yet, or nobody knows. `REPLAYING`: on its way. `SUCCESS`: it took effect. `FAILED`: the
 * server cannot take it, and said why; it stays until a person has seen it.
 */
export type QueueStatus = "PENDING" | "REPLAYING" | "SUCCESS" | "FAILED";

export interface QueueError {
  code: string;
  detail: string;
  at_ms: number;
}

export interface QueueEntry extends Operation {
  /** Given by the database: the order in which things happened on this device, over all its tabs. */
  seq: number;
  status: QueueStatus;
  attempts: number;
  last_error: QueueError | null;
  created_at_ms: number;
  /** Of the operation as JSON. */
  bytes: number;
  result: OperationResult | null;
  /** The copy of the feed has what it did: from then on it need not be laid over the copy. */
  in_copy: boolean;
}

export type NewEntry = Omit<QueueEntry, "seq">;

export function newEntry(operation: Operation, nowMs: number): NewEntry {
  return {
    ...operation,
    status: "PENDING",
    attempts: 0,
    last_error: null,
    created_at_ms: nowMs,
    bytes: new TextEncoder().encode(JSON.stringify(operation)).length,
    result: null,
    in_copy: false,
  };
}

/** As it is sent. */
export const operationOf = ({ id, type, occurred_at, payload }: QueueEntry): Operation => ({ id, type, occurred_at, payload });

/** On its way once more. */
export const replaying = (entry: QueueEntry): QueueEntry => ({ ...entry, status: "REPLAYING", attempts: entry.attempts + 1 });

/** Nobody knows whether it arrived: it is sent again, its id keeps it from taking effect twice. */
export const unanswered = (entry: QueueEntry, error: QueueError): QueueEntry => ({ ...entry, status: "PENDING", last_error: error });

/** The server refused the request that held this one operation alone: it will again. */
export const refused = (entry: QueueEntry, error: QueueError): QueueEntry => ({ ...entry, status: "FAILED", last_error: error });

/** The server's word on it. */
export function settled(entry: QueueEntry, result: OperationResult, nowMs: number): QueueEntry {
  if (result.status === "applied" || result.status === "duplicate") return { ...entry, status: "SUCCESS", last_error: null, result };
  const error = { code: result.code ?? result.status.toUpperCase(), detail: result.detail ?? "", at_ms: nowMs };
  return { ...entry, status: "FAILED", last_error: error, result };
}

/** Not yet known to the server, as far as this device knows. */
export const isUnsent = ({ status }: Pick<QueueEntry, "status">): boolean => status === "PENDING" || status === "REPLAYING";

/** Has to be laid over the copy of the feed to see what there is now. */
export const isAhead = (entry: QueueEntry): boolean => isUnsent(entry) || (entry.status === "SUCCESS" && !entry.in_copy);
