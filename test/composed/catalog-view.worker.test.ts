import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { RequestScope } from "../../src/platform/http/scope.ts";
import { addDraft, addItems, addModifierGroup, addStore, menuOf, publish, rename, writeSql } from "../support/worker/menu-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

const CODES = ["A", "B", "C", "D", "E"];
let tenant: TestTenant;
let store: string;
let location: string;

/** What stands against an item at the store, as the slice of stock writes it. */
const judge = (
  code: string,
  reason: string | null,
  availableE4: number | null,
  untilMs: number | null = null,
  after: string | null = null,
) =>
  writeSql(tenant, [
    `INSERT INTO orderability_projection (location_id, variant_id, item_code, reason_code, available_e4, snoozed_until_ms, reason_after, change_id, updated_at_ms)
     VALUES (?1, 'v-' || ?2, ?2, ?3, ?4, ?5, ?6, 'test', 0)
     ON CONFLICT (location_id, variant_id) DO UPDATE SET reason_code = excluded.reason_code, available_e4 = excluded.available_e4,
       snoozed_until_ms = excluded.snoozed_until_ms, reason_after = excluded.reason_after`,
    location,
    code,
    reason,
    availableE4,
    untilMs,
    after,
  ]);

beforeAll(async () => {
  tenant = await newTenant();
  await addItems(tenant, [...CODES, "NOT-HERE"]);
  await rename(tenant, "A", "Café Latté");
  await rename(tenant, "B", "Latte macchiato");
  await rename(tenant, "C", "Crème brûlée");
  await rename(tenant, "NOT-HERE", "Latte nowhere");
  await writeSql(tenant, ["UPDATE products SET description = 'Goes with a latte' WHERE product_id = 'p-D'"]);
  await addModifierGroup(tenant, ["A"]);
  store = await addStore(tenant, "One");
  location = (await tenant.call("GET", `/api/v1/stores/${store}`, { headers: await newest() })).json.location_id;
  const draft = await addDraft(tenant, [
    {
      name: "Coffee",
      items: [
        { item_code: "A", price: 450 },
        { item_code: "B", price: 500 },
      ],
    },
    { name: "Sweet", items: CODES.slice(2).map((item_code, n) => ({ item_code, price: 300 + n })) },
  ]);
  await publish(tenant, { draft_ids: [draft], store_ids: [store] });
  await judge("A", null, 125_000);
  await judge("B", "no_stock", 0);
  await judge("C", "snoozed", null, 1, null);
  await judge("D", "snoozed", null, Date.now() + 3_600_000, "no_stock");
});

const view = async (query = "", path = `/api/v1/stores/${store}/catalog-view`) =>
  tenant.call("GET", `${path}${query}`, { key: null, headers: await newest() });

/** Past a replica that lags. */
async function newest(): Promise<Record<string, string>> {
  const written = await tenant.call("POST", "/api/v1/menus/drafts", { body: { name: "x", currency: "USD", sections: [] } });
  return { "consistency-token": written.headers.get("consistency-token") ?? "" };
}

interface ViewItem {
  code: string;
  orderable: boolean;
  reason?: string;
  available?: number;
}

describe("catalog-view", () => {
  it("is the menu, item by item, with what can be ordered now", async () => {
    const { status, json } = await view();
    expect(status).toBe(200);
    const menu = (await menuOf(tenant, store)).json;
    const expected = menu.categories.flatMap((category: { id: string; name: string; view_type: string; items: object[] }) =>
      category.items.map((item) => ({ ...item, category: { id: category.id, name: category.name, view_type: category.view_type } })),
    );
    const items = json.data.map(({ orderable: _, reason: __, available: ___, ...item }: ViewItem) => item);
    expect(items).toEqual(expected);
    expect(items[0].modifier_groups[0].options).toHaveLength(12);
    expect(json).toMatchObject({
      store: { id: store, location_id: location, orderable: true },
      menu_version: menu.menu_version,
      currency: "USD",
    });
    expect(json.data.map(({ code, orderable, reason, available }: ViewItem) => [code, orderable, reason, available])).toEqual([
      ["A", true, undefined, 12.5],
      ["B", false, "no_stock", 0],
      ["C", true, undefined, undefined],
      ["D", false, "snoozed", undefined],
      ["E", true, undefined, undefined],
    ]);
    expect(json.next_cursor).toBeNull();
  });

  it("comes in pages that together are the whole", async () => {
    const codes: string[] = [];
    let cursor = "";
    for (let pages = 0; ; pages++) {
      expect(pages).toBeLessThan(3);
      const { json } = await view(`?limit=2${cursor}`);
      codes.push(...json.data.map(({ code }: ViewItem) => code));
      if (json.next_cursor === null) break;
      cursor = `&cursor=${json.next_cursor}`;
    }
    expect(codes).toEqual(CODES);
  });

  it("costs one round trip and statements that do not grow with the page", async () => {
    const { scope, meter } = await tenant.scope();
    const { viewStatements } = await import("../../src/domains/storefront/catalog-view-reader.ts");
    const few = await scope.db.read(viewStatements({ store_id: store }, -1, 1));
    const many = await scope.db.read(viewStatements({ store_id: store }, -1, 50));
    expect([few.length, many.length]).toEqual([3, 3]);
    expect(meter.round_trips).toBe(2);
    // Of the five items: the store's row with its joins, each item twice (the menu, the page's places) and four judgements.
    expect(meter.rows_read).toBeLessThan(40);
  });

  it("says of a paused store that nothing can be ordered, and of an item its own reason first", async () => {
    await writeSql(tenant, [
      "INSERT INTO store_trading (store_id, is_paused, paused_until_ms, version, changed_at_ms) VALUES (?, 1, NULL, 1, 0)",
      store,
    ]);
    const { json } = await view();
    const orderability = await tenant.call("GET", `/api/v1/stores/${store}/orderability`, { key: null, headers: await newest() });
    await writeSql(tenant, ["DELETE FROM store_trading WHERE store_id = ?", store]);
    expect(json.orderability_version).toBe(orderability.json.version);
    expect(json.store).toMatchObject({ orderable: false, reason: "store_paused" });
    expect(json.data.map(({ reason }: ViewItem) => reason)).toEqual([
      "store_paused",
      "no_stock",
      "store_paused",
      "snoozed",
      "store_paused",
    ]);
  });

  it("is told to other services by location, with a key only", async () => {
    const path = "/internal/store-catalog-view";
    expect((await tenant.call("GET", `${path}?location_id=${location}`, { key: null })).status).toBe(401);
    const key = await tenant.key("read");
    const { json, status } = await tenant.call("GET", `${path}?location_id=${location}&limit=3`, { key });
    expect(status).toBe(200);
    expect(json.data.map(({ code }: ViewItem) => code)).toEqual(["A", "B", "C"]);
    expect((await tenant.call("GET", `${path}?location_id=nowhere`, { key })).status).toBe(404);
  });

  it("refuses what is no store, no menu and no cursor", async () => {
    const empty = await addStore(tenant, "Empty");
    expect((await view("", "/api/v1/stores/nowhere/catalog-view")).status).toBe(404);
    expect((await view("", `/api/v1/stores/${empty}/catalog-view`)).status).toBe(404);
    for (const cursor of ["x", btoa('["a"]'), btoa("[1,2]")]) expect((await view(`?cursor=${cursor}`)).status).toBe(400);
    expect((await view("?limit=0")).status).toBe(422);
  });
});

