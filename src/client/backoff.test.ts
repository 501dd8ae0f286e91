import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs } from "./backoff.ts";

describe("backoffMs", () => {
  it("doubles from a second to a minute", () => {
    expect([1, 2, 3, 6, 7, 100].map((failures) => backoffMs(failures, 0))).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
  });

  it("takes away at most half", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 0.999_999, noNaN: true }), (failures, random) => {
        const whole = backoffMs(failures, 0);
        const waited = backoffMs(failures, random);
        return waited <= whole && waited >= whole / 2;
      }),
    );
  });

  it("waits at least as long as the server asked for", () => {
    expect(backoffMs(1, 0.5, 20_000)).toBe(20_000);
    expect(backoffMs(9, 0, 20_000)).toBe(60_000);
  });
});
