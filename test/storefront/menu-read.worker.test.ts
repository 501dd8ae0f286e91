import { beforeAll, describe, expect, it } from "vitest";
import { currentMenu, dropCachedMenu } from "../../src/domains/menu/index.ts";
import { addDraft, addItems, addModifierGroup, addStore, menuOf, publish } from "../support/worker/menu-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

let tenant: TestTenant;
let store: string;
let path: string;

const raise = async (price: number) => {
  const draft = await addDraft(tenant, [{ name: "Coffee", display_type: "grid", items: [{ item_code: "A", price }] }]);
  return publish(tenant, { draft_ids: [draft], store_ids: [store] });
};

beforeAll(async () => {
  tenant = await newTenant();
  await addItems(tenant, ["A"]);
  store = await addStore(tenant, "One");
  path = `/api/v1/stores/${store}/menu`;
  await raise(450);
});

const get = (headers: Record<string, string> = {}, method = "GET") =>
  tenant.fetch(path, { method, headers: { "x-tenant-id": tenant.slug, ...headers } });

async function unpacked(response: Response): Promise<string> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const stream = new Response(bytes).body?.pipeThrough(new DecompressionStream("gzip"));
  return isPacked ? new Response(stream).text() : new TextDecoder().decode(bytes);
}

describe("a menu read", () => {
  it("is sent packed to who takes gzip and unpacked to who does not, with an entity tag of each", async () => {
    const packed = await get({ "accept-encoding": "br, gzip" });
    const plain = await get({ "accept-encoding": "gzip;q=0, *" });
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(plain.headers.get("content-encoding")).toBeNull();
    expect(packed.headers.get("etag")).toMatch(/^"[0-9a-f]{16}-1-gzip"$/);
    expect(`${plain.headers.get("etag")?.slice(0, -1)}-gzip"`).toBe(packed.headers.get("etag"));
    for (const { headers } of [packed, plain]) {
      expect(headers.get("vary")).toBe("Accept-Encoding");
      expect(headers.get("cache-control")).toBe("public, max-age=5, stale-while-revalidate=5");
      expect(headers.get("content-type")).toBe("application/json");
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(headers.get("access-control-expose-headers")).toContain("Menu-Version");
    }
    const text = await unpacked(plain);
    expect(await unpacked(packed)).toBe(text);
    expect(JSON.parse(text)).toMatchObject({ store: { id: store }, menu_version: 1, categories: [{ items: [{ code: "A", price: 450 }] }] });
  });

  it("answers 304 to who has this version in this encoding", async () => {
    const etag = (await get()).headers.get("etag") ?? "";
    for (const value of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const answer = await get({ "if-none-match": value });
      expect(answer.status, value).toBe(304);
      expect(await answer.text()).toBe("");
      for (const name of ["etag", "cache-control", "vary", "menu-version"]) expect(answer.headers.get(name), name).not.toBeNull();
    }
    expect((await get({ "if-none-match": '"other"' })).status).toBe(200);
    expect((await get({ "if-none-match": etag, "accept-encoding": "gzip" })).status).toBe(200);
  });

  it("answers HEAD like GET without the body, and a preflight", async () => {
    const head = await get({ "accept-encoding": "gzip" }, "HEAD");
    expect(head.status).toBe(200);
    expect(await head.text()).toBe("");
    expect(head.headers.get("menu-version")).toBe("1");
    expect(head.headers.get("etag")).toBe((await get({ "accept-encoding": "gzip" })).headers.get("etag"));
    const preflight = await get({ origin: "https://shop.example", "access-control-request-method": "GET" }, "OPTIONS");
    expect(preflight.status).toBeLessThan(300);
    expect(preflight.headers.get("access-control-allow-headers")?.toLowerCase()).toContain("min-menu-version");
  });

  it("tells an unknown store from one without a menu", async () => {
    const unknown = await menuOf(tenant, "nope");
    expect(unknown).toMatchObject({ status: 404, json: { code: "NOT_FOUND", detail: "There is no such store." } });
    const empty = await addStore(tenant, "Empty");
    const token = (await tenant.call("PATCH", `/api/v1/stores/${empty}`, { body: { code: "E" } })).headers.get("consistency-token") ?? "";
    const none = await menuOf(tenant, empty, { "consistency-token": token });
    expect(none).toMatchObject({ status: 404, json: { code: "NOT_FOUND", detail: "No menu is published at this store yet." } });
    expect(none.headers.get("cache-control")).toBe("no-store");
  });

  it("never gives an older version than the one asked for, whatever this isolate remembers", async () => {
    await get();
    const draft = await addDraft(tenant, [{ name: "Coffee", items: [{ item_code: "A", price: 500 }] }]);
    await tenant.call("POST", "/api/v1/menus/publishes", { body: { draft_ids: [draft], store_ids: [store] } });
    await tenant.settled();
    const asked = await menuOf(tenant, store, { "min-menu-version": "2" });
    expect(asked.headers.get("menu-version")).toBe("2");
    expect(asked.json.categories[0].items[0].price).toBe(500);
    const tooNew = await menuOf(tenant, store, { "min-menu-version": "3" });
    expect(tooNew).toMatchObject({ status: 409, json: { code: "MENU_VERSION_NOT_REACHED", menu_version: 2 } });
    expect(tooNew.headers.get("retry-after")).toBe("1");
    expect((await menuOf(tenant, store, { "min-menu-version": "two" })).status).toBe(400);
  });

  it("goes past memory for a consistency token, and by itself once a publish is called live", async () => {
    await get();
    const published = await raise(600);
    expect(published.stores[0].status).toBe("live");
    expect((await menuOf(tenant, store)).headers.get("menu-version")).toBe(String(published.stores[0].menu_version));

    const draft = await addDraft(tenant, [{ name: "Coffee", items: [{ item_code: "A", price: 700 }] }]);
    await tenant.call("POST", "/api/v1/menus/publishes", { body: { draft_ids: [draft], store_ids: [store] } });
    await tenant.settled();
    const token = (await tenant.call("PATCH", `/api/v1/stores/${store}`, { body: { code: "ONE" } })).headers.get("consistency-token") ?? "";
    const read = await menuOf(tenant, store, { "consistency-token": token });
    expect(read.json.categories[0].items[0].price).toBe(700);
  });

  it("costs one round trip and at most two rows, with 10 items and with 10,000", async () => {
    for (const count of [10, 10_000]) {
      const own = await newTenant();
      const codes = Array.from({ length: count }, (_, index) => `I${index}`);
      await addItems(own, codes);
      // With every item's options in it, sqld's answer to the compiler would pass its 10 MB.
      await addModifierGroup(own, codes);
      const big = await addStore(own, "Big");
      const draft = await addDraft(own, [{ name: "All", items: codes.map((item_code, index) => ({ item_code, price: index })) }]);
      expect((await publish(own, { draft_ids: [draft], store_ids: [big] })).stores[0].status).toBe("live");
      const { scope, meter } = await own.scope();
      dropCachedMenu(scope, big);
      const menu = await currentMenu(scope, big, false);
      expect(menu?.document?.body_bytes).toBeGreaterThan(count * 100);
      expect({ trips: meter.round_trips, fallbacks: meter.primary_fallbacks }).toEqual({ trips: 1, fallbacks: 0 });
      expect(meter.rows_read).toBeLessThanOrEqual(1);
      // Asked again, the version alone comes.
      const again = await currentMenu(scope, big, false);
      expect(again).toBe(menu);
      expect(meter.rows_read).toBeLessThanOrEqual(2);
      const token = (await own.call("PATCH", `/api/v1/stores/${big}`, { body: { code: "B" } })).headers.get("consistency-token") ?? "";
      await own.settled();
      const read = await menuOf(own, big, { "consistency-token": token });
      expect(read.status).toBe(200);
    }
  });
});

