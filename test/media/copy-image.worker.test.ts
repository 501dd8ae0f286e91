import { env, exports } from "cloudflare:workers";
import { describe, expect, inject, test } from "vitest";
import { type Copied, copyImage, storeImageBytes } from "../../src/domains/media/index.ts";
import { resolverAt } from "../../src/domains/media/resolve-name.ts";
import { sha256Hex, utf8 } from "../../src/kernel/bytes.ts";

const host = new URL(inject("imagesUrl")).host;
const rules = { named: new Set([host]), resolve: resolverAt(`${inject("imagesUrl")}/dns-query`) };
const newId = () => crypto.randomUUID();
const aTenant = () => crypto.randomUUID();
const copy = (address: string, more: { etag?: string | null; last_modified?: string | null } = {}, tenant = aTenant()): Promise<Copied> =>
  copyImage(env.MEDIA, tenant, { url: new URL(address, inject("imagesUrl")).href, etag: null, last_modified: null, ...more }, rules, newId);
const keysOf = async (tenant: string) => (await env.MEDIA.list({ prefix: `${tenant}/` })).objects.map(({ key }) => key);
const name = () => `${crypto.randomUUID().slice(0, 8)}.png`;

describe("an image is copied", () => {
  test("under the hash of its bytes, once however often", async () => {
    const tenant = aTenant();
    const path = `/ok/${name()}`;
    const first = await copy(path, {}, tenant);
    if (first.kind !== "stored") throw new Error(JSON.stringify(first));
    const bytes = new Uint8Array(await (await fetch(inject("imagesUrl") + path)).arrayBuffer());
    expect(first).toMatchObject({ object_path: `${tenant}/items/${await sha256Hex(bytes)}.png`, bytes: bytes.length, last_modified: null });
    expect(first.etag).toMatch(/^"[\da-f]{16}"$/);
    expect(await copy(path, {}, tenant)).toEqual(first);
    expect(await keysOf(tenant)).toEqual([first.object_path]);
    expect(await copy(path, { etag: first.etag }, tenant)).toEqual({ kind: "unchanged" });
    expect(await storeImageBytes(env.MEDIA, tenant, bytes)).toMatchObject({ object_path: first.object_path });
  });

  test("by its date, where that is all the provider gives", async () => {
    const first = await copy("/dated/a.png");
    expect(first).toMatchObject({ kind: "stored", etag: null, last_modified: "Wed, 01 Jul 2026 10:00:00 GMT" });
    expect(await copy("/dated/a.png", { last_modified: "Wed, 01 Jul 2026 10:00:00 GMT" })).toEqual({ kind: "unchanged" });
  });

  test.each([
    ["declared", 1],
    ["declared", 6],
    ["undeclared", 6],
    ["declared", 9],
    ["undeclared", 9],
  ])("of %s size, %i MiB: in parts, and none of them is left", async (how, mebibytes) => {
    const tenant = aTenant();
    const path = `/large/a.png?mebibytes=${mebibytes}${how === "declared" ? "&declared" : ""}`;
    const stored = await copy(path, {}, tenant);
    if (stored.kind !== "stored") throw new Error(JSON.stringify(stored));
    const object = await env.MEDIA.get(stored.object_path);
    const bytes = new Uint8Array((await object?.arrayBuffer()) ?? new ArrayBuffer());
    expect([bytes.length, stored.object_path]).toEqual([stored.bytes, `${tenant}/items/${await sha256Hex(bytes)}.png`]);
    expect(await copy(path, {}, tenant)).toEqual(stored);
    expect(await keysOf(tenant)).toEqual([stored.object_path]);
  });

  test.each(["/hops/1", "/hops/2", "/hops/3", "/svg/plain.svg", "/mistyped/a.png", "/slow/a.png"])("%s", async (path) => {
    expect(await copy(path)).toMatchObject({ kind: "stored" });
  });
});

