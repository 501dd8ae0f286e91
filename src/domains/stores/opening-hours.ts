import { instantOf, wallClock } from "./local-time.ts";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** From and to, local wall time `HH:MM`; to `24:00` is midnight; a window that does not end after it begins ends the next day. */
export type Window = readonly [from: string, to: string];

export interface OpeningHours {
  /** A day that is not named is closed. */
  weekly: Partial<Record<Weekday, readonly Window[]>>;
  /** By date (`2026-12-25`): what holds instead of the weekday's; no windows: closed. */
  exceptions: Record<string, readonly Window[]>;
}

export interface Openness {
  is_open: boolean;
  /** When that may change; null: not within `HORIZON_DAYS`. */
  next_change_at_ms: number | null;
}

const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;
const HORIZON_DAYS = 400;
/** Open for longer than this without a break is looked at again then. */
const LOOK_AGAIN_DAYS = 8;

/** Whether a store of these hours is open. Each window is one span of time between two instants, whatever the clocks do meanwhile. */
export function opennessAt(hours: OpeningHours, timezone: string, nowMs: number): Openness {
  const today = Math.floor(wallClock(timezone, nowMs) / DAY_MS) * DAY_MS;
  let openUntilMs: number | null = null;
  // From the day before yesterday: a zone that changes sides of the date line has days that others do not.
  for (let offset = -2; offset <= HORIZON_DAYS; offset++) {
    for (const [fromMs, toMs] of spansOf(hours, timezone, today + offset * DAY_MS)) {
      if (toMs <= nowMs) continue;
      if (openUntilMs === null && fromMs > nowMs) return { is_open: false, next_change_at_ms: fromMs };
      if (openUntilMs !== null && fromMs > openUntilMs) return { is_open: true, next_change_at_ms: openUntilMs };
      openUntilMs = Math.max(openUntilMs ?? toMs, toMs);
    }
    if (openUntilMs !== null && offset >= LOOK_AGAIN_DAYS) break;
  }
  return { is_open: openUntilMs !== null, next_change_at_ms: openUntilMs };
}

/** The spans that begin on a day, in order. */
function spansOf({ weekly, exceptions }: OpeningHours, timezone: string, day: number): [number, number][] {
  const date = new Date(day).toISOString().slice(0, 10);
  const weekday = WEEKDAYS[(new Date(day).getUTCDay() + 6) % 7] ?? "mon";
  const windows = (Object.hasOwn(exceptions, date) ? exceptions[date] : weekly[weekday]) ?? [];
  return windows
    .map(([from, to]): [number, number] => {
      const [start, end] = [minutesOf(from), minutesOf(to)];
      return [instantOf(timezone, day, start), instantOf(timezone, day, end > start ? end : end + DAY_MINUTES)];
    })
    .filter(([fromMs, toMs]) => toMs > fromMs)
    .sort(([a], [b]) => a - b);
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
