import { describe, expect, it } from "vitest";
import { menuWantedHandlers } from "../../src/domains/menu/index.ts";
import { regenerateStore } from "../../src/domains/menu/regenerate-store.ts";
import { gunzip } from "../../src/kernel/gzip.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { addDraft, addItems, addStore, menuOf, publish, rename, setVisible, writeSql } from "../support/worker/menu-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

const rowsOf = async (tenant: TestTenant, sql: string, ...args: string[]) =>
  (await (await tenant.db()).read([statement(sql, ...args)], { fresh: true }))[0] ?? [];

async function withLiveMenu(count: number) {
  const tenant = await newTenant();
  const codes = Array.from({ length: count }, (_, index) => `I${index}`);
  await addItems(tenant, codes);
  const store = await addStore(tenant, "One");
  const draft = await addDraft(tenant, [{ name: "All", items: codes.map((item_code, index) => ({ item_code, price: index })) }]);
  await publish(tenant, { draft_ids: [draft], store_ids: [store] });
  return { tenant, store, draft };
}

/** Marks the store's regeneration wanted without telling the queue, and the message that would come. */
async function wantQuietly(tenant: TestTenant, store: string) {
  await writeSql(tenant, ["UPDATE wanted SET state = 'wanted', requests = requests + 1, due_at_ms = 9e15 WHERE kind = 'regenerate_store'"]);
  const [row] = await rowsOf(tenant, "SELECT requests FROM wanted WHERE kind = 'regenerate_store'");
  return {
    type: "wanted" as const,
    tenant_id: tenant.tenant_id,
    kind: "regenerate_store" as const,
    key: store,
    requests: Number(row?.["requests"]),
    payload: { store_id: store },
  };
}

const regenerate = async (
  tenant: TestTenant,
  store: string,
  within?: (scope: Awaited<ReturnType<TestTenant["scope"]>>["scope"]) => void,
) => {
  const handler = menuWantedHandlers.regenerate_store;
  if (!handler) throw new Error("nobody regenerates");
  const message = await wantQuietly(tenant, store);
  const { scope, meter } = await tenant.scope();
  within?.(scope);
  await handler(scope, message);
  return meter;
};

const DOCUMENT =
  "SELECT menu_version, live_revision, catalog_revision, content_hash, compiled_at_ms, hex(body) AS body FROM storefront_documents";