describe("an image is refused", () => {
  const to = (url: string, status = 302) => `/to/${status}?url=${encodeURIComponent(url)}`;
  test.each([
    ["too_many_redirects", "/hops/4"],
    ["too_many_redirects", "/hops/9"],
    ["address_private", to("http://127.0.0.1/a.png")],
    ["address_port", to("http://127.0.0.1:1/a.png")],
    ["address_private", to("http://169.254.169.254/latest/meta-data/", 301)],
    ["address_private", to("http://[::ffff:169.254.169.254]/", 303)],
    ["address_private", to("http://0x7f.1/", 307)],
    ["address_private", to("//localhost/a.png", 308)],
    ["address_private", to("http://inside.images.test/a.png")],
    ["address_scheme", to("file:///etc/passwd")],
    ["address_scheme", to("data:image/png;base64,iVBORw0KGgo=")],
    ["address_credentials", to("http://a:b@images.example/")],
    ["redirect_unreadable", to("http://[::1")],
    ["address_private", "http://inside.images.test/a.png"],
    ["address_private", "http://loopback.images.test/a.png"],
    ["address_private", "http://metadata.images.test/latest/"],
    ["address_private", "http://mixed.images.test/a.png"],
    ["address_private", "http://six.images.test/a.png"],
    ["address_private", "http://mapped.images.test/a.png"],
    ["address_private", "http://127.0.0.1.nip.images.test/a.png"],
    ["address_private", "http://INSIDE.images.test./a.png"],
    ["not_there", "/status/404"],
    ["not_there", "/status/410"],
    ["not_allowed", "/status/403"],
    ["answer_unusable", "/status/204"],
    ["answer_unusable", "/status/304"],
    ["answer_unusable", "/status/400"],
    ["not_an_image", "/page/a.png"],
    ["svg_unsafe", "/svg/script.svg"],
    ["too_large", "/large/a.png?mebibytes=10&declared"],
    ["too_large", "/large/a.png?mebibytes=10"],
    ["too_large", "/large/a.png?mebibytes=40"],
  ])("%s: %s", async (reason, address) => {
    const tenant = aTenant();
    expect(await copy(address, {}, tenant)).toMatchObject({ kind: "refused", reason });
    expect(await keysOf(tenant)).toEqual([]);
  });
});

describe("an image is tried again later", () => {
  test.each([
    ["server_failed", "/status/500", null],
    ["server_failed", "/status/503?retry_after=7", 7_000],
    ["busy", "/status/429?retry_after=120", 120_000],
    ["busy", "/status/429?retry_after=soon", null],
    ["busy", "/status/429?retry_after=99999999", 86_400_000],
    ["cut_short", "/cut/a.png", null],
    ["name_unknown", "http://nobody.images.test/a.png", null],
    ["resolver_silent", "http://broken.images.test/a.png", null],
    ["resolver_silent", "http://silent.images.test/a.png", null],
  ])("%s: %s", async (reason, address, retry_after_ms) => {
    expect(await copy(address)).toMatchObject({ kind: "later", reason, retry_after_ms });
  });

  test("what does not answer, and what does not end, by its deadline", async () => {
    const startedMs = Date.now();
    const both = await Promise.all([copy("/silent/a.png"), copy("/stalls/a.png")]);
    expect(both).toMatchObject([
      { kind: "later", reason: "timed_out" },
      { kind: "later", reason: "timed_out" },
    ]);
    expect(Date.now() - startedMs).toBeLessThan(20_000);
  });

  test("a name that leads outside is asked for there", async () => {
    // Nobody is at that name; that it was asked says enough.
    expect(await copy("http://public.images.test/a.png")).toMatchObject({
      kind: "later",
      reason: expect.stringMatching(/unreachable|timed_out/),
    });
  });
});

