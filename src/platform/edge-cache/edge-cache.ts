import { ByteLru } from "./byte-lru.ts";
import { type CacheLife, freshnessOf } from "./freshness.ts";

export interface EdgeCacheOptions<V> extends CacheLife {
  max_bytes: number;
  size_of(value: V): number;
}

/** What a load found: a value, `same` as the one it was shown, or `null` for nothing. */
export type Loaded<V> = V | "same" | null;

/** What the cache needs of the request that asks. */
export interface Asker {
  clock: { now(): number };
  wait_until(work: Promise<unknown>): void;
}

interface Entry<V> {
  value: V | null;
  validated_at_ms: number;
}

interface Load<V> {
  promise: Promise<V | null>;
  /** Its answer's age counts from before the question. */
  started_at_ms: number;
}

/** How long a request waits for another's load before it asks by itself. */
const PATIENCE_MS = 300;
/** A load that has not ended after this belongs to a request that was cut off. */
const LOAD_LOST_MS = 7_000;

/**
 * An isolate's memory in front of a read: fresh entries are answered at once, stale ones at once while one request asks again, expired ones
 * after asking. One load a key at a time; who waits for another's waits a bounded time. Errors are thrown and never kept.
 */
export class EdgeCache<V extends object> {
  readonly #options: EdgeCacheOptions<V>;
  readonly #entries: ByteLru<Entry<V>>;
  /** What is under way, newest last; a load that is no longer in here keeps nothing. */
  readonly #loads = new Map<string, Load<V>[]>();

  constructor(options: EdgeCacheOptions<V>) {
    this.#options = options;
    this.#entries = new ByteLru(options.max_bytes);
  }

  get bytes(): number {
    return this.#entries.bytes;
  }

  /** The value, at most `max_age_ms` old; null: there is none. `load` is shown the value that is held, to answer `same`. */
  async get(key: string, asker: Asker, load: (previous: V | undefined) => Promise<Loaded<V>>): Promise<V | null> {
    const nowMs = asker.clock.now();
    const entry = this.#entries.use(key);
    const freshness = entry ? freshnessOf(this.#options, { ...entry, is_miss: entry.value === null }, nowMs) : "expired";
    if (entry && freshness === "fresh") return entry.value;
    const running = this.#running(key, nowMs);
    if (entry && freshness === "stale") {
      if (!running) this.#start(key, asker, load);
      return entry.value;
    }
    if (!running) return this.#start(key, asker, load);
    const joined = await settledWithin(running.promise, PATIENCE_MS);
    return joined ? joined.value : this.#start(key, asker, load);
  }

  /** Asks now, whatever is held, and keeps the answer. */
  reload(key: string, asker: Asker, load: (previous: V | undefined) => Promise<Loaded<V>>): Promise<V | null> {
    return this.#start(key, asker, load);
  }

  /** Whether `get` would answer with this very value, without loading. */
  isFresh(key: string, value: V, nowMs: number): boolean {
    const entry = this.#entries.use(key);
    return entry?.value === value && freshnessOf(this.#options, { ...entry, is_miss: false }, nowMs) === "fresh";
  }

  /** Forgets a key; what loads under way bring may be what was dropped, so it is not kept either. */
  drop(key: string): void {
    this.#entries.drop(key);
    this.#loads.delete(key);
  }

  /** Counts a held value again: it has grown. */
  remeasure(key: string, value: V): void {
    const entry = this.#entries.use(key);
    if (entry?.value === value) this.#entries.put(key, entry, this.#options.size_of(value));
  }

  #running(key: string, nowMs: number): Load<V> | undefined {
    const newest = this.#loads.get(key)?.at(-1);
    return newest && nowMs - newest.started_at_ms < LOAD_LOST_MS ? newest : undefined;
  }

  #start(key: string, asker: Asker, load: (previous: V | undefined) => Promise<Loaded<V>>): Promise<V | null> {
    const previous = this.#entries.use(key)?.value ?? undefined;
    const startedAtMs = asker.clock.now();
    const promise = load(previous).then(
      (loaded) => {
        const value = loaded === "same" ? (previous ?? null) : loaded;
        if (this.#leave(key, current)) this.#keep(key, { value, validated_at_ms: startedAtMs });
        return value;
      },
      (error: unknown) => {
        this.#leave(key, current);
        throw error;
      },
    );
    const current: Load<V> = { promise, started_at_ms: startedAtMs };
    const others = (this.#loads.get(key) ?? []).filter((other) => startedAtMs - other.started_at_ms < LOAD_LOST_MS);
    this.#loads.set(key, [...others, current]);
    // The client may go away; others wait for this load. A failure is for who awaits it.
    asker.wait_until(promise.catch(() => undefined));
    return promise;
  }

  /** Whether it was still among the loads, so that its answer counts. */
  #leave(key: string, load: Load<V>): boolean {
    const loads = this.#loads.get(key);
    if (!loads?.includes(load)) return false;
    const others = loads.filter((other) => other !== load);
    if (others.length > 0) this.#loads.set(key, others);
    else this.#loads.delete(key);
    return true;
  }

  #keep(key: string, entry: Entry<V>): void {
    const held = this.#entries.use(key);
    // A load that was overtaken by a later one brings nothing new.
    if (held && held.validated_at_ms > entry.validated_at_ms) return;
    this.#entries.put(key, entry, entry.value === null ? MISS_BYTES : this.#options.size_of(entry.value));
  }
}

/** A remembered miss takes room too: keys come from outside. */
const MISS_BYTES = 256;

/** What the promise gave; null where it failed or took longer. */
async function settledWithin<T>(promise: Promise<T>, ms: number): Promise<{ value: T } | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), ms);
  try {
    return await Promise.race([promise.then((value) => ({ value })), late]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