describe("a regeneration", () => {
  it("projects the catalogue as it is, and raises the version only where the content is another", async () => {
    const { tenant, store } = await withLiveMenu(3);
    const before = await rowsOf(tenant, DOCUMENT);
    await regenerate(tenant, store);
    expect(await rowsOf(tenant, DOCUMENT)).toEqual(before);

    await writeSql(tenant, ["UPDATE catalog_state SET revision = revision + 1"]);
    await regenerate(tenant, store);
    expect(await rowsOf(tenant, DOCUMENT)).toEqual([{ ...before[0], catalog_revision: Number(before[0]?.["catalog_revision"]) + 1 }]);

    await rename(tenant, "I0", "Renamed");
    await setVisible(tenant, "I1", false);
    await regenerate(tenant, store);
    const menu = (await menuOf(tenant, store, { "min-menu-version": "2" })).json;
    expect(menu.categories[0].items.map(({ name }: { name: string }) => name)).toEqual(["Renamed", "Item I2"]);
  });

  it("leaves items_flat as a rebuild from nothing would, whatever came before and however often", async () => {
    const { tenant, store, draft } = await withLiveMenu(3);
    const body = {
      name: "Menu",
      currency: "USD",
      sections: [{ name: "Two", display_type: "grid", items: [{ item_code: "I2", price: 5 }] }],
    };
    await tenant.call("PUT", `/api/v1/menus/drafts/${draft}`, { body });
    await publish(tenant, { draft_ids: [draft], store_ids: [store] });
    await regenerate(tenant, store);
    const flat = await rowsOf(tenant, "SELECT * FROM items_flat ORDER BY position");
    expect(flat).toMatchObject([{ position: 0, category_name: "Two", category_view_type: "GRID", item_code: "I2", price_minor: 5 }]);
    const document = await rowsOf(tenant, DOCUMENT);
    await writeSql(tenant, ["DELETE FROM items_flat"], ["UPDATE storefront_documents SET content_hash = ''"]);
    await regenerate(tenant, store);
    expect(await rowsOf(tenant, "SELECT * FROM items_flat ORDER BY position")).toEqual(flat);
    expect(await rowsOf(tenant, DOCUMENT)).toMatchObject([{ content_hash: document[0]?.["content_hash"], menu_version: 3 }]);
  });

  it("is decided again where store or catalogue moved on while it was compiled", async () => {
    const { tenant, store } = await withLiveMenu(2);
    let reads = 0;
    await rename(tenant, "I0", "First");
    await regenerate(tenant, store, (scope) => {
      const read = scope.db.read.bind(scope.db);
      scope.db.read = async (...args) => {
        const result = await read(...args);
        reads += 1;
        if (reads === 1) await rename(tenant, "I0", "Second");
        return result;
      };
    });
    expect(reads).toBe(2);
    const menu = (await menuOf(tenant, store, { "min-menu-version": "2" })).json;
    expect(menu.menu_version).toBe(2);
    expect(menu.categories[0].items[0].name).toBe("Second");
  });

  it("does nothing for a message whose work is done, and gives a store without a menu no document", async () => {
    const { tenant, store } = await withLiveMenu(2);
    const handler = menuWantedHandlers.regenerate_store;
    const { scope, meter } = await tenant.scope();
    const payload = { store_id: store };
    await handler?.(scope, { type: "wanted", tenant_id: tenant.tenant_id, kind: "regenerate_store", key: store, requests: 1, payload });
    expect(meter.round_trips).toBe(1);
    expect(meter.rows_written).toBe(0);

    const empty = await addStore(tenant, "Empty");
    const key = await tenant.key("kds");
    const asked = await tenant.call("POST", "/v1/items-flat/regenerate", { body: { store_id: empty }, key, idempotency_key: null });
    expect(asked).toMatchObject({ status: 202, json: { store_id: empty, status: "queued" } });
    await tenant.settled();
    expect(await rowsOf(tenant, "SELECT store_id FROM storefront_documents WHERE store_id = ?", empty)).toEqual([]);
    const refused = await tenant.call("POST", "/v1/items-flat/regenerate", { body: { store_id: empty }, key: await tenant.key("menu") });
    expect(refused.status).toBe(403);
    const unknown = await tenant.call("POST", "/v1/items-flat/regenerate", { body: { store_id: "nope" }, key });
    expect(unknown).toMatchObject({ status: 404, json: { code: "NOT_FOUND" } });
  });

  it("takes two round trips and rows linear in the store's own items", async () => {
    const costs: { trips: number; rows: number }[] = [];
    for (const count of [20, 200]) {
      const { tenant, store } = await withLiveMenu(count);
      const measure = async () => {
        await writeSql(tenant, ["UPDATE storefront_documents SET content_hash = '' WHERE store_id = ?", store]);
        const meter = await regenerate(tenant, store);
        return { trips: meter.round_trips, rows: meter.rows_read };
      };
      const alone = await measure();
      if (count === 20) {
        // Another store with a larger menu, and a history of this one.
        const codes = Array.from({ length: 300 }, (_, index) => `X${index}`);
        await addItems(tenant, codes);
        const other = await addStore(tenant, "Other");
        const draft = await addDraft(tenant, [{ name: "All", items: codes.map((item_code) => ({ item_code, price: 1 })) }]);
        await publish(tenant, { draft_ids: [draft], store_ids: [other] });
        const among = await measure();
        expect(among.trips).toBe(alone.trips);
        // A few rows more are looked at where a look-up meets a neighbour; never the other store's 300.
        expect(among.rows - alone.rows).toBeLessThan(15);
      }
      costs.push(alone);
    }
    const [small, large] = costs;
    expect(small?.trips).toBe(2);
    expect(large?.trips).toBe(2);
    expect((large?.rows ?? 0) / (small?.rows ?? 1)).toBeLessThan(10.5);
    expect(large?.rows).toBeLessThan(50 * 200);
  });

  it("shows modifiers, bundles, images, tax, tags and allergens as the storefront needs them", async () => {
    const tenant = await newTenant();
    await addItems(tenant, ["A", "SET"]);
    await writeSql(
      tenant,
      [
        `UPDATE products SET description = 'Two shots', main_image_url = 't/items/x.jpg', external_image_url = 'https://cdn.example/a.jpg',
         tags = '["hot"]', allergens = '["milk"]', tax_rate_e4 = 82500 WHERE product_id = 'p-A'`,
      ],
      ["UPDATE products SET external_image_url = 'https://cdn.example/s.jpg' WHERE product_id = 'p-SET'"],
      [
        "INSERT INTO modifier_groups (modifier_group_id, name, original_name, min_select, max_select, created_at_ms, updated_at_ms) VALUES ('g-size', 'Size', 'Size', 1, 1, 0, 0), ('g-extra', 'Extra', 'Extra', 0, 2, 0, 0)",
      ],
      [
        `INSERT INTO modifier_options (modifier_option_id, modifier_group_id, external_id, name, price_delta_minor, item_code, provider_active, is_default, position)
         VALUES ('o-l', 'g-size', 'l', 'Large', 100, NULL, 1, 0, 1), ('o-m', 'g-size', 'm', 'Medium', 0, 'M', 1, 1, 0),
           ('o-gone', 'g-size', 'x', 'Gone', 0, NULL, 0, 0, 2), ('o-oat', 'g-extra', 'oat', 'Oat milk', 80, NULL, 0, 0, 0)`,
      ],
      ["INSERT INTO product_modifier_groups VALUES ('p-A', 'g-extra', 1, 1, -1), ('p-A', 'g-size', 0, NULL, NULL)"],
      ["INSERT INTO bundle_components VALUES ('v-SET', 'A', 15000, 1), ('v-SET', 'LATER', 10000, 0)"],
    );
    const store = await addStore(tenant, "One");
    const items = [
      { item_code: "A", price: 450 },
      { item_code: "SET", price: 900 },
    ];
    await publish(tenant, { draft_ids: [await addDraft(tenant, [{ name: "Coffee", items }])], store_ids: [store] });
    const [coffee, set] = (await menuOf(tenant, store)).json.categories[0].items;
    expect(coffee).toEqual({
      code: "A",
      variant_id: "v-A",
      product_id: "p-A",
      name: "Item A",
      description: "Two shots",
      price: 450,
      image_url: "/media/t/items/x.jpg",
      tax_rate: 8.25,
      tags: ["hot"],
      allergens: ["milk"],
      modifier_groups: [
        {
          id: "g-size",
          name: "Size",
          min: 1,
          max: 1,
          options: [
            { id: "o-m", name: "Medium", price: 0, code: "M", default: true },
            { id: "o-l", name: "Large", price: 100, code: null, default: false },
          ],
        },
        { id: "g-extra", name: "Extra", min: 1, max: null, options: [] },
      ],
      bundle: [],
    });
    expect(set).toMatchObject({
      image_url: "https://cdn.example/s.jpg",
      tax_rate: null,
      bundle: [
        { code: "LATER", name: "LATER", quantity: 1 },
        { code: "A", name: "Item A", quantity: 1.5 },
      ],
    });
  });
});

