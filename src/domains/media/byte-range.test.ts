import { expect, test } from "vitest";
import { byteRangeOf } from "./byte-range.ts";

test.each([
  [null, null],
  ["", null],
  ["bytes=0-0", { offset: 0, length: 1 }],
  ["bytes=0-", { offset: 0, length: 10 }],
  ["bytes=4-7", { offset: 4, length: 4 }],
  ["bytes=4-99", { offset: 4, length: 6 }],
  ["bytes=-3", { offset: 7, length: 3 }],
  ["bytes=-99", { offset: 0, length: 10 }],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=10-12", "unsatisfiable"],
  ["bytes=7-4", null],
  ["bytes=-", null],
  ["bytes=0-1,3-4", null],
  ["items=0-1", null],
  ["bytes=a-b", null],
] as const)("%s of ten bytes", (header, range) => {
  expect(byteRangeOf(header, 10)).toEqual(range);
});
