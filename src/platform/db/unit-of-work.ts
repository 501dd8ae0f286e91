import type { ErrorCode } from "../../kernel/errors.ts";
import type { Version } from "./consistency-token.ts";
import type { SqlValue, Statement } from "./statement.ts";

/** Under what an effect is remembered. The principal owns the credential; it is not the credential. */
export interface ReceiptKey {
  principal: string;
  method: string;
  /** The route's template, not the path. */
  route: string;
  key: string;
  /** Path, query and canonical body, hashed. */
  fingerprint: string;
  request_id: string;
  /** A till operation's: its id is its natural key, and devices come back after weeks. Default: a day. */
  kept?: "forever";
}

/**
 * Refuses the whole unit with `guard` unless `holds` is true. Put after a conditional change, the default
 * asks whether that change touched a row.
 */
export interface Guard {
  guard: ErrorCode;
  /** An SQL expression. Default: `changes() > 0`. */
  holds?: string;
  args?: SqlValue[];
  /** A SELECT of one JSON text that tells the refused caller what is so. Runs after the unit was undone. */
  details?: Statement;
}

export type UnitStep = Statement | Guard;

export const isGuard = (step: UnitStep): step is Guard => "guard" in step;

/** The statements, guards and events of one write: all of it or nothing, once. */
export interface UnitOfWork {
  id: string;
  /** Absent for work of our own and for requests without a key: then the unit's id is the key. */
  receipt?: ReceiptKey;
  /** Of the request it serves; a refusal names it. */
  request_id?: string;
  steps: UnitStep[];
  /** `select` gives one JSON text: the first answer and every replay. */
  answer: { status: number; select: Statement };
  /** `bulk` units are bounded pieces of long work; they wait for sales. */
  lane: "sale" | "bulk";
  /** It writes `wanted` rows or events, which are delivered after the commit. */
  wakes: boolean;
  /** The id of an earlier unit that must have been applied. */
  depends_on?: string;
}

export interface UnitCost {
  rows_read: number;
  rows_written: number;
  statements: number;
}

export type UnitResult =
  | { kind: "applied"; status: number; answer: string; version: Version; replayed: boolean; cost: UnitCost }
  | { kind: "refused"; code: ErrorCode; details: Record<string, unknown>; request_id: string; version: Version; replayed: boolean }
  /** The key was used for another request. */
  | { kind: "key_reused" }
  /** The first request with this key is still running. */
  | { kind: "in_progress" }
  | { kind: "dependency_refused" }
  /** Nothing was written: too many writes are waiting. */
  | { kind: "busy" }
  /** The database is on its way to another cell, or has left the one that was written to. A retry with the same key is safe. */
  | { kind: "moving" }
  /** The primary does not answer; whether it was written is not known to this caller. A retry with the same key is safe. */
  | { kind: "unavailable" }
  /** A defect of ours: a statement failed that was not a guard. Nothing was written. */
  | { kind: "fault"; message: string };
