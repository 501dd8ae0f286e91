import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle } from "../../platform/db/database.ts";
import { statement } from "../../platform/db/statement.ts";
import type { Terminal } from "../../platform/tenancy/roles.ts";
import { ORDER_JSON } from "./order-json.ts";
import { orderAnswer } from "./record-order.ts";

/** The order; throws NOT_FOUND, also for a terminal of another store. */
export async function readOrder(db: DatabaseHandle, orderId: string, terminal: Terminal | undefined): Promise<unknown> {
  const [rows] = await db.read([orderAnswer(orderId)]);
  const order = rows?.[0] ? JSON.parse(String(rows[0]["row"])) : null;
  if (!order || (terminal && terminal.store_id !== order.store_id)) throw new AppError("NOT_FOUND", { detail: "There is no such order." });
  return order;
}

export interface OrderPage {
  store_id?: string | undefined;
  status?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** A page of orders in the order in which they were recorded. */
export async function listOrders(db: DatabaseHandle, page: OrderPage): Promise<{ data: unknown[]; next_cursor: string | null }> {
  const [createdAtMs, orderId] = page.cursor === undefined ? [0, ""] : decodeCursor(page.cursor, 2);
  const [rows = []] = await db.read([
    statement(
      `SELECT ${ORDER_JSON} AS row, o.created_at_ms, o.order_id FROM orders AS o
       WHERE ${page.store_id === undefined ? "? IS NULL" : "o.store_id = ?"} AND (o.created_at_ms, o.order_id) > (?, ?)
         AND o.status = coalesce(?, o.status) ORDER BY o.created_at_ms, o.order_id LIMIT ?`,
      page.store_id ?? null,
      createdAtMs ?? 0,
      orderId ?? "",
      page.status ?? null,
      page.limit + 1,
    ),
  ]);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: shown.map((row) => JSON.parse(String(row["row"]))),
    next_cursor: rows.length > page.limit && last ? encodeCursor([Number(last["created_at_ms"]), String(last["order_id"])]) : null,
  };
}
