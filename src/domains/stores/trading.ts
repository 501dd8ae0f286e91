import type { Row } from "../../platform/db/statement.ts";
import { type OpeningHours, opennessAt } from "./opening-hours.ts";

/** When a store sells, as it is kept. */
export interface Trading {
  timezone: string;
  /** null: always. */
  hours: OpeningHours | null;
  is_paused: boolean;
  /** null: until further notice. */
  paused_until_ms: number | null;
}

export interface TradingState {
  /** Why nothing can be ordered there; null: the store sells. */
  reason: "store_paused" | "store_closed" | null;
  /** When that may change by itself; null: not in sight. */
  next_change_at_ms: number | null;
}

/** Whether a store sells at `nowMs`. A pause goes before the hours: it is what staff decided. */
export function tradingAt({ timezone, hours, is_paused, paused_until_ms }: Trading, nowMs: number): TradingState {
  if (is_paused && (paused_until_ms === null || paused_until_ms > nowMs))
    return { reason: "store_paused", next_change_at_ms: paused_until_ms };
  if (hours === null) return { reason: null, next_change_at_ms: null };
  const { is_open, next_change_at_ms } = opennessAt(hours, timezone, nowMs);
  return { reason: is_open ? null : "store_closed", next_change_at_ms };
}

/** Of a row with the columns of `store_trading AS t` and the store's timezone; a store without such a row always sells. */
export const tradingOf = (row: Row): Trading => ({
  timezone: String(row["timezone"]),
  hours: typeof row["hours"] === "string" ? (JSON.parse(row["hours"]) as OpeningHours) : null,
  is_paused: row["is_paused"] === 1,
  paused_until_ms: row["paused_until_ms"] as number | null,
});