describe("GET /media", () => {
  const stored = async (bytes: Uint8Array, tenant = aTenant()) => {
    const found = await storeImageBytes(env.MEDIA, tenant, bytes);
    if (found.kind !== "stored") throw new Error(found.detail);
    return `http://servery.test/media/${found.object_path}`;
  };
  const ask = (url: string, headers: Record<string, string> = {}, method = "GET") => exports.default.fetch(url, { method, headers });
  const gif = utf8(`GIF89a${"0123456789".repeat(10)}`);

  test("the bytes, immutable, with their hash as ETag and the type of their first bytes", async () => {
    const url = await stored(gif);
    const response = await ask(url);
    expect(response.status).toBe(200);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(gif);
    const sha = await sha256Hex(gif);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "image/gif",
      "content-length": String(gif.length),
      "cache-control": "public, max-age=31536000, immutable",
      etag: `"${sha}"`,
      "x-content-type-options": "nosniff",
      "accept-ranges": "bytes",
      "access-control-allow-origin": "*",
      "x-request-id": expect.any(String),
    });
    const head = await ask(url, {}, "HEAD");
    expect([head.status, await head.text(), head.headers.get("content-length")]).toEqual([200, "", String(gif.length)]);
    for (const condition of [`"${sha}"`, `W/"${sha}"`, `"x", "${sha}"`, "*"]) {
      const same = await ask(url, { "if-none-match": condition });
      expect([same.status, await same.text(), same.headers.get("etag")]).toEqual([304, "", `"${sha}"`]);
    }
    const other = await ask(url, { "if-none-match": '"x"' });
    expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, gif.length]);
  });

  test("a part of it", async () => {
    const url = await stored(gif);
    const sha = await sha256Hex(gif);
    for (const [range, offset, length] of [
      ["bytes=0-5", 0, 6],
      ["bytes=6-", 6, 100],
      ["bytes=-10", 96, 10],
      ["bytes=100-999", 100, 6],
    ] as const) {
      const part = await ask(url, { range, "if-range": `"${sha}"` });
      expect([
        part.status,
        part.headers.get("content-range"),
        part.headers.get("content-length"),
        part.headers.get("content-type"),
      ]).toEqual([206, `bytes ${offset}-${offset + length - 1}/106`, String(length), "image/gif"]);
      expect(new Uint8Array(await part.arrayBuffer())).toEqual(gif.subarray(offset, offset + length));
    }
    const beyond = await ask(url, { range: "bytes=106-" });
    expect([beyond.status, ((await beyond.json()) as { code: string }).code]).toEqual([416, "RANGE_NOT_SATISFIABLE"]);
    for (const headers of [{ range: "bytes=0-5", "if-range": '"x"' }, { range: "bytes=0-1,4-5" }, { range: "lines=1-2" }]) {
      const whole = await ask(url, headers as Record<string, string>);
      expect([whole.status, (await whole.arrayBuffer()).byteLength]).toEqual([200, gif.length]);
    }
  });

  test("an SVG runs nothing, however it is opened", async () => {
    const response = await ask(await stored(utf8('<svg xmlns="http://www.w3.org/2000/svg"/>')));
    await response.text();
    expect(response.headers.get("content-type")).toBe("image/svg+xml");
    expect(response.headers.get("content-security-policy")).toMatch(/default-src 'none'.*sandbox/);
  });

  test("what is not there, and what is no image's name, is 404 and not kept", async () => {
    const tenant = aTenant();
    await env.MEDIA.put(`${tenant}/ingestions/secret`, "payload");
    await env.MEDIA.put(`${tenant}/items/${"0".repeat(64)}.html`, "page");
    const zeros = "0".repeat(64);
    for (const path of [
      `${tenant}/items/${zeros}.png`,
      `${tenant}/items/${zeros}.html`,
      `${tenant}/items/${zeros.toUpperCase()}.PNG`,
      `${tenant}/items/secret`,
      `${tenant}/ingestions/secret`,
      `${tenant}/items/..%2Fingestions%2Fsecret`,
      `${tenant}%2Fingestions%2Fsecret/items/${zeros}.png`,
      `${tenant}/items/${zeros}.constructor`,
      `x/items/${zeros}.png`,
    ]) {
      const answer = await ask(`http://servery.test/media/${path}`, { range: "bytes=0-1" });
      expect([path, answer.status, answer.headers.get("cache-control")]).toEqual([path, 404, "no-store"]);
      await answer.text();
      const conditional = await ask(`http://servery.test/media/${path}`, { "if-none-match": "*" });
      expect(conditional.status, path).toBe(404);
      await conditional.text();
    }
  });
});
