import { decodeCursor, encodeCursor } from "../../../kernel/cursor.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { DatabaseHandle } from "../../../platform/db/database.ts";
import { statement } from "../../../platform/db/statement.ts";
import { timestampSql } from "../../../platform/db/timestamp-sql.ts";

const REJECTED = "FROM sync_rejections AS r WHERE r.terminal_id = t.terminal_id AND r.acknowledged_at_ms IS NULL";

const TERMINAL_JSON = `json_object('terminal_id', t.terminal_id, 'store_id', t.store_id, 'name', t.name, 'device_id', t.device_id,
  'status', iif(t.revoked_at_ms IS NULL, 'active', 'revoked'), 'created_at', ${timestampSql("t.created_at_ms")},
  'last_seen_at', ${timestampSql("t.last_seen_at_ms")}, 'cursor', t.cursor_sequence, 'feed', (SELECT sequence FROM feed_state),
  'queue_length', t.queue_length, 'app_version', t.app_version, 'clock_offset_ms', t.clock_offset_ms,
  'rejected', json_object('count', (SELECT count(*) ${REJECTED}), 'amounts', json((SELECT json_group_array(json_object('currency', a.currency,
    'amount', a.amount)) FROM (SELECT r.currency, sum(r.amount_minor) AS amount ${REJECTED} AND r.amount_minor IS NOT NULL
    GROUP BY r.currency) AS a))))`;

/** A page of terminals, oldest first, revoked ones too. */
export async function listTerminals(
  db: DatabaseHandle,
  page: { store_id?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<{ data: unknown[]; next_cursor: string | null }> {
  const [createdAtMs, terminalId] = page.cursor === undefined ? [0, ""] : decodeCursor(page.cursor, 2);
  const [rows = []] = await db.read([
    statement(
      `SELECT ${TERMINAL_JSON} AS terminal, t.created_at_ms, t.terminal_id FROM terminals AS t
       WHERE (t.created_at_ms, t.terminal_id) > (?, ?) AND t.store_id = coalesce(?, t.store_id) ORDER BY t.created_at_ms, t.terminal_id LIMIT ?`,
      createdAtMs ?? 0,
      terminalId ?? "",
      page.store_id ?? null,
      page.limit + 1,
    ),
  ]);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: shown.map((row) => JSON.parse(String(row["terminal"]))),
    next_cursor: rows.length > page.limit && last ? encodeCursor([Number(last["created_at_ms"]), String(last["terminal_id"])]) : null,
  };
}

/** A terminal as it is told of itself, with the time. */
export async function readOwnTerminal(db: DatabaseHandle, terminalId: string, nowMs: number): Promise<Record<string, unknown>> {
  const select = statement(
    `SELECT json_object('terminal_id', t.terminal_id, 'name', t.name, 'device_id', t.device_id, 'store', json_object('id', s.store_id,
       'location_id', s.location_id, 'name', s.name, 'currency', s.currency, 'timezone', s.timezone, 'locale', s.locale)) AS terminal
     FROM terminals AS t CROSS JOIN stores AS s ON s.store_id = t.store_id WHERE t.terminal_id = ?`,
    terminalId,
  );
  const [near] = await db.read([select]);
  const row = near?.[0] ?? (await db.read([select], { fresh: true }))[0]?.[0];
  if (!row) throw new AppError("NOT_FOUND");
  return { ...JSON.parse(String(row["terminal"])), server_time: new Date(nowMs).toISOString() };
}
