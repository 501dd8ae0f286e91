import { expect, test } from "vitest";
import { statement } from "../../src/platform/db/statement.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { cafe, ingest, newSource, productOf, remember, variantOf } from "./cata-payload.ts";

const rows = async (tenant: TestTenant, sql: string) => (await (await tenant.db()).read([statement(sql)], { fresh: true }))[0] ?? [];
const NOTHING_CHANGED = { inserted: 0, updated: 0, failed: 0 };

/** The café in the catalogue. `sent` sends it again, its latte otherwise. */
async function cafeTenant() {
  const tenant = await newTenant();
  const source = await newSource(tenant);
  remember(tenant, await ingest(tenant, source, cafe()));
  const sent = async (latte: object = {}, more: object = {}) => {
    const payload = cafe();
    Object.assign(payload.products[0] as object, latte);
    const answer = await ingest(tenant, source, { ...payload, ...more });
    remember(tenant, answer);
    return answer.json;
  };
  return { tenant, source, sent };
}

test("each field is ours where it was set, stays over a re-sync that reports it, and is given back", async () => {
  const { tenant, source, sent } = await cafeTenant();
  const latte = await productOf(tenant, "LATTE-S");
  expect(latte.source_system_id).toBe(source);
  expect(latte.fields).toMatchObject({
    name: { owner: "provider", offered: "Latte" },
    allergens: { owner: "provider", offered: ["milk"] },
    categories: { owner: "provider" },
  });
  const path = `/api/v1/products/${latte.id}`;
  const ours = { name: "House latte", description: "Ours.", allergens: ["soy"], tax_rate: 7.25 };
  const edited = await tenant.call("PATCH", path, { body: { ...ours, tags: ["Hot", "best"], category_ids: [] } });
  expect(edited.status).toBe(200);
  expect(edited.json).toMatchObject({ ...ours, tags: ["best", "hot"], categories: [] });
  expect(edited.json.fields).toMatchObject({
    name: { owner: "ours", offered: "Latte" },
    description: { owner: "ours", offered: "Two shots." },
    image: { owner: "provider" },
    tags: { owner: "ours", offered: [] },
    allergens: { owner: "ours", offered: ["milk"] },
    tax_rate: { owner: "ours", offered: null },
    categories: { owner: "ours" },
    modifier_groups: { owner: "provider" },
  });
  expect(await sent()).toMatchObject({ ...NOTHING_CHANGED, unchanged: 4 });

  const other = await sent({ name: "Caffè latte", description: "Three shots.", allergens: ["eggs"], categories: ["iced"] });
  expect(other.updated).toBe(2);
  const held = other.held_fields.filter(({ item_code }: { item_code: string }) => item_code === "LATTE-S");
  expect(held.map(({ field }: { field: string }) => field).sort()).toEqual([
    "allergens",
    "categories",
    "description",
    "name",
    "tags",
    "tax_rate",
  ]);
  expect(held.find(({ field }: { field: string }) => field === "allergens")).toMatchObject({ kept: "soy", offered: "eggs" });
  const kept = await productOf(tenant, "LATTE-S");
  expect(kept).toMatchObject({ name: "House latte", tags: ["best", "hot"], allergens: ["soy"], tax_rate: 7.25, categories: [] });
  expect(kept.fields.allergens.offered).toEqual(["eggs"]);
  expect(await sent({ name: "Caffè latte", description: "Three shots.", allergens: ["eggs"], categories: ["iced"] })).toMatchObject(
    NOTHING_CHANGED,
  );

  const both = await tenant.call("PATCH", path, { body: { name: "x", follow_provider: ["name"] } });
  expect(both.json.errors).toMatchObject([{ path: "body.follow_provider" }]);
  const released = await tenant.call("PATCH", path, {
    body: { follow_provider: ["name", "description", "allergens", "tags", "tax_rate", "categories"] },
  });
  expect(released.json).toMatchObject({
    name: "Caffè latte",
    description: "Three shots.",
    tags: [],
    allergens: ["eggs"],
    tax_rate: null,
    categories: [{ name: "Iced" }],
  });
  expect(Object.values(released.json.fields).map((field) => (field as { owner: string }).owner)).not.toContain("ours");
  const nothing = await tenant.call("PATCH", path, { body: { follow_provider: ["name"] } });
  expect(nothing.json).toEqual(released.json);
  const back = await sent({ name: "Caffè latte", description: "Three shots.", allergens: ["eggs"], categories: ["iced"] });
  expect(back).toMatchObject({ ...NOTHING_CHANGED, held: 0 });
  await sent();
  expect(await productOf(tenant, "LATTE-S")).toMatchObject({
    name: "Latte",
    allergens: ["milk"],
    categories: [{ name: "Drinks" }, { name: "Iced" }],
  });
});

