import { describe, expect, it } from "vitest";
import { menuEvents, menuWantedHandlers } from "../../src/domains/menu/index.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { addDraft, addItems, addStore, menuOf, pricesOf, publish, rename, setVisible, writeSql } from "../support/worker/menu-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

const section = (name: string, prices: Record<string, number | null>, display_type: "list" | "grid" = "list") => ({
  name,
  display_type,
  items: Object.entries(prices).map(([item_code, price]) => ({ item_code, price })),
});

async function rowsOf(tenant: TestTenant, sql: string, ...args: string[]) {
  const db = await tenant.db();
  return (await db.read([statement(sql, ...args)], { fresh: true }))[0] ?? [];
}

/** A tenant with items A, B, C, one store and a menu of A and B live at it. */
async function withLiveMenu() {
  const tenant = await newTenant();
  await addItems(tenant, ["A", "B", "C"]);
  const store = await addStore(tenant, "One");
  const draft = await addDraft(tenant, [section("Coffee", { A: 450, B: 500 }, "grid")]);
  const published = await publish(tenant, { draft_ids: [draft], store_ids: [store] });
  return { tenant, store, draft, published };
}

/** The message of a publish of a store that is to be applied once more, as a queue that repeats and reorders brings it. */
async function askAgain(tenant: TestTenant, publishId: string, storeId: string) {
  const key = `${publishId}/${storeId}`;
  const payload = { publish_id: publishId, store_id: storeId };
  return { type: "wanted" as const, tenant_id: tenant.tenant_id, kind: "publish_store" as const, key, requests: 1, payload };
}

