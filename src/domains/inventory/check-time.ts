const DAY_MS = 86_400_000;
const NIGHT_MS = 3 * 3_600_000;

/** The next 03:00 UTC. */
export const nextNightMs = (nowMs: number): number => {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS + NIGHT_MS;
  return today > nowMs ? today : today + DAY_MS;
};
