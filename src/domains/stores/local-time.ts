const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  let format = formats.get(timezone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(timezone, format);
  }
  return format;
}

/** What the clocks of a zone show at `atMs`, as if it were UTC. */
export function wallClock(timezone: string, atMs: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(timezone).formatToParts(atMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (atMs - Math.floor(atMs / 1000) * 1000);
}

const offsetAt = (timezone: string, atMs: number): number => wallClock(timezone, atMs) - atMs;

/**
 * When the clocks of a zone show `minutes` after midnight of `day` (midnight of that date as if in UTC). Of a time that comes twice the first;
 * of one that is skipped, when the clocks were put forward.
 */
export function instantOf(timezone: string, day: number, minutes: number): number {
  const wall = day + minutes * MINUTE_MS;
  const before = wall - offsetAt(timezone, wall - DAY_MS);
  const after = wall - offsetAt(timezone, wall + DAY_MS);
  const shown = [before, after].filter((atMs) => wallClock(timezone, atMs) === wall);
  if (shown.length > 0) return Math.min(...shown);
  return changeBetween(timezone, Math.min(before, after), Math.max(before, after));
}

/** The first instant after `fromMs` with the offset of `toMs`. */
function changeBetween(timezone: string, fromMs: number, toMs: number): number {
  const offset = offsetAt(timezone, toMs);
  let low = fromMs;
  let high = toMs;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(timezone, middle) === offset) high = middle;
    else low = middle;
  }
  return high;
}