it("our images are shown under the environment's media base; the catalogue's paths stay relative", async () => {
  const tenant = await newTenant();
  await addItems(tenant, ["A", "B"]);
  await writeSql(
    tenant,
    ["UPDATE products SET main_image_url = 't/items/a.png', external_image_url = 'https://x.example/a.png' WHERE product_id = 'p-A'"],
    ["UPDATE products SET external_image_url = 'https://x.example/b.png' WHERE product_id = 'p-B'"],
  );
  const store = await addStore(tenant, "Corner");
  const items = ["A", "B"].map((item_code) => ({ item_code, price: 100 }));
  const draft = await addDraft(tenant, [{ name: "All", items }]);
  await publish(tenant, { draft_ids: [draft], store_ids: [store] });
  const { scope } = await tenant.scope();
  await tenant.call("POST", "/v1/items-flat/regenerate", {
    key: await tenant.key("kds"),
    body: { store_id: store },
    idempotency_key: null,
  });
  await tenant.settled();
  await writeSql(tenant, [
    "UPDATE wanted SET state = 'wanted', due_at_ms = ?1, wanted_at_ms = ?1 WHERE kind = 'regenerate_store'",
    Date.now() + 3_600_000,
  ]);
  const config = { ...scope.config, MEDIA_BASE_URL: "https://cdn.example/media" };
  expect(await regenerateStore({ ...scope, config }, store)).toBe("raised");
  const shown = [
    ["A", "https://cdn.example/media/t/items/a.png"],
    ["B", "https://x.example/b.png"],
  ];
  const [flat = []] = await scope.db.read([statement("SELECT item_code, image_url FROM items_flat ORDER BY position")], { fresh: true });
  expect(flat.map((row) => [row["item_code"], row["image_url"]])).toEqual(shown);
  const [document = []] = await scope.db.read([statement("SELECT body FROM storefront_documents")], { fresh: true });
  const text = new TextDecoder().decode(await gunzip(document[0]?.["body"] as Uint8Array));
  expect(JSON.parse(text).categories[0].items.map((item: { code: string; image_url: string }) => [item.code, item.image_url])).toEqual(
    shown,
  );
});
