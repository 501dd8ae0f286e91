import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle, ReadOptions } from "../../platform/db/database.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import type { DarkStore } from "./dark-store-schemas.ts";

const DARK_STORE_JSON = `json_object('id', d.dark_store_id, 'store_id', d.store_id, 'location_id', s.location_id, 'name', d.name,
  'status', d.status, 'is_active', json(iif(d.is_active, 'true', 'false')), 'capacity', d.capacity,
  'created_at', ${timestampSql("d.created_at_ms")}, 'updated_at', ${timestampSql("d.updated_at_ms")})`;

const FROM = "dark_stores AS d CROSS JOIN stores AS s ON s.store_id = d.store_id";

/** A SELECT of one JSON text: the dark store as the API gives it. */
export const darkStoreAnswer = (id: string): Statement =>
  statement(`SELECT ${DARK_STORE_JSON} AS dark_store FROM ${FROM} WHERE d.dark_store_id = ?`, id);

export const noSuchDarkStore = (): AppError => new AppError("NOT_FOUND", { detail: "There is no such dark store." });

/** The dark store; throws NOT_FOUND. */
export async function readDarkStore(db: DatabaseHandle, id: string, options: ReadOptions = {}): Promise<DarkStore> {
  const [rows] = await db.read([darkStoreAnswer(id)], options);
  const row = rows?.[0];
  if (!row) throw noSuchDarkStore();
  return JSON.parse(String(row["dark_store"]));
}

/** A page of the dark stores by id, which is the order in which they were made. */
export async function listDarkStores(db: DatabaseHandle, page: { limit: number; cursor?: string | undefined }) {
  const [after] = page.cursor === undefined ? [""] : decodeCursor(page.cursor, 1);
  const [rows = []] = await db.read([
    statement(
      `SELECT ${DARK_STORE_JSON} AS dark_store, d.dark_store_id FROM ${FROM} WHERE d.dark_store_id > ? ORDER BY d.dark_store_id LIMIT ?`,
      after ?? "",
      page.limit + 1,
    ),
  ]);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: shown.map((row) => JSON.parse(String(row["dark_store"])) as DarkStore),
    next_cursor: rows.length > page.limit && last ? encodeCursor([String(last["dark_store_id"])]) : null,
  };
}
