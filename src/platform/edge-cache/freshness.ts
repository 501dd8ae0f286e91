export interface CacheLife {
  /** Served without asking again. */
  fresh_ms: number;
  /** Never served older than this; between the two it is served while one request asks again. */
  max_age_ms: number;
  /** How long it is remembered that there is nothing. */
  miss_ms: number;
}

export type Freshness = "fresh" | "stale" | "expired";

/**
 * What may be done with an entry that was known to be right at `validatedAtMs`. A time in the future (a clock that was set back) says nothing
 * of its age, so it is not trusted.
 */
export function freshnessOf(life: CacheLife, entry: { validated_at_ms: number; is_miss: boolean }, nowMs: number): Freshness {
  const ageMs = nowMs - entry.validated_at_ms;
  if (ageMs < 0) return "expired";
  if (entry.is_miss) return ageMs < life.miss_ms ? "fresh" : "expired";
  if (ageMs < life.fresh_ms) return "fresh";
  return ageMs < life.max_age_ms ? "stale" : "expired";
}