test("a barcode and a bundle's parts of our own stay, and are given back", async () => {
  const { tenant, sent } = await cafeTenant();
  const set = await variantOf(tenant, "SET");
  const path = `/api/v1/variants/${set.id}`;
  expect(set.fields).toEqual({ barcode: { owner: "provider" }, bundle: { owner: "provider" } });
  expect((await tenant.call("PATCH", path, { body: { barcode: "8888" } })).json).toMatchObject({ barcode: "8888", version_no: 2 });
  const parts = [{ item_code: "BUN", quantity: 2 }];
  const put = await tenant.call("PUT", `${path}/bundle`, { body: { components: parts } });
  expect(put.json).toMatchObject({ bundle: parts, version_no: 3, fields: { barcode: { owner: "ours" }, bundle: { owner: "ours" } } });
  expect((await tenant.call("PUT", `${path}/bundle`, { body: { components: parts } })).json).toEqual(put.json);
  expect(await sent()).toMatchObject(NOTHING_CHANGED);
  const products = cafe().products.map((product) => (product.id === "set" ? { ...product, name: "Brunch set" } : product));
  const { held_fields } = await sent({}, { products });
  expect(held_fields).toEqual([
    { item_code: "SET", field: "barcode", kept: "8888", offered: null },
    { item_code: "SET", field: "bundle", kept: "BUN × 2.0", offered: "LATTE-S × 1.0, BUN × 1.5" },
  ]);
  expect(await variantOf(tenant, "SET")).toMatchObject({ name: "Brunch set", barcode: "8888", bundle: parts });
  const released = await tenant.call("PATCH", path, { body: { follow_provider: ["barcode", "bundle"] } });
  expect(released.json).toMatchObject({ barcode: null, bundle: set.bundle, fields: set.fields });
  expect(await sent({}, { products })).toMatchObject({ ...NOTHING_CHANGED, held: 0 });
  const read = await tenant.call("GET", `${path}/bundle`, {
    headers: { "consistency-token": released.headers.get("consistency-token") ?? "" },
  });
  expect(read.json).toEqual({ item_code: "SET", bundle: set.bundle, fields: set.fields });
  const bad = await tenant.call("PUT", `${path}/bundle`, { body: { components: [{ item_code: "BUN", quantity: 0 }] } });
  expect(bad.json.errors).toMatchObject([{ path: "body.components.0.quantity" }]);
});

test("a category that was renamed or moved stays so; one of our own is used and never synced away", async () => {
  const { tenant, sent } = await cafeTenant();
  const all = (await tenant.call("GET", "/api/v1/categories")).json.data;
  const iced = all.find(({ name }: { name: string }) => name === "Iced");
  const drinks = all.find(({ name }: { name: string }) => name === "Drinks");
  const path = `/api/v1/categories/${iced.id}`;
  const moved = await tenant.call("PATCH", path, { body: { name: "Cold", parent_id: null, position: 9 } });
  expect(moved.json).toMatchObject({ name: "Cold", parent_id: null, position: 9, product_count: 1 });
  expect(moved.json.fields).toEqual({ name: { owner: "ours", offered: "Iced" }, place: { owner: "ours" } });
  expect(await sent()).toMatchObject({ by_entity: { category: { updated: 0 } } });
  const categories = [
    { id: "iced", name: "Iced drinks", parent_id: "drinks" },
    { id: "drinks", name: "Drinks" },
  ];
  await sent({}, { categories });
  const read = async () =>
    (await rows(tenant, `SELECT name, original_name, parent_id, position FROM categories WHERE category_id = '${iced.id}'`))[0];
  expect(await read()).toEqual({ name: "Cold", original_name: "Iced drinks", parent_id: null, position: 9 });
  await tenant.call("PATCH", path, { body: { follow_provider: ["name", "place"] } });
  expect(await sent({}, { categories })).toMatchObject({ by_entity: { category: { updated: 1 } } });
  expect(await read()).toMatchObject({ name: "Iced drinks", parent_id: drinks.id, position: 0 });
  expect(await sent({}, { categories })).toMatchObject({ by_entity: { category: { updated: 0 } } });

  const loop = await tenant.call("PATCH", `/api/v1/categories/${drinks.id}`, { body: { parent_id: iced.id } });
  expect(loop.json).toMatchObject({ code: "VALIDATION_FAILED", errors: [{ path: "body.parent_id" }] });
  const own = await tenant.call("POST", "/api/v1/categories", { body: { name: "Season", parent_id: drinks.id } });
  expect(own.json).toMatchObject({
    name: "Season",
    parent_id: drinks.id,
    source_system_id: null,
    fields: { name: { owner: "ours", offered: null } },
  });
  const unknown = await tenant.call("POST", "/api/v1/categories", { body: { name: "x", parent_id: crypto.randomUUID() } });
  expect(unknown.json.code).toBe("CATEGORY_UNKNOWN");
  const bun = await productOf(tenant, "BUN");
  const put = await tenant.call("PATCH", `/api/v1/products/${bun.id}`, { body: { category_ids: [own.json.id, drinks.id] } });
  expect(put.json.categories).toMatchObject([{ name: "Season" }, { name: "Drinks" }]);
  expect(await sent({}, { categories })).toMatchObject(NOTHING_CHANGED);
  const nobody = await tenant.call("PATCH", `/api/v1/products/${bun.id}`, { body: { category_ids: [crypto.randomUUID()] } });
  expect(nobody.json).toMatchObject({ code: "CATEGORY_UNKNOWN", errors: [{ path: "body.category_ids.0" }] });
  const events = await rows(tenant, "SELECT count(*) AS told FROM outbox WHERE event_type = 'catalog.category.upserted'");
  expect(Number(events[0]?.["told"])).toBe(2 + 1 + 1 + 1 + 1 + 1);
});

test("an image of our own is given back as any field is", async () => {
  const { tenant } = await cafeTenant();
  const bun = await productOf(tenant, "BUN");
  const raw = `GIF89a${crypto.randomUUID()}`;
  const put = await tenant.call("PUT", `/api/v1/products/${bun.id}/image`, { raw, headers: { "content-type": "image/gif" } });
  expect(put.json.fields.image).toMatchObject({ owner: "ours", offered: "https://img.example/bun.jpg" });
  const released = await tenant.call("PATCH", `/api/v1/products/${bun.id}`, { body: { follow_provider: ["image"] } });
  expect(released.json.fields.image).toMatchObject({ owner: "provider", offered: "https://img.example/bun.jpg" });
  expect(released.json.image_url).toBe("https://img.example/bun.jpg");
  expect(await rows(tenant, `SELECT source_url FROM product_images WHERE product_id = '${bun.id}'`)).toEqual([
    { source_url: "https://img.example/bun.jpg" },
  ]);
});
