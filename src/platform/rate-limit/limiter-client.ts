import type { Config } from "../../env.ts";
import type { Clock } from "../../kernel/clock.ts";
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
const refusals = new Map<string, { verdict: RateVerdict; until_ms: number }>();
/** By binding: until when which shard rests. */
const resting = new WeakMap<DurableObjectNamespace<RateLimiter>, Map<number, number>>();

/** The refusal that this isolate remembers, where it is one under this policy and still holds. */
export function heldRefusal(subject: string, policy: RatePolicy, nowMs: number): RateVerdict | null {
  const held = refusals.get(subject);
  // Under another limit it is no longer this caller's.
  return held && nowMs < held.until_ms && held.verdict.policy.limit === policy.limit ? held.verdict : null;
}

export interface Limiter {
  namespace: DurableObjectNamespace<RateLimiter>;
  config: Config;
  clock: Clock;
}

/** Counts one request. null: nobody counted, because the object failed or was too slow. */
export async function takeOne(
  { namespace, config, clock }: Limiter,
  rateClass: RateClass,
  subject: string,
  policy: RatePolicy,
): Promise<RateVerdict | null> {
  const startedMs = clock.now();
  const held = heldRefusal(subject, policy, startedMs);
  if (held) return held;
  const shard = shardOf(subject);
  const rests = resting.get(namespace) ?? new Map<number, number>();
  resting.set(namespace, rests);
  const without = RATE_CLASSES[rateClass].without_limiter;
  if (without === "pass" && startedMs < (rests.get(shard) ?? 0)) return null;
  try {
    const object = namespace.getByName(`shard-${shard}`, { locationHint: config.WRITER_LOCATION_HINT });
    const { allowed, remaining, wait_ms } = await within(DEADLINE_MS[without], object.take(subject, policy));
    // What the caller is told is late by the way back, never early; what is remembered ends early by the way there, and the object is asked.
    const verdict = { rate_class: rateClass, policy, allowed, remaining, more_at_ms: clock.now() + wait_ms };
    if (!allowed) remember(subject, verdict, startedMs + wait_ms);
    rests.delete(shard);
    return verdict;
  } catch (error) {
    rests.set(shard, startedMs + REST_MS);
    logEvent("rate_limit.unreachable", { rate_class: rateClass, shard, request: without, reason: String(error) });
    return null;
  }
}

function remember(subject: string, verdict: RateVerdict, untilMs: number): void {
  refusals.delete(subject);
  const [oldest] = refusals.size >= MOST_REFUSALS ? refusals.keys() : [];
  if (oldest !== undefined) refusals.delete(oldest);
  refusals.set(subject, { verdict, until_ms: untilMs });
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
