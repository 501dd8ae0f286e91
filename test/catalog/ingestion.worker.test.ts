import { describe, expect, test } from "vitest";
import { catalogEvents } from "../../src/domains/catalog/index.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { cafe, ingest, keyIsKnown, newSource, productOf, remember, shelf, variantOf } from "./cata-payload.ts";

const rows = async (tenant: TestTenant, sql: string) => (await (await tenant.db()).read([statement(sql)], { fresh: true }))[0] ?? [];

async function expectSoundEvents(tenant: TestTenant): Promise<void> {
  for (const row of await rows(tenant, "SELECT event_type, data FROM outbox WHERE event_type LIKE 'catalog.%'")) {
    const schema = catalogEvents[row["event_type"] as keyof typeof catalogEvents];
    expect(schema.safeParse(JSON.parse(String(row["data"]))).error, String(row["data"])).toBeUndefined();
  }
}

const footprint = (tenant: TestTenant) =>
  rows(
    tenant,
    `SELECT (SELECT revision FROM catalog_state) AS revision, (SELECT count(*) FROM catalog_item_versions) AS versions,
       (SELECT count(*) FROM outbox WHERE event_type <> 'catalog.ingestion.completed') AS events`,
  );

describe("ingestion", () => {
  test("a payload becomes a catalogue; the second time all is unchanged", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const first = await ingest(tenant, source, cafe());
    remember(tenant, first);
    expect(first.status).toBe(201);
    expect(first.json).toMatchObject({
      status: "completed",
      dry_run: false,
      received: 4,
      inserted: 4,
      updated: 0,
      unchanged: 0,
      failed: 0,
      held: 0,
      hidden: 0,
      by_entity: {
        category: { inserted: 2, updated: 0, unchanged: 0 },
        modifier_group: { inserted: 1, updated: 0, unchanged: 0 },
        product: { inserted: 3, updated: 0, unchanged: 0 },
        variant: { inserted: 4, updated: 0, unchanged: 0 },
      },
      progress: { chunks: 1, chunks_done: 1 },
      held_fields: [],
      errors: [],
    });
    const latte = await productOf(tenant, "LATTE-S");
    expect(latte).toMatchObject({
      name: "Latte",
      visible: true,
      allergens: ["milk"],
      categories: [{ name: "Drinks" }, { name: "Iced" }],
      modifier_groups: [
        {
          name: "Milk",
          min: 0,
          max: 1,
          options: [
            { name: "Oat", price: 80 },
            { name: "Soy", price: 60 },
          ],
        },
      ],
      fields: { name: { owner: "provider", offered: "Latte" } },
      variants: [
        { item_code: "LATTE-S", name: "Latte – Small", base_price: 500, currency: "USD" },
        { item_code: "LATTE-L", name: "Latte – Large" },
      ],
    });
    expect((await variantOf(tenant, "SET")).bundle).toEqual([
      { item_code: "LATTE-S", quantity: 1 },
      { item_code: "BUN", quantity: 1.5 },
    ]);
    const categories = await rows(
      tenant,
      "SELECT c.name, p.name AS parent FROM categories c LEFT JOIN categories p ON p.category_id = c.parent_id",
    );
    expect(categories).toContainEqual({ name: "Iced", parent: "Drinks" });

    const before = await footprint(tenant);
    const second = await ingest(tenant, source, cafe());
    expect(second.json).toMatchObject({ received: 4, inserted: 0, updated: 0, unchanged: 4, failed: 0, held: 0 });
    expect(await footprint(tenant)).toEqual(before);
    await expectSoundEvents(tenant);
  });

  test("what is ours is kept and reported held; prices of options too", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    await ingest(tenant, source, cafe());
    const latte = await productOf(tenant, "LATTE-S");
    const bun = await variantOf(tenant, "BUN");
    const renamed = await tenant.call("PATCH", `/api/v1/products/${latte.id}`, { body: { name: "House latte", description: "Ours." } });
    expect(renamed.json).toMatchObject({
      name: "House latte",
      fields: { name: { owner: "ours", offered: "Latte" }, description: { owner: "ours", offered: "Two shots." } },
    });
    await tenant.call("PATCH", `/api/v1/variants/${bun.id}`, { body: { name: "Sticky bun" } });

    const again = await ingest(tenant, source, cafe());
    expect(again.json).toMatchObject({ unchanged: 4, updated: 0, held: 5 });
    expect(again.json.held_fields).toContainEqual({ item_code: "LATTE-L", field: "name", kept: "House latte", offered: "Latte" });
    expect(again.json.held_fields).toContainEqual({ item_code: "BUN", field: "name", kept: "Sticky bun", offered: "Bun" });

    const changed = cafe();
    Object.assign(changed.products[0] ?? {}, { name: "Caffè latte", description: "Three shots." });
    const oat = changed.modifier_groups?.[0]?.options[0];
    if (oat) oat.price = 95;
    const sync = await ingest(tenant, source, changed);
    remember(tenant, sync);
    expect(sync.json).toMatchObject({ updated: 2, unchanged: 2, by_entity: { modifier_group: { updated: 0, unchanged: 1 } } });
    expect(sync.json.held_fields).toContainEqual({ item_code: "LATTE-S", field: "modifier_groups.Milk.Oat.price", kept: 80, offered: 95 });
    expect(sync.json.held).toBe(sync.json.held_fields.length);
    const kept = await productOf(tenant, "LATTE-S");
    expect(kept).toMatchObject({
      name: "House latte",
      description: "Ours.",
      fields: { name: { offered: "Caffè latte" }, description: { offered: "Three shots." } },
      modifier_groups: [{ options: [{ name: "Oat", price: 80 }, { name: "Soy" }] }],
    });
    expect((await variantOf(tenant, "BUN")).name).toBe("Sticky bun");

    const given = await tenant.call("PATCH", `/api/v1/products/${latte.id}`, { body: { name: "Caffè latte" } });
    expect(given.json.fields.name).toEqual({ owner: "provider", offered: "Caffè latte" });
    const released = await tenant.call("PATCH", `/api/v1/variants/${bun.id}`, { body: { name: null } });
    expect(released.json).toMatchObject({ name: "Bun", own_name: null });
    await expectSoundEvents(tenant);
  });

  test("inactive at the provider hides and comes back; hidden by hand stays", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    await ingest(tenant, source, cafe());
    const bun = await variantOf(tenant, "BUN");
    const hidden = await tenant.call("PATCH", `/api/v1/variants/${bun.id}`, { body: { visible: false } });
    expect(hidden.json).toMatchObject({ visible: false, hidden: true });
    const off = cafe();
    for (const product of off.products) product.active = false;
    const sync = await ingest(tenant, source, off);
    remember(tenant, sync);
    expect(sync.json).toMatchObject({ updated: 4, hidden: 4 });
    expect((await variantOf(tenant, "LATTE-S")).visible).toBe(false);
    remember(tenant, await ingest(tenant, source, cafe()));
    expect((await variantOf(tenant, "LATTE-S")).visible).toBe(true);
    expect((await variantOf(tenant, "BUN")).visible).toBe(false);
    const shown = await tenant.call("PATCH", `/api/v1/variants/${bun.id}`, { body: { visible: true } });
    expect(shown.json.visible).toBe(true);
  });

  test("missing is left alone; a source that hides asks when it is much", async () => {
    const tenant = await newTenant();
    const keeping = await newSource(tenant);
    await ingest(tenant, keeping, shelf(10));
    expect((await ingest(tenant, keeping, shelf(1))).json).toMatchObject({ status: "completed", unchanged: 1, hidden: 0 });

    const hiding = await newTenant();
    const source = await newSource(hiding, { settings: { on_missing: "hide" } });
    await ingest(hiding, source, shelf(10));
    expect((await ingest(hiding, source, shelf(9), "?dry_run=true")).json).toMatchObject({ status: "completed", hidden: 1 });
    const few = await ingest(hiding, source, shelf(9));
    remember(hiding, few);
    expect(few.json).toMatchObject({ status: "completed", unchanged: 9, hidden: 1 });
    expect((await variantOf(hiding, "CODE-9")).visible).toBe(false);
    expect((await ingest(hiding, source, shelf(9))).json.hidden).toBe(0);

    for (const payload of [shelf(4), shelf(0)]) {
      expect((await ingest(hiding, source, payload, "?dry_run=true")).json).toMatchObject({ status: "needs_confirmation", hidden: 0 });
      const doubtful = await ingest(hiding, source, payload);
      expect(doubtful.json).toMatchObject({ status: "needs_confirmation", hidden: 0, failure: expect.stringContaining("hide") });
    }
    const confirmed = await ingest(hiding, source, shelf(4), "?confirm=true");
    remember(hiding, confirmed);
    expect(confirmed.json).toMatchObject({ status: "completed", unchanged: 4, hidden: 5 });
    remember(hiding, await ingest(hiding, source, shelf(10)));
    expect((await variantOf(hiding, "CODE-9")).visible).toBe(true);
    await expectSoundEvents(hiding);
  });

  test("an item code of two sources is a row error naming both", async () => {
    const tenant = await newTenant();
    const tills = await newSource(tenant, { name: "Tills" });
    const feed = await newSource(tenant, { name: "Feed" });
    await ingest(tenant, tills, { ...shelf(0), products: [{ id: "t1", name: "Tea", item_code: "TEA", price: 100 }] });
    const clash = await ingest(tenant, feed, {
      ...shelf(0),
      products: [
        { id: "f1", name: "Tee", item_code: "TEA", price: 1 },
        { id: "f2", name: "Pot", item_code: "POT", price: 2 },
      ],
    });
    expect(clash.json).toMatchObject({ status: "completed", received: 2, inserted: 1, failed: 1 });
    expect(clash.json.errors).toEqual([
      {
        position: "products[0]",
        item_code: "TEA",
        reason: "ITEM_CODE_TAKEN",
        message: 'item_code "TEA" of "f1" of source system "Feed" belongs to "t1" of source system "Tills".',
      },
    ]);
    expect(await rows(tenant, "SELECT count(*) AS products FROM products")).toEqual([{ products: 2 }]);
  });

  test("codes may be swapped, and a recreated item keeps its variant", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    remember(tenant, await ingest(tenant, source, shelf(3)));
    const [zero, one, two] = [await variantOf(tenant, "CODE-0"), await variantOf(tenant, "CODE-1"), await variantOf(tenant, "CODE-2")];
    const swapped = shelf(3);
    Object.assign(swapped.products[0] ?? {}, { item_code: "CODE-1" });
    Object.assign(swapped.products[1] ?? {}, { item_code: "CODE-0" });
    Object.assign(swapped.products[2] ?? {}, { id: "anew" });
    const sync = await ingest(tenant, source, swapped);
    remember(tenant, sync);
    expect(sync.json).toMatchObject({ updated: 3, inserted: 0, failed: 0 });
    expect((await variantOf(tenant, "CODE-1")).id).toBe(zero.id);
    expect((await variantOf(tenant, "CODE-0")).id).toBe(one.id);
    expect((await variantOf(tenant, "CODE-2")).id).toBe(two.id);
    expect((await ingest(tenant, source, swapped)).json).toMatchObject({ unchanged: 3 });
  });

  test("structure follows the provider: options, groups, categories, components; the image does, our copy stays", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    remember(tenant, await ingest(tenant, source, cafe()));
    const bun = await productOf(tenant, "BUN");
    const { scope } = await tenant.scope();
    await scope.db.write({
      id: crypto.randomUUID(),
      lane: "sale",
      wakes: false,
      steps: [
        statement("UPDATE products SET main_image_url = 't/items/ours.jpg', image_owner = 'ours' WHERE product_id = ?", bun.id),
        statement(
          `INSERT INTO variant_prices (variant_price_id, variant_id, currency, price_minor, effective_from_ms, created_at_ms)
           SELECT 'price', variant_id, 'USD', 321, 0, 0 FROM variants WHERE item_code = 'BUN'`,
        ),
      ],
      answer: { status: 200, select: statement("SELECT 'null'") },
    });

    const changed = cafe();
    changed.categories = [
      { id: "drinks", name: "Hot drinks" },
      { id: "food", name: "Food" },
    ];
    changed.modifier_groups?.[0]?.options.splice(1, 1, { id: "cow", name: "Cow", price: 0 });
    changed.modifier_groups?.push({ id: "sugar", name: "Sugar", min: 1, max: 1, options: [{ id: "one", name: "One", price: 0 }] });
    const [latte, bread, set] = changed.products;
    Object.assign(latte ?? {}, { categories: ["drinks"], modifier_groups: [{ id: "sugar" }, { id: "milk", min: 1, max: null }] });
    Object.assign(bread ?? {}, { categories: ["food"], image_url: "https://img.example/new.jpg", price: 999 });
    Object.assign(set ?? {}, { bundle: [{ item_code: "BUN", quantity: 2 }] });
    const sync = await ingest(tenant, source, changed);
    remember(tenant, sync);
    expect(sync.json).toMatchObject({
      updated: 4,
      by_entity: { category: { inserted: 1, updated: 1 }, modifier_group: { inserted: 1, updated: 1 } },
    });
    expect(sync.json.held_fields).toEqual([
      { item_code: "BUN", field: "image", kept: "t/items/ours.jpg", offered: "https://img.example/new.jpg" },
    ]);
    expect(await productOf(tenant, "LATTE-S")).toMatchObject({
      categories: [{ name: "Hot drinks" }],
      modifier_groups: [
        { name: "Sugar", min: 1, max: 1 },
        {
          name: "Milk",
          min: 1,
          max: null,
          options: [
            { name: "Oat", active: true },
            { name: "Cow", active: true },
            { name: "Soy", active: false },
          ],
        },
      ],
    });
    expect(await productOf(tenant, "BUN")).toMatchObject({
      image_url: "/media/t/items/ours.jpg",
      fields: { image: { owner: "ours", offered: "https://img.example/new.jpg" } },
      categories: [{ name: "Food" }],
      variants: [{ base_price: 999 }],
    });
    expect((await variantOf(tenant, "SET")).bundle).toEqual([{ item_code: "BUN", quantity: 2 }]);
    expect(await rows(tenant, "SELECT price_minor FROM variant_prices")).toEqual([{ price_minor: 321 }]);
    expect((await ingest(tenant, source, changed)).json).toMatchObject({ updated: 0, unchanged: 4 });
  });

  test("an older version is left alone and named", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const at = (version: number, name: string) => ({ ...shelf(0), products: [{ id: "p", name, item_code: "P", price: 1, version }] });
    await ingest(tenant, source, at(5, "Five"));
    expect((await ingest(tenant, source, at(7, "Five"))).json).toMatchObject({ unchanged: 1, unchanged_older: 0 });
    const old = await ingest(tenant, source, at(6, "Six"));
    remember(tenant, old);
    expect(old.json).toMatchObject({ unchanged: 1, updated: 0, unchanged_older: 1, left_alone: [{ item_code: "P", reason: "older" }] });
    expect((await variantOf(tenant, "P")).name).toBe("Five");
    expect((await ingest(tenant, source, at(8, "Eight"))).json).toMatchObject({ updated: 1 });
  });

  test("bad rows are named and sink nothing; a dry run counts what the run does", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const payload = cafe();
    payload.products.push({ id: "bad", name: "Bad", item_code: "BAD", price: -5 }, { id: "noname", name: "", item_code: "NONAME" });
    const dry = await ingest(tenant, source, payload, "?dry_run=true");
    expect(dry.status).toBe(200);
    expect(await rows(tenant, "SELECT (SELECT count(*) FROM products) + (SELECT count(*) FROM ingestion_runs) AS traces")).toEqual([
      { traces: 0 },
    ]);
    const run = await ingest(tenant, source, payload);
    expect(run.json).toMatchObject({ received: 6, inserted: 4, failed: 2 });
    expect(run.json.errors.map(({ position, item_code }: { position: string; item_code: string }) => [position, item_code])).toEqual([
      ["products[3]", "BAD"],
      ["products[4]", "NONAME"],
    ]);
    const without = ({ id: _, dry_run: _d, started_at: _s, completed_at: _c, ...report }: Record<string, unknown>) => report;
    expect(without(dry.json)).toEqual(without(run.json));
    expect(Object.keys(dry.json).sort()).toEqual(Object.keys(run.json).sort());
  });

  test("the same key gives the same bytes, and another payload under it is refused", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const key = crypto.randomUUID();
    const first = await ingest(tenant, source, cafe(), "", key);
    const again = await ingest(tenant, source, cafe(), "", key);
    expect(again.status).toBe(201);
    expect(again.text).toBe(first.text);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await ingest(tenant, source, shelf(1), "", key)).json).toMatchObject({ status: 409, code: "IDEMPOTENCY_KEY_REUSED" });
    expect(await rows(tenant, "SELECT count(*) AS runs FROM ingestion_runs")).toEqual([{ runs: 1 }]);
    const shown = await tenant.call("GET", `/api/v1/ingestions/${first.json.id}`, {
      headers: { "consistency-token": first.headers.get("consistency-token") ?? "" },
    });
    expect(shown.json).toEqual(first.json);
  });

  test("inputs that cannot be read leave nothing", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const path = `/api/v1/source-systems/${source}/ingestions`;
    expect((await tenant.call("POST", path, { raw: "{" })).json).toMatchObject({ status: 400, code: "BAD_JSON" });
    expect((await tenant.call("POST", path, { body: { products: "x" } })).json.code).toBe("PAYLOAD_UNREADABLE");
    expect((await tenant.call("POST", path, { raw: "a,b", headers: { "content-type": "text/csv" } })).status).toBe(415);
    expect((await tenant.call("POST", path, { body: cafe(), idempotency_key: null })).json.code).toBe("IDEMPOTENCY_KEY_REQUIRED");
    expect((await tenant.call("POST", `/api/v1/source-systems/${crypto.randomUUID()}/ingestions`, { body: cafe() })).status).toBe(404);
    const menuKey = await tenant.key("menu");
    await keyIsKnown(tenant, menuKey);
    expect((await tenant.call("POST", path, { body: cafe(), key: menuKey })).status).toBe(403);
    await tenant.call("PATCH", `/api/v1/source-systems/${source}`, { body: { is_active: false } });
    expect((await ingest(tenant, source, cafe())).status).toBe(409);
    expect(await rows(tenant, "SELECT count(*) AS runs FROM ingestion_runs")).toEqual([{ runs: 0 }]);
  });
});
