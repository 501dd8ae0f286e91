import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { isSigned, type SignatureScheme, TOLERANCE_MS } from "./signature.ts";
import { WEBHOOKS } from "./webhook-kinds.ts";

const url = "https://shop.example.com/webhooks/019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11?tenant=shop";
const body = Buffer.from('{"title":"Café \\u00e9"}');
const now_ms = 1_800_000_000_000;
const hmac = (hash: string, secret: string, ...parts: (string | Buffer)[]) => {
  const made = createHmac(hash, secret);
  for (const part of parts) made.update(part);
  return made;
};

const asked = (scheme: SignatureScheme, signature: string | null, more: { body?: Buffer; url?: string; now_ms?: number } = {}) => ({
  url,
  body,
  now_ms,
  headers: new Headers(signature === null ? {} : { [scheme.header]: signature }),
  ...more,
});

const schemeOf = (provider: string): SignatureScheme => {
  const kind = WEBHOOKS[provider];
  if (!kind) throw new Error(provider);
  return kind.signature;
};

/** Each provider's own way, written here once more by hand with Node's own HMAC. */
const signed: [provider: string, header: string, sign: (secret: string) => string][] = [
  ["shopify", "x-shopify-hmac-sha256", (secret) => hmac("sha256", secret, body).digest("base64")],
  ["woocommerce", "x-wc-webhook-signature", (secret) => hmac("sha256", secret, body).digest("base64")],
  ["square", "x-square-hmacsha256-signature", (secret) => hmac("sha256", secret, url, body).digest("base64")],
  ["deliverect", "x-server-authorization-hmac-sha256", (secret) => hmac("sha256", secret, body).digest("hex")],
  ["revel", "x-revel-signature", (secret) => hmac("sha1", secret, body).digest("hex")],
  ["cata", "servery-signature", (secret) => `t=${now_ms / 1000},v1=${hmac("sha256", secret, `${now_ms / 1000}.`, body).digest("hex")}`],
  ["csv", "servery-signature", (secret) => `t=${now_ms / 1000}, v1=${hmac("sha256", secret, `${now_ms / 1000}.`, body).digest("hex")}`],
];

describe.each(signed)("%s", (provider, header, sign) => {
  const scheme = schemeOf(provider);

  test("its signature is good with the secret, also with the one before it", async () => {
    expect(scheme.header).toBe(header);
    expect(await isSigned(scheme, asked(scheme, sign("first")), ["first"])).toBe(true);
    expect(await isSigned(scheme, asked(scheme, sign("first")), ["second", "first"])).toBe(true);
  });

  test("nothing else is", async () => {
    const good = sign("first");
    expect(await isSigned(scheme, asked(scheme, good), [])).toBe(false);
    expect(await isSigned(scheme, asked(scheme, good), ["second"])).toBe(false);
    expect(await isSigned(scheme, asked(scheme, good, { body: Buffer.from("{}") }), ["first"])).toBe(false);
    for (const bad of [null, "", " ", "=", "A", "zz", good.slice(0, -4), `${good}00`, "t=,v1=", "t=1", "v1=00"])
      expect(await isSigned(scheme, asked(scheme, bad), ["first"]), String(bad)).toBe(false);
    // What stands in for a secret where there is none signs nothing.
    expect(await isSigned(scheme, asked(scheme, sign("there-is-no-secret-here")), [])).toBe(false);
  });
});

test("a known answer: what Shopify's way makes of RFC 4231's second case", async () => {
  const given = Buffer.from("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", "hex").toString("base64");
  const scheme = schemeOf("shopify");
  const request = asked(scheme, given, { body: Buffer.from("what do ya want for nothing?") });
  expect(await isSigned(scheme, request, ["Jefe"])).toBe(true);
});

test("Square's is of the address too", async () => {
  const scheme = schemeOf("square");
  const given = hmac("sha256", "s", url, body).digest("base64");
  expect(await isSigned(scheme, asked(scheme, given, { url: `${url}2` }), ["s"])).toBe(false);
});

test("ours is good for five minutes either way", async () => {
  const scheme = schemeOf("cata");
  const given = `t=${now_ms / 1000},v1=${hmac("sha256", "s", `${now_ms / 1000}.`, body).digest("hex")}`;
  for (const [off, good] of [
    [TOLERANCE_MS, true],
    [-TOLERANCE_MS, true],
    [TOLERANCE_MS + 1, false],
    [-TOLERANCE_MS - 1, false],
  ] as const)
    expect(await isSigned(scheme, asked(scheme, given, { now_ms: now_ms + off }), ["s"]), String(off)).toBe(good);
});
