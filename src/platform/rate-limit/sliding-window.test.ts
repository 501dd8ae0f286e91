import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideRate, type RatePolicy } from "./sliding-window.ts";

const policy: RatePolicy = { limit: 3, window_ms: 1_000 };

/** Asks at each of the times, as an object would. */
function ask(timesMs: readonly number[], { limit, window_ms }: RatePolicy) {
  let taken: readonly number[] = [];
  return timesMs.map((at_ms) => {
    const decision = decideRate(taken, { limit, window_ms }, at_ms);
    taken = decision.taken;
    return { at_ms, ...decision };
  });
}

const policies = fc.record({ limit: fc.integer({ min: 1, max: 8 }), window_ms: fc.integer({ min: 1, max: 200 }) });
const risingTimes = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 120 }).map((gaps) => {
  let atMs = 1_000_000;
  return gaps.map((gap) => {
    atMs += gap;
    return atMs;
  });
});

describe("decideRate", () => {
  test("counts down, refuses, and lets one in when the oldest has left the window", () => {
    const answers = ask([0, 100, 200, 300, 999, 1_000, 1_001, 1_100], policy);
    expect(answers.map(({ allowed, remaining, wait_ms }) => [allowed, remaining, wait_ms])).toEqual([
      [true, 2, 1_000],
      [true, 1, 900],
      [true, 0, 800],
      [false, 0, 700],
      [false, 0, 1],
      [true, 0, 100],
      [false, 0, 99],
      [true, 0, 100],
    ]);
  });

  test("a window that slides has no edge at which twice the limit gets through", () => {
    expect(ask([990, 991, 992, 1_000, 1_001, 1_002], policy).filter(({ allowed }) => allowed)).toHaveLength(3);
  });

  test("a limit that was lowered holds at once, and says when it is met again", () => {
    const { allowed, remaining, wait_ms } = decideRate([0, 100, 200, 300], { limit: 2, window_ms: 1_000 }, 400);
    expect([allowed, remaining, wait_ms]).toEqual([false, 0, 800]);
    expect(decideRate([0, 100, 200, 300], { limit: 2, window_ms: 1_000 }, 1_200).allowed).toBe(true);
    expect(decideRate([0, 100, 200, 300], { limit: 2, window_ms: 1_000 }, 1_199).allowed).toBe(false);
  });

  test("a clock that was set back a little stands still; far back, nothing is left of what it said", () => {
    expect(decideRate([5_000, 5_000, 5_000], policy, 4_500)).toMatchObject({ allowed: false, wait_ms: 1_500 });
    expect(decideRate([5_000, 5_000, 5_000], policy, 3_999)).toMatchObject({ allowed: true, remaining: 2 });
  });

  test("no window, wherever it begins, holds more than the limit", () => {
    fc.assert(
      fc.property(policies, risingTimes, (one, times) => {
        const allowed = ask(times, one).filter((answer) => answer.allowed);
        for (const { at_ms } of allowed) {
          const inWindow = allowed.filter((other) => other.at_ms >= at_ms && other.at_ms < at_ms + one.window_ms);
          expect(inWindow.length).toBeLessThanOrEqual(one.limit);
        }
      }),
    );
  });

  test("nobody is refused who would fit, and what remains is what would be allowed now", () => {
    fc.assert(
      fc.property(policies, risingTimes, (one, times) => {
        const answers = ask(times, one);
        answers.forEach(({ at_ms, allowed, remaining }, index) => {
          const counting = answers.slice(0, index).filter((other) => other.allowed && other.at_ms > at_ms - one.window_ms).length;
          expect(allowed).toBe(counting < one.limit);
          expect(remaining).toBe(one.limit - counting - (allowed ? 1 : 0));
        });
      }),
    );
  });

  test("the wait is exact: one millisecond earlier nothing more is allowed than now, then one more is", () => {
    fc.assert(
      fc.property(policies, risingTimes, (one, times) => {
        for (const { at_ms, remaining, wait_ms, taken } of ask(times, one)) {
          const roomAt = (ms: number) => {
            const { allowed, remaining: left } = decideRate(taken, one, ms);
            return left + (allowed ? 1 : 0);
          };
          expect(wait_ms).toBeGreaterThan(0);
          expect(roomAt(at_ms + wait_ms - 1)).toBe(remaining);
          expect(roomAt(at_ms + wait_ms)).toBeGreaterThan(remaining);
        }
      }),
    );
  });

  test("whatever the clock does, nobody waits longer than two windows", () => {
    fc.assert(
      fc.property(policies, fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 60 }), (one, times) => {
        for (const { wait_ms, taken } of ask(times, one)) {
          expect(wait_ms).toBeLessThanOrEqual(2 * one.window_ms);
          expect(taken.length).toBeLessThanOrEqual(one.limit);
          expect(taken).toEqual([...taken].sort((a, b) => a - b));
        }
      }),
    );
  });
});
