import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { RateLimiter } from "../../src/platform/rate-limit/rate-limiter.object.ts";

const policy = { limit: 10, window_ms: 60_000 };
const newShard = () => env.RATE_LIMITER.getByName(`test-${crypto.randomUUID()}`);

/** Whether the object has anything left: its table, and an alarm. */
const leftIn = (shard: ReturnType<typeof newShard>) =>
  runInDurableObject(shard, async (_: RateLimiter, state) => ({
    tables: state.storage.sql.exec("SELECT count(*) AS n FROM sqlite_master WHERE name = 'taken'").one()["n"],
    has_alarm: (await state.storage.getAlarm()) !== null,
  }));

/** What an eviction does. */
const loseMemory = (shard: ReturnType<typeof newShard>) =>
  runInDurableObject(shard, (limiter) => Object.assign(limiter, { subjects: new Map(), is_open: false }));

describe("the limiter object", () => {
  test("of 50 at once exactly 10 are allowed, each told another remainder", async () => {
    const shard = newShard();
    const answers = await Promise.all(Array.from({ length: 50 }, () => shard.take("one", policy)));
    const allowed = answers.filter((answer) => answer.allowed);
    expect(allowed.map(({ remaining }) => remaining).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { allowed, remaining, wait_ms } of answers) {
      if (!allowed) expect(remaining).toBe(0);
      expect(wait_ms).toBeGreaterThan(0);
      // Requests at once are told times that are some milliseconds apart, and not in their order.
      expect(wait_ms).toBeLessThan(61_000);
    }
  });

  test("subjects are counted apart", async () => {
    const shard = newShard();
    for (let n = 0; n < 10; n++) await shard.take("one", policy);
    expect(await shard.take("one", policy)).toMatchObject({ allowed: false });
    expect(await shard.take("two", policy)).toMatchObject({ allowed: true, remaining: 9 });
  });

  test("an evicted object goes on counting where it was", async () => {
    const shard = newShard();
    for (let n = 0; n < 7; n++) await shard.take("one", policy);
    await loseMemory(shard);
    expect(await shard.take("one", policy)).toMatchObject({ allowed: true, remaining: 2 });
    await loseMemory(shard);
    const answers = await Promise.all(Array.from({ length: 5 }, () => shard.take("one", policy)));
    expect(answers.map(({ allowed }) => allowed)).toEqual([true, true, false, false, false]);
  });

  test("what still counts survives a sweep; idle, the object keeps neither rows nor alarm, and works on", async () => {
    const shard = newShard();
    await shard.take("one", policy);
    await shard.take("brief", { limit: 1, window_ms: 1 });
    expect(await leftIn(shard)).toEqual({ tables: 1, has_alarm: true });

    const sweepAt = (nowMs: number) => runInDurableObject(shard, (limiter) => limiter.sweep(nowMs));
    expect(await sweepAt(Date.now() + 30_000)).toBe(true);
    expect(await shard.take("one", policy)).toMatchObject({ remaining: 8 });

    expect(await sweepAt(Date.now() + 60_001)).toBe(false);
    expect(await leftIn(shard)).toEqual({ tables: 0, has_alarm: false });
    expect(await shard.take("one", policy)).toMatchObject({ allowed: true, remaining: 9 });
    expect(await leftIn(shard)).toEqual({ tables: 1, has_alarm: true });
  });

  test("the alarm sets itself again only while something counts", async () => {
    const shard = newShard();
    await shard.take("one", policy);
    await runInDurableObject(shard, async (limiter, state) => {
      await state.storage.deleteAlarm();
      await limiter.alarm();
    });
    expect((await leftIn(shard)).has_alarm).toBe(true);
  });
});
