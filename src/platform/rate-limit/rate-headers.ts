import type { RateClass } from "../../kernel/rate-classes.ts";
import type { RatePolicy } from "./sliding-window.ts";

/** What a limiter said of one request. */
export interface RateVerdict {
  rate_class: RateClass;
  policy: RatePolicy;
  allowed: boolean;
  remaining: number;
  /** From when one more is allowed, milliseconds since the epoch. */
  more_at_ms: number;
}

/** Whole seconds until one more is allowed, never early: what Retry-After says, and `t`. */
export const waitSeconds = ({ more_at_ms }: RateVerdict, nowMs: number): number => Math.max(1, Math.ceil((more_at_ms - nowMs) / 1000));

/**
 * `X-RateLimit-*` with the reset as seconds since the epoch, and the draft's `RateLimit` with seconds from now. Both speak of the moment when
 * one more is allowed: a sliding window has no end at which everything comes back at once.
 */
export function rateHeaders(verdict: RateVerdict, nowMs: number): Record<string, string> {
  const { rate_class, policy, remaining, more_at_ms } = verdict;
  return {
    "x-ratelimit-limit": String(policy.limit),
    "x-ratelimit-remaining": String(remaining),
    "x-ratelimit-reset": String(Math.ceil(more_at_ms / 1000)),
    "ratelimit-policy": `"${rate_class}";q=${policy.limit};w=${policy.window_ms / 1000}`,
    ratelimit: `"${rate_class}";r=${remaining};t=${waitSeconds(verdict, nowMs)}`,
  };
}

export const RATE_HEADER_NAMES = "RateLimit, RateLimit-Policy, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset";
