import { AppError } from "../../kernel/errors.ts";
import { RATE_CLASSES, type RateClass } from "../../kernel/rate-classes.ts";
import type { Tenant } from "../db/tenant.ts";
import type { Principal } from "../tenancy/roles.ts";
import { clientAddress } from "./client-address.ts";
import { heldRefusal, type Limiter, takeOne } from "./limiter-client.ts";
import { RATE_HEADER_NAMES, type RateVerdict, rateHeaders, waitSeconds } from "./rate-headers.ts";
import { type ClassedRoute, policyOf, rateClassOf } from "./route-class.ts";
import type { RatePolicy } from "./sliding-window.ts";

/** An address whose failed keys nobody could count looks up no unseen key in this isolate for so long. */
const UNCOUNTED_MS = 5_000;
const MOST_UNCOUNTED = 20_000;
const uncounted = new Map<string, number>();

/** What one request is counted as, and what its answer has to say of it. */
export class RequestLimits {
  readonly #limiter: Limiter;
  #verdict: RateVerdict | null = null;

  constructor(limiter: Limiter) {
    this.#limiter = limiter;
  }

  /** Counts a request of a tenant that reached a route. Throws RATE_LIMITED, and UNAVAILABLE where nobody counts and the class does not pass. */
  async count(route: ClassedRoute, tenant: Tenant, principal: Principal | null, headers: Headers): Promise<void> {
    const rateClass = rateClassOf(route, principal === null);
    if (rateClass === null) return;
    const caller = principal ? `key ${principal.key_id}` : `address ${clientAddress(headers)}`;
    const policy = policyOf(rateClass, this.#limiter.config.RATE_LIMITS, tenant.rate_limits);
    const isCounted = await this.#take(rateClass, `${rateClass} ${tenant.tenant_id} ${caller}`, policy);
    if (!isCounted && RATE_CLASSES[rateClass].without_limiter === "refuse") throw nobodyCounts();
  }

  /**
   * Before a key that is not in memory is looked up: throws where its address has used too many that are not known. Nothing is asked for this,
   * neither object nor database: the isolate goes by the refusals it was given. A key that it has once seen to be good is never asked about
   * here, so a till beside a machine with a wrong key goes on; only one that this isolate has not met waits, until one of the failures is a
   * minute old. The alternative, asking the object before every lookup, would put it in the way of every good key.
   */
  mayLookUpKey(headers: Headers): void {
    const nowMs = this.#limiter.clock.now();
    const subject = failedKeysOf(headers);
    this.#verdict = heldRefusal(subject, policyOf("failed_key", this.#limiter.config.RATE_LIMITS), nowMs);
    if (this.#verdict) throw this.#refusal(this.#verdict);
    if ((uncounted.get(subject) ?? 0) > nowMs) throw nobodyCounts();
  }

  /** Counts a credential that is not known. Throws RATE_LIMITED once there were too many; else the caller is told what it is told. */
  async countFailedKey(headers: Headers): Promise<void> {
    const subject = failedKeysOf(headers);
    const isCounted = await this.#take("failed_key", subject, policyOf("failed_key", this.#limiter.config.RATE_LIMITS));
    if (isCounted) return;
    if (uncounted.size >= MOST_UNCOUNTED) uncounted.clear();
    uncounted.set(subject, this.#limiter.clock.now() + UNCOUNTED_MS);
  }

  /** Puts what was counted on the answer, whatever became of the request. */
  mark(response: Response): Response {
    if (!this.#verdict) return response;
    const { headers } = response;
    for (const [name, value] of Object.entries(rateHeaders(this.#verdict, this.#limiter.clock.now()))) headers.set(name, value);
    if (headers.has("access-control-expose-headers")) headers.append("access-control-expose-headers", RATE_HEADER_NAMES);
    return response;
  }

  /** Whether somebody counted; throws where it was one too many. */
  async #take(rateClass: RateClass, subject: string, policy: RatePolicy): Promise<boolean> {
    this.#verdict = await takeOne(this.#limiter, rateClass, subject, policy);
    if (this.#verdict && !this.#verdict.allowed) throw this.#refusal(this.#verdict);
    return this.#verdict !== null;
  }

  #refusal(verdict: RateVerdict): AppError {
    const { limit, window_ms } = verdict.policy;
    const retry_after_s = waitSeconds(verdict, this.#limiter.clock.now());
    return new AppError("RATE_LIMITED", {
      detail: `At most ${limit} in ${window_ms / 1000} s are answered here. Nothing was done; send it again in ${retry_after_s} s.`,
      extensions: { rate_class: verdict.rate_class },
      retry_after_s,
    });
  }
}

/** By address alone: whose tenant an unknown key is for cannot be said. */
const failedKeysOf = (headers: Headers): string => `failed_key address ${clientAddress(headers)}`;

const nobodyCounts = (): AppError =>
  new AppError("UNAVAILABLE", {
    detail: "It cannot be counted at the moment how often this is asked. Nothing was done.",
    retry_after_s: 1,
  });
