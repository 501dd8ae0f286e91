import type { Config } from "../../env.ts";
import { RATE_CLASSES, type RateClass } from "../../kernel/rate-classes.ts";
import { logEvent } from "../observability/log.ts";
import type { RateVerdict } from "./rate-headers.ts";
import type { RateLimiter } from "./rate-limiter.object.ts";
import type { RatePolicy } from "./sliding-window.ts";

/** So many objects count for an environment. A caller's is always the same one: changing this number forgets one window. */
const SHARDS = 64;
/**
 * Who passes anyway is held up by no more than this; who would be refused for it is given the time that an object on another continent, or
 * one that has to start, takes.
 */
const DEADLINE_MS = { pass: 250, refuse: 1_000 };
/** A shard that did not answer is left alone for so long, by those who would only wait for it and pass. */
const REST_MS = 2_000;
const MOST_REFUSALS = 20_000;

/** Refusals that still hold, so that a flood asks no object either. By subject. */
const refusals = new Map<string, RateVerdict>();
const resting = new Map<number, number>();

/** The refusal that this isolate remembers, where it is one under this policy and still holds. */
export function heldRefusal(subject: string, policy: RatePolicy, nowMs: number): RateVerdict | null {
  const held = refusals.get(subject);
  if (!held || held.more_at_ms <= nowMs) return null;
  // Under another limit it is no longer this caller's.
  return held.policy.limit === policy.limit ? held : null;
}

/** Counts one request. null: nobody counted, because the object failed or was too slow. `startedMs` is now. */
export async function takeOne(
  namespace: DurableObjectNamespace<RateLimiter>,
  config: Config,
  rateClass: RateClass,
  subject: string,
  policy: RatePolicy,
  startedMs: number,
): Promise<RateVerdict | null> {
  const held = heldRefusal(subject, policy, startedMs);
  if (held) return held;
  const shard = shardOf(subject);
  const without = RATE_CLASSES[rateClass].without_limiter;
  if (without === "pass" && startedMs < (resting.get(shard) ?? 0)) return null;
  try {
    const object = namespace.getByName(`shard-${shard}`, { locationHint: config.WRITER_LOCATION_HINT });
    const { allowed, remaining, wait_ms } = await within(DEADLINE_MS[without], object.take(subject, policy));
    // Counted from before the question: early by the way there, and then the object is asked again, but never late.
    const verdict = { rate_class: rateClass, policy, allowed, remaining, more_at_ms: startedMs + wait_ms };
    if (!allowed) remember(subject, verdict);
    resting.delete(shard);
    return verdict;
  } catch (error) {
    resting.set(shard, startedMs + REST_MS);
    logEvent("rate_limit.unreachable", { rate_class: rateClass, shard, then: without, reason: String(error) });
    return null;
  }
}

function remember(subject: string, verdict: RateVerdict): void {
  refusals.delete(subject);
  const [oldest] = refusals.size >= MOST_REFUSALS ? refusals.keys() : [];
  if (oldest !== undefined) refusals.delete(oldest);
  refusals.set(subject, verdict);
}

/** FNV-1a. */
function shardOf(subject: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < subject.length; index++) hash = Math.imul(hash ^ subject.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % SHARDS;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
