/** At most `limit` in any `window_ms` milliseconds, wherever they begin. */
export interface RatePolicy {
  limit: number;
  window_ms: number;
}

export interface RateDecision {
  allowed: boolean;
  /** How many more would be allowed at this moment. */
  remaining: number;
  /** Until one more is allowed than now; 0 only where nothing counts. After a refusal: when to come again, not a millisecond early. */
  wait_ms: number;
  /** What counts from here on, oldest first, with this request where it is allowed. */
  taken: number[];
}

/**
 * Whether one more may come at `nowMs`, given when the ones before were allowed (oldest first). One that was allowed counts until exactly
 * `window_ms` later; one that was refused never counts, so who is refused need not keep still for a whole window.
 */
export function decideRate(before: readonly number[], { limit, window_ms }: RatePolicy, nowMs: number): RateDecision {
  const lastMs = before.at(-1) ?? nowMs;
  // A clock that was set back by less than a window stands still until it has caught up; set back further, what it said before is worth
  // nothing. So nobody is locked out for longer than two windows.
  const isTrusted = lastMs <= nowMs + window_ms;
  const atMs = isTrusted ? Math.max(nowMs, lastMs) : nowMs;
  const counting = isTrusted ? before.slice(firstAfter(before, atMs - window_ms)) : [];
  const allowed = counting.length < limit;
  const taken = allowed ? [...counting, atMs] : counting;
  // Where the limit was lowered meanwhile, more than one has to go first.
  const next = taken[Math.max(0, taken.length - limit)];
  return {
    allowed,
    remaining: Math.max(0, limit - taken.length),
    wait_ms: next === undefined ? 0 : next + window_ms - nowMs,
    taken,
  };
}

/** The index of the first that is later than `atMs`. */
function firstAfter(ascending: readonly number[], atMs: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) > atMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
