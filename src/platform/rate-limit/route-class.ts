import { RATE_CLASSES, type RateClass, type RateLimits } from "../../kernel/rate-classes.ts";
import type { RatePolicy } from "./sliding-window.ts";

/** What of an endpoint decides its class. */
export interface ClassedRoute {
  access: unknown;
  method: string;
  rate_class?: RateClass;
}

/** The class that this request is counted in; null: it is not, and no limiter is asked. Public reads without a class of their own never are. */
export function rateClassOf(route: ClassedRoute, isAnonymous: boolean): RateClass | null {
  const named = route.rate_class ?? (route.access === "public" && route.method !== "get" ? "anonymous_write" : null);
  if (named === null) return null;
  return RATE_CLASSES[named].counts === "anonymous" && !isAnonymous ? null : named;
}

/** A tenant's limit goes before its environment's, and that before the table's. */
export function policyOf(name: RateClass, environment: RateLimits, tenant: RateLimits = {}): RatePolicy {
  const { limit, window_s, by_tenant } = RATE_CLASSES[name];
  return { limit: (by_tenant ? tenant[name] : undefined) ?? environment[name] ?? limit, window_ms: window_s * 1000 };
}
