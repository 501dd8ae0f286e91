/** How often a kind of request may come, and what holds where nobody can count. */
export interface RateClassRule {
  /** So many in any `window_s` seconds, unless the environment or the tenant says otherwise. */
  limit: number;
  window_s: number;
  /**
   * `anonymous`: only callers without a credential, each by its address; a known credential is not counted and costs no call.
   * `everyone`: a known credential by itself, whatever its address; anybody else by address.
   */
  counts: "anonymous" | "everyone";
  /** The one place where it is chosen what happens to a request while the limiter fails or is slow. */
  without_limiter: "pass" | "refuse";
  /** Whether a tenant may have a limit of its own. */
  by_tenant: boolean;
}

/** The closed list of route classes. A route names one as `rate_class`; two follow from the request by itself (`rateClassOf`, `auth.ts`). */
export const RATE_CLASSES = {
  // A credential that is not known. Keys have 256 bits, so nobody guesses one: the limit is against what looking them up costs. Counted before
  // it is known whose tenant is meant, hence for the whole environment. Refused: it is a sign-in, and what is refused is only looking a key up
  // that this isolate has never seen to be good.
  failed_key: { limit: 10, window_s: 60, counts: "everyone", without_limiter: "refuse", by_tenant: false },
  // PINs and passwords can be guessed: with nobody counting, nobody tries.
  sign_in: { limit: 10, window_s: 60, counts: "everyone", without_limiter: "refuse", by_tenant: true },
  // Each gives out a lasting credential, and none of them is urgent.
  terminal_registration: { limit: 10, window_s: 60, counts: "everyone", without_limiter: "refuse", by_tenant: true },
  // A read: a shop that answers too often is better than one that is shut.
  public_availability: { limit: 30, window_s: 60, counts: "anonymous", without_limiter: "pass", by_tenant: true },
  // Sales. Without the limiter the tenant's writer still bounds them (1,000 units waiting, then 503), and what they hold expires.
  public_reservation: { limit: 5, window_s: 60, counts: "anonymous", without_limiter: "pass", by_tenant: true },
  public_booking: { limit: 5, window_s: 60, counts: "anonymous", without_limiter: "pass", by_tenant: true },
  // A provider that is told to wait comes again for hours, and some give up after five refusals: wide enough for a bulk edit. What it costs
  // is collapsed behind it.
  webhook: { limit: 6_000, window_s: 60, counts: "anonymous", without_limiter: "pass", by_tenant: true },
  // Any other write by somebody without a credential. As sales.
  anonymous_write: { limit: 30, window_s: 60, counts: "anonymous", without_limiter: "pass", by_tenant: true },
} as const satisfies Record<string, RateClassRule>;

export type RateClass = keyof typeof RATE_CLASSES;

export const RATE_CLASS_NAMES = Object.keys(RATE_CLASSES) as [RateClass, ...RateClass[]];

/** Those that a tenant may have limits of its own for. */
export const TENANT_RATE_CLASS_NAMES = RATE_CLASS_NAMES.filter((name) => RATE_CLASSES[name].by_tenant) as [RateClass, ...RateClass[]];

/** Limits that differ from the table's; the window stays. */
export type RateLimits = Partial<Record<RateClass, number>>;

export const HIGHEST_RATE_LIMIT = 100_000;
