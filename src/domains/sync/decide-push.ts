import { type Book, type Decision, takeHappening } from "../orders/index.ts";
import type { FeedEntity } from "./feed-data.ts";
import { moneyIn, type ReadOperation } from "./read-operation.ts";

/** A result as the till gets it. */
export interface PushResult {
  id: string;
  status: "applied" | "duplicate" | "conflict" | "rejected";
  version?: number;
  code?: string;
  detail?: string;
  current?: unknown;
}

/** What a receipt says of an operation that was pushed before. */
export interface KnownOperation {
  fingerprint: string;
  status: "applied" | "conflict" | "rejected";
  outcome: Omit<PushResult, "id" | "status">;
}

/** A row of sync_operations. `current`: of which entity the state at the end is added to the outcome. */
export interface NewReceipt {
  operation_id: string;
  terminal_id: string;
  type: string;
  entity_id: string | null;
  fingerprint: string;
  status: "applied" | "conflict" | "rejected";
  outcome: Omit<PushResult, "id" | "status">;
  occurred_at_ms: number | null;
  current: { entity: FeedEntity; id: string } | null;
}

/** A row of sync_rejections. */
export interface NewRejection {
  operation_id: string;
  status: "conflict" | "rejected";
  code: string;
  detail: string | null;
  amount_minor: number | null;
  currency: string | null;
  shift_id: string | null;
  operation: string;
  fingerprint: string;
}

export interface DecidedPush {
  results: PushResult[];
  receipts: NewReceipt[];
  rejections: NewRejection[];
}

/**
 * What becomes of each operation, in order, by the receipts of those that came before and by the book. One that cannot be taken is kept whole
 * and holds up only what builds on it. Changes the book; nothing else.
 */
export function decidePush(book: Book, operations: readonly ReadOperation[], known: Map<string, KnownOperation>): DecidedPush {
  const decided: DecidedPush = { results: [], receipts: [], rejections: [] };
  const terminal_id = book.place.terminal_id ?? "";
  for (const operation of operations) {
    const { id } = operation.given;
    const before = known.get(id);
    if (before) {
      decided.results.push(before.fingerprint === operation.fingerprint ? again(id, before) : taken(decided, operation));
      continue;
    }
    const decision = decide(book, operation);
    const { status, entity_id, current, ...told } = decision;
    const outcome = told;
    const receipt: NewReceipt = {
      operation_id: id,
      terminal_id,
      type: operation.type,
      entity_id,
      fingerprint: operation.fingerprint,
      status: status === "duplicate" ? "applied" : status,
      outcome,
      occurred_at_ms: operation.occurred_at_ms,
      current: current ?? null,
    };
    known.set(id, { fingerprint: operation.fingerprint, status: receipt.status, outcome });
    decided.receipts.push(receipt);
    decided.results.push({ id, status, ...outcome });
    if (status === "conflict" || status === "rejected") keep(decided, operation, id, status, outcome);
  }
  return decided;
}

interface Told extends Omit<Decision, "current" | "entity_id"> {
  entity_id: string | null;
  current?: { entity: FeedEntity; id: string };
}

function decide(book: Book, { happening, problem }: ReadOperation): Told {
  if (happening) {
    const { current, ...decision } = takeHappening(book, happening);
    return current ? { ...decision, current: { entity: current, id: decision.entity_id } } : decision;
  }
  const { code = "VALIDATION_FAILED", ...more } = problem ?? {};
  return { status: "rejected", entity_id: null, code, ...more };
}

const again = (id: string, { status, outcome }: KnownOperation): PushResult => ({
  id,
  status: status === "applied" ? "duplicate" : status,
  ...outcome,
});

/** The id stands for something else already; by this name it is another operation, and is kept as one. */
function taken(decided: DecidedPush, operation: ReadOperation): PushResult {
  const outcome = { code: "OPERATION_ID_TAKEN", detail: "This id was used for an operation with other content." };
  const { id } = operation.given;
  keep(decided, operation, `${id}~${operation.fingerprint.slice(0, 8)}`, "rejected", outcome);
  return { id, status: "rejected", ...outcome };
}

function keep(
  decided: DecidedPush,
  { given, fingerprint }: ReadOperation,
  operation_id: string,
  status: "conflict" | "rejected",
  { code = "", detail }: { code?: string; detail?: string },
): void {
  const operation = JSON.stringify(given);
  decided.rejections.push({ operation_id, status, code, detail: detail ?? null, ...moneyIn(given), operation, fingerprint });
}
