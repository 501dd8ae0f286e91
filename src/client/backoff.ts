const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * How long to wait after the `failures`th failure in a row (from 1): doubling from a second to a minute, of which a random half is left
 * away, so that tills that lost the same server do not come back at once. `random` is in [0, 1). Never shorter than the server asked for.
 */
export function backoffMs(failures: number, random: number, retryAfterMs: number | null = null): number {
  const whole = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 16), LONGEST_MS);
  return Math.max(Math.round(whole * (1 - random / 2)), retryAfterMs ?? 0);
}
