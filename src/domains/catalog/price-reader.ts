import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle } from "../../platform/db/database.ts";
import { type SqlValue, type Statement, statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import type { Price, PriceQuery } from "./price-schemas.ts";

const FROM = "variant_prices AS vp CROSS JOIN variants AS v ON v.variant_id = vp.variant_id";

/** Of a row of `variant_prices AS vp` with its `variants AS v`. */
export const PRICE_JSON = `json_object('id', vp.variant_price_id, 'variant_id', vp.variant_id, 'item_code', v.item_code,
  'location_id', vp.location_id, 'channel', vp.channel, 'currency', vp.currency, 'price', vp.price_minor, 'mrp', vp.mrp_minor,
  'tax_rate', vp.tax_rate_e4 / 10000.0, 'effective_from', ${timestampSql("vp.effective_from_ms")},
  'effective_to', ${timestampSql("vp.effective_to_ms")}, 'created_at', ${timestampSql("vp.created_at_ms")})`;

/** A SELECT of one JSON text: the price as the API gives it. */
export const priceAnswer = (priceId: string): Statement =>
  statement(`SELECT ${PRICE_JSON} AS price FROM ${FROM} WHERE vp.variant_price_id = ?`, priceId);

/** The price; throws NOT_FOUND. */
export async function readPrice(db: DatabaseHandle, priceId: string): Promise<Price> {
  const [rows] = await db.read([priceAnswer(priceId)]);
  const row = rows?.[0];
  if (!row) throw new AppError("NOT_FOUND", { detail: "There is no such price." });
  return JSON.parse(String(row["price"]));
}

/** A page of the prices that fit, oldest first. */
export async function listPrices(db: DatabaseHandle, query: PriceQuery): Promise<{ data: Price[]; next_cursor: string | null }> {
  const [createdAtMs, id] = query.cursor === undefined ? [-1, ""] : decodeCursor(query.cursor, 2);
  const where: [condition: string, ...args: SqlValue[]][] = [
    ["(vp.created_at_ms, vp.variant_price_id) > (?, ?)", createdAtMs ?? -1, id ?? ""],
  ];
  if (query.variant_id !== undefined) where.push(["vp.variant_id = ?", query.variant_id]);
  if (query.item_code !== undefined)
    where.push(["vp.variant_id = (SELECT n.variant_id FROM variants AS n WHERE n.item_code = ?)", query.item_code]);
  if (query.location_id !== undefined) where.push(["(vp.location_id IS NULL OR vp.location_id = ?)", query.location_id]);
  if (query.channel !== undefined) where.push(["vp.channel = ?", query.channel]);
  if (query.at !== undefined) {
    const atMs = Date.parse(query.at);
    where.push(["vp.effective_from_ms <= ? AND (vp.effective_to_ms IS NULL OR vp.effective_to_ms > ?)", atMs, atMs]);
  }
  const [rows = []] = await db.read([
    statement(
      `SELECT ${PRICE_JSON} AS price, vp.created_at_ms, vp.variant_price_id FROM ${FROM}
       WHERE ${where.map(([condition]) => condition).join(" AND ")} ORDER BY vp.created_at_ms, vp.variant_price_id LIMIT ?`,
      ...where.flatMap(([, ...args]) => args),
      query.limit + 1,
    ),
  ]);
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    data: shown.map((row) => JSON.parse(String(row["price"])) as Price),
    next_cursor: rows.length > query.limit && last ? encodeCursor([Number(last["created_at_ms"]), String(last["variant_price_id"])]) : null,
  };
}
