import { expect, test } from "vitest";
import { rateHeaders, waitSeconds } from "./rate-headers.ts";

const verdict = {
  rate_class: "sign_in",
  policy: { limit: 10, window_ms: 60_000 },
  allowed: true,
  remaining: 3,
  more_at_ms: 1_000_041_001,
} as const;

test("both families speak of the same moment: one as a time, one as seconds from now", () => {
  expect(rateHeaders(verdict, 1_000_000_000)).toEqual({
    "x-ratelimit-limit": "10",
    "x-ratelimit-remaining": "3",
    "x-ratelimit-reset": "1000042",
    "ratelimit-policy": '"sign_in";q=10;w=60',
    ratelimit: '"sign_in";r=3;t=42',
  });
});

test("a wait is rounded up, and never nothing", () => {
  expect(waitSeconds(verdict, 1_000_041_000)).toBe(1);
  expect(waitSeconds(verdict, 1_000_041_001)).toBe(1);
  expect(waitSeconds(verdict, 1_000_040_000)).toBe(2);
});
