import { expect, it } from "vitest";
import { etagMatches } from "./etag-match.ts";

it.each([
  [null, false],
  ['"a-1"', true],
  ['W/"a-1"', true],
  ['"x", W/"a-1" , "y"', true],
  ["*", true],
  [" * ", true],
  ['"a-1-gzip"', false],
  ["a-1", false],
  ["", false],
] as const)("If-None-Match %j names it: %s", (header, expected) => {
  expect(etagMatches(header, '"a-1"')).toBe(expected);
});