const search = async (q: string, more = "") => {
  const path = `/api/v1/stores/${store}/search?q=${encodeURIComponent(q)}${more}`;
  return tenant.call("GET", path, { key: null });
};

const found = async (q: string) => (await search(q)).json.data.map(({ code }: ViewItem) => code);

describe("search", () => {
  it("finds by prefix, without case and diacritics, what is live at this store, the name before the description", async () => {
    expect(await found("LATT")).toEqual(["A", "B", "D"]);
    expect(await found("creme bru")).toEqual(["C"]);
    expect(await found("brulee")).toEqual(["C"]);
    expect(await found("lat mac")).toEqual(["B"]);
    expect(await found("e")).toContain("E");
    expect(await found("nowhere")).toEqual([]);
  });

  it("tells of each whether it can be ordered", async () => {
    const { json } = await search("latt");
    expect(json.query).toBe("latt");
    expect(json.data).toMatchObject([
      { code: "A", orderable: true, available: 12.5, price: 450 },
      { code: "B", orderable: false, reason: "no_stock" },
      { code: "D", orderable: false, reason: "snoozed" },
    ]);
    expect((await search("latt", "&limit=1")).json.data).toHaveLength(1);
  });

  it("costs one round trip, and of the catalogue what is on the store's menu", async () => {
    const { scope, meter } = await tenant.scope();
    const { searchStore } = await import("../../src/domains/storefront/search-store.ts");
    await searchStore(scope as RequestScope, store, { q: "latte", limit: 20 });
    expect(meter.round_trips).toBe(1);
    const few = meter.rows_read;
    // All found, none of them here: the words are looked at, nothing more.
    await addItems(
      tenant,
      Array.from({ length: 200 }, (_, n) => `ELSEWHERE-${n}`),
    );
    await writeSql(tenant, ["UPDATE products SET name = 'Latte elsewhere' WHERE product_id LIKE 'p-ELSEWHERE-%'"]);
    await newest();
    await searchStore(scope as RequestScope, store, { q: "latte", limit: 20 });
    expect(meter.rows_read - few).toBeLessThan(few + 250);
  });

  it("never fails, whatever is asked", async () => {
    const awkward = [
      '"',
      '""',
      "*",
      "a*",
      "-a",
      "^a",
      "a AND",
      "NOT",
      "NEAR(a b)",
      "name:a",
      "{a}:b",
      "(",
      "a + b",
      "'; DROP TABLE x",
      "\0",
      "\0a",
      "é́",
      "中文",
      "🍕",
    ];
    for (const q of awkward) expect([q, (await search(q)).status]).toEqual([q, 200]);
    const operators = fc
      .array(fc.constantFrom('"', "*", "NEAR(", "AND", "OR", "NOT", "-", "+", ":", "^", "{", "}", ")", "name", ",", "5", " ", "🍕", "é"), {
        maxLength: 12,
      })
      .map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: "binary", maxLength: 20 }), operators), async (q) => {
        expect((await search(q)).status).toBe(200);
      }),
      { numRuns: 100 },
    );
    expect((await search("a".repeat(201))).status).toBe(422);
    expect((await tenant.call("GET", "/api/v1/stores/nowhere/search?q=a", { key: null })).status).toBe(404);
  });
});
