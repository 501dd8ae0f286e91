import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle, ReadOptions } from "../../platform/db/database.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import type { PublicStore, Store } from "./schemas.ts";

/** A store's JSON, of a row of `stores AS s`. */
const STORE_JSON = `json_object('id', s.store_id, 'location_id', s.location_id, 'name', s.name, 'code', s.code,
  'timezone', s.timezone, 'currency', s.currency, 'locale', s.locale, 'address', json(s.address),
  'created_at', ${timestampSql("s.created_at_ms")}, 'updated_at', ${timestampSql("s.updated_at_ms")})`;

/** A SELECT of one JSON text: the store as the API gives it. */
export const storeAnswer = (storeId: string): Statement =>
  statement(`SELECT ${STORE_JSON} AS store FROM stores AS s WHERE s.store_id = ?`, storeId);

/** The store; throws NOT_FOUND. */
export async function readStore(db: DatabaseHandle, storeId: string, options: ReadOptions = {}): Promise<Store> {
  const [rows] = await db.read([storeAnswer(storeId)], options);
  const row = rows?.[0];
  if (!row) throw new AppError("NOT_FOUND", { detail: "There is no such store." });
  return JSON.parse(String(row["store"]));
}

/** A page of the tenant's stores in the order they were created. */
export async function listStores(
  db: DatabaseHandle,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ data: Store[]; next_cursor: string | null }> {
  const [createdAtMs, storeId] = page.cursor === undefined ? [0, ""] : decodeCursor(page.cursor, 2);
  const [rows = []] = await db.read([
    statement(
      `SELECT ${STORE_JSON} AS store, s.created_at_ms, s.store_id FROM stores AS s
       WHERE (s.created_at_ms, s.store_id) > (?, ?) ORDER BY s.created_at_ms, s.store_id LIMIT ?`,
      createdAtMs ?? 0,
      storeId ?? "",
      page.limit + 1,
    ),
  ]);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: shown.map((row) => JSON.parse(String(row["store"])) as Store),
    next_cursor: rows.length > page.limit && last ? encodeCursor([Number(last["created_at_ms"]), String(last["store_id"])]) : null,
  };
}

/** All stores of the tenant. */
export async function findStores(db: DatabaseHandle): Promise<Store[]> {
  const [rows = []] = await db.read([statement(`SELECT ${STORE_JSON} AS store FROM stores AS s ORDER BY s.created_at_ms, s.store_id`)]);
  return rows.map((row) => JSON.parse(String(row["store"])) as Store);
}

/** What anybody may see of a store. */
export const publicStore = ({ id, name, code, timezone, currency, locale, address }: Store): PublicStore => ({
  id,
  name,
  code,
  timezone,
  currency,
  locale,
  address,
});
