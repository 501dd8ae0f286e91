import { expect, it } from "vitest";
import { acceptsGzip } from "./accept-encoding.ts";

it.each([
  [null, false],
  ["", false],
  ["gzip", true],
  ["GZIP", true],
  ["br, gzip;q=0.5", true],
  ["x-gzip", true],
  ["gzip;q=0", false],
  ["gzip; q=0.000", false],
  ["gzip;q=0, *", false],
  ["*, gzip;q=0", false],
  ["*", true],
  ["*;q=0", false],
  ["br", false],
  ["identity", false],
  ["gzip;q=x", false],
  ["deflate, gzip ;q=1.0, *;q=0.5", true],
] as const)("Accept-Encoding %j takes gzip: %s", (header, expected) => {
  expect(acceptsGzip(header)).toBe(expected);
});
