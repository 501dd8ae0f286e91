import { describe, expect, test } from "vitest";

import { cleanText, plainText } from "./plain-text.ts";

describe("cleanText", () => {
  test.each([
    ["  Kaya\t\n toast ", "Kaya toast"],
    ["a\u0000b\u00a0c", "a b c"],
    ["Cafe\u0301", "Café"],
    ["half \ud83c", "half \ufffd"],
    ["👩‍🍳 chef's", "👩‍🍳 chef's"],
    [" \u0007 ", ""],
  ])("%j", (given, expected) => {
    expect(cleanText(given)).toBe(expected);
  });
});

describe("plainText", () => {
  test.each([
    ["<p>One</p><p>two<br/>three</p>", "One two three"],
    ["<ul><li>eggs</li><li>toast</li></ul>", "eggs toast"],
    ["un<b>believ</b>able", "unbelievable"],
    ["Fish &amp; chips &lt;3 &#8212; &#x20AC;5", "Fish & chips <3 — €5"],
    ["Chef&#146;s cr&egrave;me br&ucirc;l&eacute;e&hellip;", "Chef’s crème brûlée…"],
    ["&amp;lt;", "&lt;"],
    ["&unknown; &; &#0; &#x110000; AT&T", "&unknown; &; \ufffd \ufffd AT&T"],
    ["5 < 6 and 7 > 2", "5 < 6 and 7 > 2"],
    ["a<!-- hidden --><script>alert(1)</script><style>p{}</style>b", "a b"],
    ['14" pizza', '14" pizza'],
  ])("%j", (given, expected) => {
    expect(plainText(given)).toBe(expected);
  });

  test("what is never closed runs to the end, and a long one costs no time", () => {
    expect(plainText("a<!-- b")).toBe("a");
    expect(plainText("a<script>b")).toBe("a");
    const began = performance.now();
    for (const opener of ["<!--", "<script ", "<p", "<a ", "&#1", " \u0000"]) plainText(opener.repeat(50_000));
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
