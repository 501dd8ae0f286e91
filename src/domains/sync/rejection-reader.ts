import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import type { DatabaseHandle } from "../../platform/db/database.ts";
import { statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";

const REJECTION_JSON = `json_object('id', r.operation_id, 'terminal_id', r.terminal_id, 'store_id', r.store_id, 'status', r.status, 'code', r.code,
  'detail', r.detail, 'amount', r.amount_minor, 'currency', r.currency, 'shift_id', r.shift_id, 'operation', json(r.operation),
  'rejected_at', ${timestampSql("r.rejected_at_ms")}, 'acknowledged_at', ${timestampSql("r.acknowledged_at_ms")})`;

export interface RejectionPage {
  terminal_id?: string | undefined;
  store_id?: string | undefined;
  acknowledged?: "true" | "false" | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** What was pushed and not taken, oldest first, each with the money in it. */
export async function listRejections(db: DatabaseHandle, page: RejectionPage): Promise<{ data: unknown[]; next_cursor: string | null }> {
  const [rejectedAtMs, terminalId, operationId] = page.cursor === undefined ? [0, "", ""] : decodeCursor(page.cursor, 3);
  const isAcknowledged =
    page.acknowledged === undefined ? "" : ` AND r.acknowledged_at_ms IS ${page.acknowledged === "true" ? "NOT " : ""}NULL`;
  const [rows = []] = await db.read([
    statement(
      `SELECT ${REJECTION_JSON} AS rejection, r.rejected_at_ms, r.terminal_id, r.operation_id FROM sync_rejections AS r
       WHERE (r.rejected_at_ms, r.terminal_id, r.operation_id) > (?, ?, ?) AND r.terminal_id = coalesce(?, r.terminal_id)
         AND r.store_id = coalesce(?, r.store_id)${isAcknowledged}
       ORDER BY r.rejected_at_ms, r.terminal_id, r.operation_id LIMIT ?`,
      rejectedAtMs ?? 0,
      terminalId ?? "",
      operationId ?? "",
      page.terminal_id ?? null,
      page.store_id ?? null,
      page.limit + 1,
    ),
  ]);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const key = last && [Number(last["rejected_at_ms"]), String(last["terminal_id"]), String(last["operation_id"])];
  return {
    data: shown.map((row) => JSON.parse(String(row["rejection"]))),
    next_cursor: rows.length > page.limit && key ? encodeCursor(key) : null,
  };
}
