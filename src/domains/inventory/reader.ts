import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle, ReadOptions } from "../../platform/db/database.ts";
import { type SqlValue, type Statement, statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import { VARIANT_DISPLAY_NAME_SQL } from "../catalog/index.ts";
import { DUE_RESERVED_SQL } from "./ledger-fold.ts";
import { reservationAnswer } from "./reservation-steps.ts";
import type { Position } from "./schemas.ts";

/** A position's JSON, of a row of `positionsWhere`. What has expired is free, whether or not anybody has been by. */
const POSITION_JSON = `json_object('location_id', s.location_id, 'variant_id', s.variant_id, 'item_code', s.item_code, 'name', s.name,
  'quantity_on_hand', s.on_hand_e4 / 10000.0, 'quantity_reserved', (s.reserved_e4 - s.due_e4) / 10000.0,
  'quantity_available', (s.available_e4 + s.due_e4) / 10000.0, 'allow_negative', json(iif(s.allow_negative, 'true', 'false')),
  'reorder_point', s.reorder_point_e4 / 10000.0, 'max_stock', s.max_stock_e4 / 10000.0, 'counted_at', ${timestampSql("s.counted_at_ms")},
  'updated_at', ${timestampSql("s.updated_at_ms")})`;

/** Those that `where` (over `stock_positions AS p`) chooses, with what has expired by now. */
const positionsWhere = (nowMs: number, where: string, ...args: SqlValue[]): Statement =>
  statement(
    `SELECT ${POSITION_JSON} AS position, s.variant_id FROM (
       SELECT stock.*, v.item_code, ${VARIANT_DISPLAY_NAME_SQL} AS name
       FROM (SELECT p.*, ${DUE_RESERVED_SQL} AS due_e4 FROM stock_positions AS p WHERE ${where}) AS stock
       CROSS JOIN variants AS v ON v.variant_id = stock.variant_id CROSS JOIN products AS p ON p.product_id = v.product_id) AS s
     ORDER BY s.variant_id`,
    nowMs,
    ...args,
  );

/** A SELECT of one JSON text: the position as the API gives it. */
export const positionAnswer = (locationId: string, variantId: string, nowMs: number): Statement => {
  const { sql, args } = positionsWhere(nowMs, "p.location_id = ? AND p.variant_id = ?", locationId, variantId);
  return statement(`SELECT one.position FROM (${sql}) AS one`, ...args);
};

export interface PositionsPage {
  location_id: string;
  item_code?: string | undefined;
  variant_id?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** A page of a location's positions in the order of their variants' ids. */
export async function listPositions(
  db: DatabaseHandle,
  page: PositionsPage,
  nowMs: number,
): Promise<{ data: Position[]; next_cursor: string | null }> {
  const [after] = page.cursor === undefined ? [""] : decodeCursor(page.cursor, 1);
  const filters: [sql: string, ...args: SqlValue[]][] = [["p.location_id = ? AND p.variant_id > ?", page.location_id, after ?? ""]];
  if (page.variant_id !== undefined) filters.push(["p.variant_id = ?", page.variant_id]);
  if (page.item_code !== undefined)
    filters.push(["p.variant_id = (SELECT n.variant_id FROM variants AS n WHERE n.item_code = ?)", page.item_code]);
  const where = `${filters.map(([sql]) => sql).join(" AND ")} ORDER BY p.variant_id LIMIT ?`;
  const [rows = []] = await db.read([positionsWhere(nowMs, where, ...filters.flatMap(([, ...args]) => args), page.limit + 1)]);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: shown.map((row) => JSON.parse(String(row["position"])) as Position),
    next_cursor: rows.length > page.limit && last ? encodeCursor([String(last["variant_id"])]) : null,
  };
}

/** An order's reservations; throws NOT_FOUND where it has none. */
export async function readReservation(
  db: DatabaseHandle,
  orderId: string,
  nowMs: number,
  options: ReadOptions = {},
): Promise<{ lines: unknown[] }> {
  const [rows] = await db.read([reservationAnswer(orderId, nowMs)], options);
  const reservation = JSON.parse(String(rows?.[0]?.["reservation"]));
  if (reservation.lines.length === 0) throw new AppError("NOT_FOUND", { detail: "The order has reserved nothing." });
  return reservation;
}