describe("a publish", () => {
  it("goes from the draft to the storefront", async () => {
    const { tenant, store, published } = await withLiveMenu();
    expect(published.stores).toEqual([{ store_id: store, status: "live", menu_version: 1, reasons: [], left_out: [] }]);
    const menu = await menuOf(tenant, store);
    expect(menu.status).toBe(200);
    expect(menu.headers.get("menu-version")).toBe("1");
    expect(pricesOf(menu.json)).toEqual({ Coffee: { A: 450, B: 500 } });
    expect(menu.json.categories[0].view_type).toBe("GRID");
  });

  it("names every draft, store and publish that is not there, and records nothing", async () => {
    const { tenant, store, draft } = await withLiveMenu();
    const ask = (body: unknown) => tenant.call("POST", "/api/v1/menus/publishes", { body });
    const drafts = await ask({ draft_ids: [draft, "x", "y"], store_ids: [store] });
    expect(drafts).toMatchObject({ status: 422, json: { code: "DRAFT_UNKNOWN", draft_ids: ["x", "y"] } });
    expect(drafts.json.errors).toEqual([
      { path: "body.draft_ids.1", message: "no such draft" },
      { path: "body.draft_ids.2", message: "no such draft" },
    ]);
    expect(await ask({ draft_ids: [draft], store_ids: ["n", store, "m"] })).toMatchObject({
      status: 422,
      json: { code: "STORE_UNKNOWN", store_ids: ["n", "m"], detail: "There is no store n, m." },
    });
    expect(await ask({ publish_id: "n" })).toMatchObject({ status: 422, json: { code: "PUBLISH_UNKNOWN" } });
    expect(await ask({ draft_ids: [draft], publish_id: "n" })).toMatchObject({ status: 422, json: { code: "VALIDATION_FAILED" } });
    expect(await rowsOf(tenant, "SELECT publish_id FROM publishes")).toHaveLength(1);
  });

  it("fails a store with all reasons and keeps its old menu whole, while another store goes live", async () => {
    const tenant = await newTenant();
    await addItems(tenant, ["A", "B"]);
    const dollars = await addStore(tenant, "Dollars");
    const singapore = await addStore(tenant, "Singapore", "SGD");
    const old = await addDraft(tenant, [section("Old", { A: 100 })], { currency: "SGD" });
    await publish(tenant, { draft_ids: [old], store_ids: [singapore] });

    const fine = await addDraft(tenant, [section("New", { A: 450 })]);
    const both = await publish(tenant, { draft_ids: [fine], store_ids: [dollars, singapore] });
    const at = (id: string) => both.stores.find((row: { store_id: string }) => row.store_id === id);
    expect(at(dollars)).toMatchObject({ status: "live", reasons: [] });
    expect(at(singapore)).toMatchObject({ status: "failed", menu_version: 1, reasons: [{ reason: "currency_mismatch", menu: "Menu" }] });

    const broken = await addDraft(tenant, [section("Old", { A: 1 }), section("New", { B: 2, NOPE: 3 }), section("Last", { GONE: null })], {
      currency: "SGD",
    });
    await writeSql(tenant, [
      "UPDATE menu_drafts SET sections = replace(sections, '\"price_minor\":2', '\"price_minor\":null') WHERE draft_id = ?",
      broken,
    ]);
    const failed = await publish(tenant, { draft_ids: [broken, fine], store_ids: [singapore] });
    expect(failed.stores[0].status).toBe("failed");
    expect(
      failed.stores[0].reasons.map((r: Record<string, string>) => [r["reason"], r["section"] ?? null, r["item_code"] ?? null]),
    ).toEqual([
      ["price_missing", "New", "B"],
      ["item_unknown", "New", "NOPE"],
      ["item_unknown", "Last", "GONE"],
      ["currency_mismatch", null, null],
    ]);
    expect(pricesOf((await menuOf(tenant, singapore)).json)).toEqual({ Old: { A: 100 } });
    expect(await rowsOf(tenant, "SELECT menu_id FROM menus WHERE store_id = ?", singapore)).toHaveLength(1);
  });

  it("leaves hidden items out and lists them; the next publish projects what was hidden or shown since", async () => {
    const { tenant, store, draft } = await withLiveMenu();
    await setVisible(tenant, "A", false);
    const hidden = await publish(tenant, { draft_ids: [draft], store_ids: [store] });
    expect(hidden.stores[0]).toMatchObject({
      status: "live",
      menu_version: 2,
      left_out: [{ item_code: "A", menu: "Menu", section: "Coffee", reason: "hidden" }],
    });
    expect(pricesOf((await menuOf(tenant, store)).json)).toEqual({ Coffee: { B: 500 } });
    await setVisible(tenant, "A", true);
    await publish(tenant, { draft_ids: [draft], store_ids: [store] });
    expect(pricesOf((await menuOf(tenant, store)).json)).toEqual({ Coffee: { A: 450, B: 500 } });
  });

  it("takes an item that stands in two menus from the first", async () => {
    const { tenant, store } = await withLiveMenu();
    const first = await addDraft(tenant, [section("Specials", { B: 300 }), section("Coffee", { A: 400 })]);
    const second = await addDraft(tenant, [section("Coffee", { B: 999, C: 600 }, "grid")], { name: "Second" });
    const published = await publish(tenant, { draft_ids: [first, second], store_ids: [store] });
    const menu = (await menuOf(tenant, store)).json;
    expect(pricesOf(menu)).toEqual({ Specials: { B: 300 }, Coffee: { A: 400, C: 600 } });
    // One category of both menus, shown as the first of them says.
    expect(menu.categories.map((category: { view_type: string }) => category.view_type)).toEqual(["LIST", "LIST"]);
    expect(published.stores[0].left_out).toEqual([{ item_code: "B", menu: "Second", section: "Coffee", reason: "in_earlier_menu" }]);
  });

  it("is unchanged where snapshot and catalogue are as they were, and does nothing", async () => {
    const { tenant, store, draft } = await withLiveMenu();
    const live = "SELECT live_revision, publish_id FROM store_menus";
    const wanted = "SELECT requests FROM wanted WHERE kind = 'regenerate_store'";
    const before = [await rowsOf(tenant, live), await rowsOf(tenant, wanted)];
    const again = await publish(tenant, { draft_ids: [draft], store_ids: [store] });
    expect(again.stores[0]).toMatchObject({ status: "unchanged", menu_version: 1 });
    expect([await rowsOf(tenant, live), await rowsOf(tenant, wanted)]).toEqual(before);
    // Another draft of the same content shows the same.
    const twin = await addDraft(tenant, [section("Coffee", { A: 450, B: 500 }, "grid")]);
    expect((await publish(tenant, { draft_ids: [twin], store_ids: [store] })).stores[0].status).toBe("unchanged");
  });

  it("rolls back structure and prices, and leaves names current", async () => {
    const { tenant, store, draft, published } = await withLiveMenu();
    const body = { name: "Menu", currency: "USD", sections: [section("Tea", { C: 700 })] };
    expect((await tenant.call("PUT", `/api/v1/menus/drafts/${draft}`, { body })).json.revision).toBe(2);
    await publish(tenant, { draft_ids: [draft], store_ids: [store] });
    await rename(tenant, "A", "Flat white");
    const back = await publish(tenant, { publish_id: published.publish_id });
    expect(back).toMatchObject({ rollback_of: published.publish_id, stores: [{ store_id: store, status: "live", menu_version: 3 }] });
    const menu = (await menuOf(tenant, store)).json;
    expect(pricesOf(menu)).toEqual({ Coffee: { A: 450, B: 500 } });
    expect(menu.categories[0].items[0].name).toBe("Flat white");
  });

  it("never applies an older publish over a newer one, nor one twice", async () => {
    const { tenant, store, draft, published } = await withLiveMenu();
    const next = await addDraft(tenant, [section("Tea", { C: 700 })]);
    const newer = await publish(tenant, { draft_ids: [next], store_ids: [store] });
    const apply = menuWantedHandlers.publish_store;
    if (!apply) throw new Error("nobody applies publishes");
    const live = await rowsOf(tenant, "SELECT * FROM store_menus");

    await apply((await tenant.scope()).scope, await askAgain(tenant, newer.publish_id, store));
    expect(await rowsOf(tenant, "SELECT * FROM store_menus")).toEqual(live);

    await writeSql(tenant, ["UPDATE publish_stores SET status = 'queued' WHERE publish_id = ?", published.publish_id]);
    await apply((await tenant.scope()).scope, await askAgain(tenant, published.publish_id, store));
    expect(await rowsOf(tenant, "SELECT * FROM store_menus")).toEqual(live);
    const told = await tenant.call("GET", `/api/v1/menus/publishes/${published.publish_id}`);
    expect(told.json.stores[0].status).toBe("superseded");
    expect(pricesOf((await menuOf(tenant, store)).json)).toEqual({ Tea: { C: 700 } });
    expect(draft).not.toBe(next);
  });

  it("tells of itself in an event that fits its schema", async () => {
    const { tenant, store, draft, published } = await withLiveMenu();
    const [event] = await rowsOf(tenant, "SELECT data FROM outbox WHERE event_type = 'menu.published'");
    const data = menuEvents["menu.published"].parse(JSON.parse(String(event?.["data"])));
    expect(data).toMatchObject({ publish_id: published.publish_id, store_id: store, live_revision: 1, item_count: 2, left_out_count: 0 });
    expect(data.menus).toMatchObject([{ draft_id: draft, name: "Menu" }]);
  });

  it("tells of the prices that it changed, and of no other", async () => {
    const { tenant, store } = await withLiveMenu();
    const told = async () =>
      (await rowsOf(tenant, "SELECT data FROM outbox WHERE event_type = 'catalog.price.updated' ORDER BY sequence")).map(({ data }) => {
        const { prices, ...place } = menuEvents["catalog.price.updated"].parse(JSON.parse(String(data)));
        expect(place).toMatchObject({ store_id: store, currency: "USD" });
        return prices.map(({ sku, previous_price_minor, price_minor }) => [sku, previous_price_minor, price_minor]);
      });
    expect(await told()).toEqual([
      [
        ["A", null, 450],
        ["B", null, 500],
      ],
    ]);
    const next = await addDraft(tenant, [section("Coffee", { B: 550, C: 700, A: 450 })]);
    await publish(tenant, { draft_ids: [next], store_ids: [store] });
    await publish(tenant, { draft_ids: [next], store_ids: [store] });
    const reordered = await addDraft(tenant, [section("Coffee", { A: 450, B: 550 })]);
    await publish(tenant, { draft_ids: [reordered], store_ids: [store] });
    expect((await told()).slice(1)).toEqual([
      [
        ["B", 500, 550],
        ["C", null, 700],
      ],
    ]);
  });
});

