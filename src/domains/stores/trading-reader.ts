import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle } from "../../platform/db/database.ts";
import { statement } from "../../platform/db/statement.ts";
import { tradingAt, tradingOf } from "./trading.ts";
import type { Hours, StoreTrading } from "./trading-schemas.ts";

const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** When a store sells, and whether it does now; throws NOT_FOUND. */
export async function readTrading(db: DatabaseHandle, storeId: string, nowMs: number): Promise<StoreTrading> {
  const [rows] = await db.read([
    statement(
      `SELECT s.timezone, t.hours, t.is_paused, t.paused_until_ms FROM stores AS s LEFT JOIN store_trading AS t ON t.store_id = s.store_id
       WHERE s.store_id = ?`,
      storeId,
    ),
  ]);
  const row = rows?.[0];
  if (!row) throw new AppError("NOT_FOUND", { detail: "There is no such store." });
  const trading = tradingOf(row);
  const { reason, next_change_at_ms } = tradingAt(trading, nowMs);
  const paused = reason === "store_paused";
  return {
    store_id: storeId,
    state: reason === null ? "open" : paused ? "paused" : "closed",
    next_change_at: time(next_change_at_ms),
    timezone: trading.timezone,
    hours: trading.hours as Hours | null,
    paused,
    paused_until: paused ? time(trading.paused_until_ms) : null,
  };
}
