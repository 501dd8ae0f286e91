import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import type { DatabaseHandle } from "../../platform/db/database.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import type { Snooze } from "./snooze-schemas.ts";

/** A snooze's JSON, of a row of `snoozes AS z` with its `variants AS v`. */
const SNOOZE_JSON = `json_object('id', z.snooze_id, 'variant_id', z.variant_id, 'item_code', v.item_code, 'location_id', z.location_id,
  'until', ${timestampSql("z.until_ms")}, 'note', z.note, 'created_at', ${timestampSql("z.created_at_ms")})`;

/** A SELECT of one JSON text: the snooze of a variant (a SELECT of its id) at a place. */
export const snoozeAnswer = (variant: Statement, locationId: string | null): Statement =>
  statement(
    `SELECT ${SNOOZE_JSON} FROM snoozes AS z JOIN variants AS v ON v.variant_id = z.variant_id
     WHERE z.variant_id = (${variant.sql}) AND z.location_id IS ?`,
    ...variant.args,
    locationId,
  );

/** A page of the snoozes that hold now, oldest first. */
export async function listSnoozes(
  db: DatabaseHandle,
  page: { limit: number; cursor?: string | undefined; location_id?: string | undefined },
  nowMs: number,
): Promise<{ data: Snooze[]; next_cursor: string | null }> {
  const [createdAtMs, id] = page.cursor === undefined ? [0, ""] : decodeCursor(page.cursor, 2);
  const [rows = []] = await db.read([
    statement(
      `SELECT ${SNOOZE_JSON} AS snooze, z.created_at_ms, z.snooze_id FROM snoozes AS z JOIN variants AS v ON v.variant_id = z.variant_id
       WHERE (z.created_at_ms, z.snooze_id) > (?1, ?2) AND (z.until_ms IS NULL OR z.until_ms > ?3)
         AND (?4 IS NULL OR z.location_id IS NULL OR z.location_id = ?4)
       ORDER BY z.created_at_ms, z.snooze_id LIMIT ?5`,
      createdAtMs ?? 0,
      id ?? "",
      nowMs,
      page.location_id ?? null,
      page.limit + 1,
    ),
  ]);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: shown.map((row) => JSON.parse(String(row["snooze"])) as Snooze),
    next_cursor: rows.length > page.limit && last ? encodeCursor([Number(last["created_at_ms"]), String(last["snooze_id"])]) : null,
  };
}