describe("the V1 projection", () => {
  const LIVE_GROUPINGS = `SELECT c.name, g.variant_id FROM menu_item_category AS g JOIN item_categories AS c USING (item_category_id)
    WHERE g.deleted_at_ms IS NULL ORDER BY 1, 2`;
  const ITEM_CATEGORIES =
    "SELECT c.name, i.variant_id FROM item_item_category AS i JOIN item_categories AS c USING (item_category_id) ORDER BY 1, 2";
  const CATEGORIES = "SELECT name, provider, category_view_type AS view, deleted_at_ms IS NULL AS live FROM item_categories ORDER BY 1, 2";

  it("gets, revives or inserts categories and removes what no live menu holds", async () => {
    const { tenant, store } = await withLiveMenu();
    const held = [
      { name: "Coffee", variant_id: "v-A" },
      { name: "Coffee", variant_id: "v-B" },
    ];
    expect(await rowsOf(tenant, LIVE_GROUPINGS)).toEqual(held);
    expect(await rowsOf(tenant, ITEM_CATEGORIES)).toEqual(held);
    const [first] = await rowsOf(tenant, "SELECT item_category_id FROM item_categories");

    // A second store holds A in the same category.
    const other = await addStore(tenant, "Two");
    const onlyA = await addDraft(tenant, [section("Coffee", { A: 10 })]);
    await publish(tenant, { draft_ids: [onlyA], store_ids: [other] });
    const tea = await addDraft(tenant, [section("Tea", { C: 700 })], { provider: "square" });
    await publish(tenant, { draft_ids: [tea], store_ids: [store] });
    expect(await rowsOf(tenant, LIVE_GROUPINGS)).toEqual([
      { name: "Coffee", variant_id: "v-A" },
      { name: "Tea", variant_id: "v-C" },
    ]);
    expect(await rowsOf(tenant, ITEM_CATEGORIES)).toEqual(await rowsOf(tenant, LIVE_GROUPINGS));
    expect(await rowsOf(tenant, "SELECT count(*) AS n FROM menu_item_category WHERE deleted_at_ms IS NOT NULL")).toEqual([{ n: 2 }]);

    await publish(tenant, { draft_ids: [tea], store_ids: [other] });
    expect(await rowsOf(tenant, CATEGORIES)).toEqual([
      { name: "Coffee", provider: "servery", view: "LIST", live: 0 },
      { name: "Tea", provider: "square", view: "LIST", live: 1 },
    ]);
    await publish(tenant, { draft_ids: [onlyA], store_ids: [store] });
    expect(await rowsOf(tenant, "SELECT item_category_id FROM item_categories WHERE name = 'Coffee' AND deleted_at_ms IS NULL")).toEqual([
      first,
    ]);
  });

  it("keeps a bounded history", async () => {
    const { tenant, store } = await withLiveMenu();
    for (let round = 1; round <= 26; round++) {
      const draft = await addDraft(tenant, [section("Coffee", { A: round, B: round })]);
      await tenant.call("POST", "/api/v1/menus/publishes", { body: { draft_ids: [draft], store_ids: [store] } });
    }
    await tenant.settled();
    expect(await rowsOf(tenant, "SELECT live_revision FROM store_menus")).toEqual([{ live_revision: 27 }]);
    expect(await rowsOf(tenant, "SELECT count(*) AS n FROM menus")).toEqual([{ n: 21 }]);
    expect(await rowsOf(tenant, "SELECT count(*) AS n FROM menu_items")).toEqual([{ n: 42 }]);
    expect(await rowsOf(tenant, "SELECT count(*) AS n FROM menu_item_category")).toEqual([{ n: 42 }]);
  });
});