describe("views of the menu", () => {
  it("give one item and the V1 category catalogue from the same version", async () => {
    await tenant.settled();
    await raise(800);
    const menu = await menuOf(tenant, store);
    const item = await tenant.call("GET", `/api/v1/stores/${store}/items/A`, { key: null });
    expect(item).toMatchObject({ status: 200, json: { store_id: store, currency: "USD", item: menu.json.categories[0].items[0] } });
    expect(item.json.categories).toEqual([{ id: menu.json.categories[0].id, name: "Coffee" }]);
    expect(item.headers.get("menu-version")).toBe(menu.headers.get("menu-version"));
    const catalogue = await tenant.call("GET", `/v1/store/category?store_id=${store}`, { key: null });
    expect(catalogue.json).toMatchObject({
      store_id: store,
      menu_version: menu.json.menu_version,
      categories: [{ name: "Coffee", category_view_type: menu.json.categories[0].view_type, items: menu.json.categories[0].items }],
    });
    const etag = catalogue.headers.get("etag") ?? "";
    expect(etag).not.toBe(item.headers.get("etag"));
    const headers = { "if-none-match": etag };
    expect((await tenant.call("GET", `/v1/store/category?store_id=${store}`, { key: null, headers })).status).toBe(304);
    expect((await tenant.call("GET", `/api/v1/stores/${store}/items/NOPE`, { key: null })).status).toBe(404);
    expect((await tenant.call("GET", "/v1/store/category?store_id=nope", { key: null })).status).toBe(404);
  });

  it("show a page of the stores, of a menu, of a store without one and of no such store", async () => {
    const page = (at: string) => tenant.call("GET", at, { key: null });
    const home = await page("/");
    expect(home.headers.get("content-type")).toContain("text/html");
    expect(home.text).toContain(`/stores/${store}`);
    const shown = await page(`/stores/${store}`);
    expect(shown.status).toBe(200);
    expect(shown.text).toContain("Item A");
    const empty = await addStore(tenant, "Brand new");
    const token = (await tenant.call("PATCH", `/api/v1/stores/${empty}`, { body: { code: "NEW" } })).headers.get("consistency-token") ?? "";
    const fresh = await tenant.call("GET", `/stores/${empty}`, { key: null, headers: { "consistency-token": token } });
    expect(fresh.status).toBe(200);
    expect(fresh.text).toContain("Brand new");
    const missing = await page("/stores/nope");
    expect(missing.status).toBe(404);
    expect(missing.headers.get("content-type")).toContain("text/html");
  });
});
