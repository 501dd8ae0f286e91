import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EdgeCache, type Loaded } from "./edge-cache.ts";
import { freshnessOf } from "./freshness.ts";

const LIFE = { fresh_ms: 5_000, max_age_ms: 10_000, miss_ms: 2_000 };

interface Value {
  version: number;
}

function newCache(maxBytes = 1_000) {
  let nowMs = 1_000_000;
  const background: Promise<unknown>[] = [];
  const cache = new EdgeCache<Value>({ ...LIFE, max_bytes: maxBytes, size_of: () => 100 });
  const asker = { clock: { now: () => nowMs }, wait_until: (work: Promise<unknown>) => void background.push(work) };
  return {
    cache,
    asker,
    pass: (ms: number) => {
      nowMs += ms;
    },
    settled: () => Promise.all(background),
  };
}

/** A load whose answer is given by hand. */
function heldLoad() {
  const { promise, resolve, reject } = Promise.withResolvers<Loaded<Value>>();
  let calls = 0;
  const load = () => {
    calls += 1;
    return promise;
  };
  return { load, resolve, reject, calls: () => calls };
}

const gives = (version: number) => async () => ({ version });
const never = () => Promise.reject(new Error("must not be asked"));

describe("freshness", () => {
  it("is never trusted beyond the longest age, nor from the future", () => {
    fc.assert(
      fc.property(fc.integer(), fc.boolean(), fc.integer({ min: -20_000, max: 20_000 }), (validated_at_ms, is_miss, ageMs) => {
        const freshness = freshnessOf(LIFE, { validated_at_ms, is_miss }, validated_at_ms + ageMs);
        if (ageMs < 0 || ageMs >= (is_miss ? LIFE.miss_ms : LIFE.max_age_ms)) expect(freshness).toBe("expired");
        else expect(freshness).toBe(is_miss || ageMs < LIFE.fresh_ms ? "fresh" : "stale");
      }),
    );
  });
});

describe("an edge cache", () => {
  it("answers fresh ones at once, stale ones while one request asks again, expired ones after asking", async () => {
    const { cache, asker, pass, settled } = newCache();
    expect(await cache.get("k", asker, gives(1))).toEqual({ version: 1 });
    pass(4_999);
    expect(await cache.get("k", asker, never)).toEqual({ version: 1 });
    pass(1);
    const again = heldLoad();
    expect(await cache.get("k", asker, again.load)).toEqual({ version: 1 });
    expect(await cache.get("k", asker, never)).toEqual({ version: 1 });
    expect(again.calls()).toBe(1);
    again.resolve({ version: 2 });
    await settled();
    expect(await cache.get("k", asker, never)).toEqual({ version: 2 });
    pass(10_000);
    expect(await cache.get("k", asker, gives(3))).toEqual({ version: 3 });
  });

  it("counts an entry's age from before the question", async () => {
    const { cache, asker, pass } = newCache();
    const slow = heldLoad();
    const asked = cache.get("k", asker, slow.load);
    pass(6_000);
    slow.resolve({ version: 1 });
    await asked;
    pass(3_999);
    expect(await cache.get("k", asker, gives(2))).toEqual({ version: 1 });
    pass(10_000);
    expect(await cache.get("k", asker, gives(3))).toEqual({ version: 3 });
  });

  it("shows a load what it holds and keeps that where it is the same", async () => {
    const { cache, asker, pass, settled } = newCache();
    const first = await cache.get("k", asker, gives(1));
    pass(5_000);
    await cache.get("k", asker, async (previous) => {
      expect(previous).toBe(first);
      return "same";
    });
    await settled();
    pass(4_999);
    expect(await cache.get("k", asker, never)).toBe(first);
  });

  it("asks once for many, and lets nobody wait longer than a moment", async () => {
    const { cache, asker } = newCache();
    const first = heldLoad();
    const both = [cache.get("k", asker, first.load), cache.get("k", asker, never)];
    first.resolve({ version: 1 });
    expect(await Promise.all(both)).toEqual([{ version: 1 }, { version: 1 }]);
    expect(first.calls()).toBe(1);

    const stuck = heldLoad();
    const waiting = cache.get("other", asker, stuck.load);
    const startedMs = performance.now();
    expect(await cache.get("other", asker, gives(7))).toEqual({ version: 7 });
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    stuck.resolve({ version: 6 });
    await waiting;
  });

  it("throws an error to who asked, keeps none, and lets who waited ask again", async () => {
    const { cache, asker } = newCache();
    const failing = heldLoad();
    const asked = cache.get("k", asker, failing.load);
    const waited = cache.get("k", asker, gives(2));
    failing.reject(new Error("down"));
    await expect(asked).rejects.toThrow("down");
    expect(await waited).toEqual({ version: 2 });
    expect(await cache.get("k", asker, never)).toEqual({ version: 2 });
  });

  it("serves a stale entry over a failing revalidation, but never beyond its age", async () => {
    const { cache, asker, pass, settled } = newCache();
    await cache.get("k", asker, gives(1));
    pass(5_000);
    const fails = () => Promise.reject(new Error("down"));
    expect(await cache.get("k", asker, fails)).toEqual({ version: 1 });
    await settled();
    pass(5_000);
    await expect(cache.get("k", asker, fails)).rejects.toThrow("down");
  });

  it("remembers that there is nothing for two seconds", async () => {
    const { cache, asker, pass } = newCache();
    expect(await cache.get("k", asker, async () => null)).toBeNull();
    pass(1_999);
    expect(await cache.get("k", asker, never)).toBeNull();
    pass(1);
    expect(await cache.get("k", asker, gives(1))).toEqual({ version: 1 });
  });

  it("keeps nothing that was asked for before a drop", async () => {
    const { cache, asker, settled } = newCache();
    const old = heldLoad();
    const asked = cache.get("k", asker, old.load);
    cache.drop("k");
    const next = cache.get("k", asker, gives(2));
    old.resolve({ version: 1 });
    expect(await asked).toEqual({ version: 1 });
    expect(await next).toEqual({ version: 2 });
    await settled();
    expect(await cache.get("k", asker, never)).toEqual({ version: 2 });
  });

  it("does not let a load that was overtaken put an older value back", async () => {
    const { cache, asker, pass, settled } = newCache();
    const slow = heldLoad();
    const asked = cache.get("k", asker, slow.load);
    pass(100);
    await cache.reload("k", asker, gives(2));
    slow.resolve({ version: 1 });
    await asked;
    await settled();
    expect(await cache.get("k", asker, never)).toEqual({ version: 2 });
  });

  it("takes over from a load whose request was cut off", async () => {
    const { cache, asker, pass } = newCache();
    void cache.get("k", asker, heldLoad().load);
    pass(7_000);
    expect(await cache.get("k", asker, gives(2))).toEqual({ version: 2 });
  });

  it("evicts by bytes and counts a value again when it has grown", async () => {
    let grown = 100;
    const { asker } = newCache();
    const cache = new EdgeCache<Value>({ ...LIFE, max_bytes: 250, size_of: ({ version }) => (version === 1 ? grown : 100) });
    const first = (await cache.get("a", asker, gives(1))) as Value;
    await cache.get("b", asker, gives(2));
    expect(cache.bytes).toBe(200);
    grown = 200;
    cache.remeasure("a", first);
    expect(cache.bytes).toBe(200);
    expect(await cache.get("b", asker, gives(3))).toEqual({ version: 3 });
  });
});
