import canonicalize from "canonicalize";
import { sha256, toBase64Url } from "../../kernel/bytes.ts";
import { AppError, type ErrorCode } from "../../kernel/errors.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { bookReads, fillBook } from "./book-reads.ts";
import { bookHolds, bookWrites } from "./book-writes.ts";
import type { Happening } from "./operation-schemas.ts";
import { ORDER_JSON } from "./order-json.ts";
import { takeHappening } from "./take-happening.ts";
import { newBook } from "./till-book.ts";

/** One thing that is done to an order now, by whoever asks. */
export type OrderDeed = Pick<Extract<Happening, { type: "order.create" | "order.close" | "order.cancel" }>, "type" | "payload">;

/** A SELECT of one JSON text: the order as the API gives it. */
export const orderAnswer = (orderId: string): Statement =>
  statement(`SELECT ${ORDER_JSON} AS row FROM orders AS o WHERE o.order_id = ?`, orderId);

/** What is answered to somebody who is there to hear it. */
const REFUSALS: Record<string, ErrorCode> = {
  ORDER_UNKNOWN: "NOT_FOUND",
  DEPENDS_ON_REJECTED: "NOT_FOUND",
  VARIANT_UNKNOWN: "VARIANT_UNKNOWN",
  CURRENCY_DIFFERS: "VALIDATION_FAILED",
  LINE_ID_TAKEN: "VALIDATION_FAILED",
};

/**
 * Does to an order at once what a till tells of later, by the same rules: one read, one unit of work. Answers the order. `storeId`: of a new
 * order; a known one is at its own store. Throws NOT_FOUND, STORE_UNKNOWN, VARIANT_UNKNOWN, VALIDATION_FAILED and ORDER_NOT_TAKEN with what
 * stands against it. Refusal: CONFLICT where the order was changed meanwhile.
 */
export async function recordOrder(scope: RequestScope, deed: OrderDeed, storeId: string | null): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const terminal = scope.principal?.terminal;
  if (storeId === null && !terminal && deed.type === "order.create") throw storeProblem("must be given");
  if (storeId !== null && terminal && terminal.store_id !== storeId) throw storeProblem("is not this terminal's");
  const store = terminal?.store_id ?? storeId;
  const fingerprint = toBase64Url((await sha256(canonicalize(deed.payload) ?? "")).subarray(0, 15));
  const happening = { ...deed, fingerprint, occurred_at_ms: nowMs, happened_at_ms: nowMs } as Happening;
  const place = await placeOf(scope, store, deed.payload.order_id);
  const book = newBook({ ...place, terminal_id: terminal?.terminal_id ?? null }, nowMs);
  fillBook(book, await scope.db.read(bookReads(book, [happening]), { fresh: true, snapshot: true }));
  const decision = takeHappening(book, happening);
  if (decision.status === "rejected" || decision.status === "conflict") {
    const code = REFUSALS[decision.code ?? ""] ?? "ORDER_NOT_TAKEN";
    throw new AppError(code, { ...(decision.detail ? { detail: decision.detail } : {}), extensions: { reason: decision.code } });
  }
  const { steps, written } = bookWrites(scope, book);
  return scope.db.write(
    unitOf(scope, {
      steps: [...bookHolds(book), ...steps],
      answer: { status: deed.type === "order.create" ? 201 : 200, select: orderAnswer(deed.payload.order_id) },
      wakes: written !== null,
    }),
  );
}

const storeProblem = (message: string): AppError =>
  new AppError("VALIDATION_FAILED", { detail: `body.store_id ${message}`, errors: [{ path: "body.store_id", message }] });

async function placeOf(scope: RequestScope, storeId: string | null, orderId: string) {
  const [rows] = await scope.db.read(
    [
      statement(
        `SELECT s.store_id, s.location_id, s.currency FROM stores AS s
         WHERE s.store_id = coalesce(?, (SELECT o.store_id FROM orders AS o WHERE o.order_id = ?))`,
        storeId,
        orderId,
      ),
    ],
    { fresh: true },
  );
  const row = rows?.[0];
  if (!row && storeId === null) throw new AppError("NOT_FOUND", { detail: "There is no such order." });
  if (!row) {
    const errors = [{ path: "body.store_id", message: "no such store" }];
    throw new AppError("STORE_UNKNOWN", { detail: "There is no such store.", errors });
  }
  return { store_id: String(row["store_id"]), location_id: String(row["location_id"]), currency: String(row["currency"]) };
}
