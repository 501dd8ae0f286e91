import * as fc from "fast-check";

/** Numbers at the edges of what JSON, JavaScript and SQLite each take for one. */
export const hostileNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, -1, 0.1, 1.00005, 2 ** 31, 2 ** 53, -(2 ** 53), 2 ** 63, 1e21, -1e300, 5e-324),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);

const NASTY_TEXTS = [
  "",
  " ",
  "\t\r\n",
  "\udfff\ud800",
  "\ufeff",
  "\uffff",
  "\u202Eevil\u2066",
  "\u200b\u200d",
  "e\u0301",
  "👩‍👩‍👧‍👦".repeat(20),
  "Z\u0351\u036b".repeat(60),
  "'; DROP TABLE stores; --",
  '" OR ""="',
  "%00",
  "%2e%2e%2f",
  "../../../etc/passwd",
  "..\\..\\windows",
  "<script>alert(1)</script>",
  "{{7*7}}$" + "{7*7}",
  "a\r\nset-cookie: a=b",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "undefined",
  "NaN",
  "-0",
  "1e999",
  "0x10",
  "9223372036854775808",
  "9007199254740993",
  "00000000-0000-0000-0000-000000000000",
  "00000000-0000-7000-8000-000000000000",
  "{}",
  "[]",
  '{"a":',
  "javascript:alert(1)",
  "file:///etc/passwd",
  "x".repeat(301),
  "ü".repeat(5_000),
  "x".repeat(70_000),
];

/** Texts that parsers, databases, headers and pages have been known to stumble over. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NASTY_TEXTS) },
  // No text in any encoding, and what ends a text in C.
  { weight: 1, arbitrary: fc.constantFrom("\ud800", "a\udc00b", "\u0000", "a\u0000b") },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 20 }) },
  // UTF-16 units one by one, so half surrogates too.
  { weight: 1, arbitrary: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 }).map((units) => String.fromCharCode(...units)) },
);

const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

/** Any JSON value in the place of another. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 4, arbitrary: hostileNumber },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [null], { "": "" }) },
  { weight: 1, arbitrary: fc.constantFrom(10, 100, 1_500).map(nested) },
  { weight: 1, arbitrary: fc.constantFrom(1_001, 5_000).map((length) => Array.from({ length }, (_, index) => index)) },
  { weight: 1, arbitrary: fc.dictionary(hostileText, fc.oneof(hostileText, hostileNumber), { maxKeys: 4 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** JSON texts that no JSON.stringify makes, and what is not JSON at all. Latin-1: each character is one byte on the wire. */
const NASTY_BODIES: (() => string)[] = [
  () => "",
  () => " ",
  () => "null",
  () => "0",
  () => '"text"',
  () => "[]",
  () => '{"name": ',
  () => "{'name': 1}",
  () => '{"name": NaN}',
  () => '{"name": 1e999, "limit": -1e999}',
  () => '{"name": "a", "name": {"name": []}}',
  () => '{"__proto__": {"admin": true}, "constructor": {"prototype": {}}}',
  () => '{"name": "\\ud800", "\\udfff": "\\ud800\\ud800"}',
  () => '{"_idempotencyKey": {"a": 1}}',
  () => '{"_idempotencyKey": ""}',
  () => '\xef\xbb\xbf{"name": "BOM"}',
  () => '\xff\xfe{\x00"\x00n\x00',
  () => '{"name": "\xc0\xaf\xed\xa0\x80\xff"}',
  () => '{"name": "line\nbreak\x00"}',
  () => "[".repeat(100_000) + "]".repeat(100_000),
  () => `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`,
  () => `{"name": "${"x".repeat(1_048_576)}"}`,
  () => `{"name": ${"9".repeat(20_000)}}`,
  () => `[${'"a",'.repeat(20_000)}"a"]`,
  () => "a=1&b=2",
  () => '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
  () => '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
];

export const hostileBody: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY_BODIES).map((text) => Buffer.from(text(), "latin1")) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
);

/** What Node lets into a header: Latin-1 without control characters. */
export const headerText = (text: string): string => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, "?").slice(0, 4_000);

export const hostileHeaderValue: fc.Arbitrary<string> = fc.oneof(
  hostileText.map(headerText),
  fc.string({ unit: fc.integer({ min: 0x80, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 20 }),
  fc.constantFrom(
    "*",
    "W/",
    '"',
    '""',
    "a, b",
    ",,,",
    ";q=",
    "*/*;q=2",
    "bytes=0-",
    "bytes=-1,5-2",
    "gzip;q=0, br",
    "Bearer",
    "Bearer ",
    "Basic YTpi",
  ),
  hostileNumber.map(String),
);
