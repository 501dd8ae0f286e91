import { decodeCursor, encodeCursor } from "../../../kernel/cursor.ts";
import type { DatabaseHandle } from "../../../platform/db/database.ts";
import { statement } from "../../../platform/db/statement.ts";
import { timestampSql } from "../../../platform/db/timestamp-sql.ts";
import type { ProductImage } from "./schemas.ts";

export interface ImagePage {
  limit: number;
  cursor?: string | undefined;
  state?: string | undefined;
}

/** A page of the providers' images and what became of copying each, by product. */
export async function listImages(db: DatabaseHandle, page: ImagePage): Promise<{ data: ProductImage[]; next_cursor: string | null }> {
  const [after = ""] = page.cursor === undefined ? [] : decodeCursor(page.cursor, 1);
  const args = page.state === undefined ? [] : [page.state];
  const [rows = []] = await db.read([
    statement(
      `SELECT i.product_id, p.name, i.source_url, i.state, i.reason, i.detail, i.attempts, ${timestampSql("i.next_attempt_at_ms")} AS next_attempt_at,
         i.run_id AS ingestion_id, i.object_path, i.bytes, ${timestampSql("i.updated_at_ms")} AS updated_at
       FROM product_images AS i CROSS JOIN products AS p ON p.product_id = i.product_id
       WHERE ${page.state === undefined ? "" : "i.state = ? AND "}i.product_id > ? ORDER BY i.product_id LIMIT ?`,
      ...args,
      String(after),
      page.limit + 1,
    ),
  ]);
  const shown = rows.slice(0, page.limit) as unknown as ProductImage[];
  const last = shown.at(-1);
  return { data: shown, next_cursor: rows.length > page.limit && last ? encodeCursor([last.product_id]) : null };
}
