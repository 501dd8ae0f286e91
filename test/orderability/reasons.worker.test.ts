import { describe, expect, it } from "vitest";
import { addDraft, addItems, publish, writeSql } from "../support/worker/menu-fixture.ts";
import {
  eventsApplied,
  makeBundle,
  makeChoice,
  openShop,
  openStore,
  orderabilityOf,
  reasonsOf,
  setStock,
  turnsOf,
} from "../support/worker/orderability-fixture.ts";
import { newTenant } from "../support/worker/tenant-fixture.ts";

describe("an item can be ordered", () => {
  it("where nothing stands against it: on the menu, and not counted or in stock", async () => {
    const shop = await openShop(await newTenant(), ["A", "B"]);
    expect(await reasonsOf(shop)).toEqual({ A: "ok", B: "ok" });
    await setStock(shop, { A: 3 });
    expect(await reasonsOf(shop)).toEqual({ A: "ok", B: "ok" });
    expect(await turnsOf(shop.tenant)).toEqual([]);
    await setStock(shop, { A: 0 });
    expect(await reasonsOf(shop)).toEqual({ A: "no_stock", B: "ok" });
    await setStock(shop, { A: -1 });
    await setStock(shop, { A: 0.5 });
    expect(await reasonsOf(shop)).toEqual({ A: "ok", B: "ok" });
    expect((await turnsOf(shop.tenant)).map(({ item_code, reason_code }) => [item_code, reason_code])).toEqual([
      ["A", "no_stock"],
      ["A", null],
    ]);
  });

  it("below zero where its position allows it", async () => {
    const shop = await openShop(await newTenant(), ["A"]);
    await setStock(shop, { A: -2 }, true);
    expect(await reasonsOf(shop)).toEqual({ A: "ok" });
    await setStock(shop, { A: -2 }, false);
    expect(await reasonsOf(shop)).toEqual({ A: "no_stock" });
  });

  it("not without a price, on whatever it is counted", async () => {
    const tenant = await newTenant();
    await addItems(tenant, ["A", "PRICED"]);
    const shop = { tenant, ...(await openStore(tenant, [], "No menu")) };
    await writeSql(tenant, [
      `INSERT INTO variant_prices (variant_price_id, variant_id, currency, price_minor, effective_from_ms, created_at_ms)
       VALUES ('x', 'v-PRICED', 'USD', 100, 0, 0)`,
    ]);
    await setStock(shop, { A: 1, PRICED: 1 });
    expect(await reasonsOf(shop)).toEqual({ A: "no_price", PRICED: "ok" });
  });

  it("not as a bundle where a component does not reach for one", async () => {
    const tenant = await newTenant();
    const shop = await openShop(tenant, ["BUN", "PATTY", "BOX"]);
    await makeBundle(tenant, "BOX", { BUN: 2, PATTY: 1 });
    await setStock(shop, { BUN: 5 });
    expect(await reasonsOf(shop, "?codes=BOX,BUN")).toEqual({ BOX: "ok", BUN: "ok" });
    expect((await orderabilityOf(shop, "?codes=BOX,BUN,PATTY,NOPE")).json.items).toMatchObject({
      BOX: { available: 2 },
      BUN: { available: 5 },
    });
    await setStock(shop, { BUN: 1 });
    expect(await reasonsOf(shop)).toEqual({ BOX: "no_stock", BUN: "ok", PATTY: "ok" });
    await setStock(shop, { BUN: 2, PATTY: 0 });
    expect(await reasonsOf(shop)).toEqual({ BOX: "no_stock", BUN: "ok", PATTY: "no_stock" });
    await setStock(shop, { PATTY: 1 });
    expect(await reasonsOf(shop)).toEqual({ BOX: "ok", BUN: "ok", PATTY: "ok" });
  });

  it("not where a choice it requires is out", async () => {
    const tenant = await newTenant();
    const shop = await openShop(tenant, ["LATTE", "OAT", "COW"]);
    await makeChoice(tenant, "LATTE", ["OAT", "COW"]);
    await setStock(shop, { OAT: 0, COW: 1 });
    expect(await reasonsOf(shop)).toEqual({ LATTE: "ok", OAT: "no_stock", COW: "ok" });
    await setStock(shop, { COW: 0 });
    expect(await reasonsOf(shop)).toEqual({ LATTE: "modifier_unavailable", OAT: "no_stock", COW: "no_stock" });
    await setStock(shop, { OAT: 1 });
    expect(await reasonsOf(shop)).toEqual({ LATTE: "ok", OAT: "ok", COW: "no_stock" });
  });
});

describe("changes of catalogue and menu", () => {
  it("are told after a publish: what comes on the menu and what goes", async () => {
    const tenant = await newTenant();
    const shop = await openShop(tenant, ["A", "B"]);
    const draft = await addDraft(tenant, [{ name: "All", items: [{ item_code: "B", price: 1 }] }]);
    await publish(tenant, { draft_ids: [draft], store_ids: [shop.store_id] });
    await eventsApplied(tenant);
    expect(await reasonsOf(shop)).toEqual({ A: "no_price", B: "ok" });
  });

  it("are told when an item is hidden through the API, over everything else", async () => {
    const tenant = await newTenant();
    const source = await tenant.call("POST", "/api/v1/source-systems", { body: { source_type: "pos", name: "Till", provider: "cata" } });
    await tenant.call("POST", `/api/v1/source-systems/${source.json.id}/ingestions`, {
      body: { format: "cata/1", currency: "USD", products: [{ id: "a", item_code: "A", name: "Apple", price: 100 }] },
    });
    const shop = { tenant, ...(await openStore(tenant, ["A"], "Till shop")) };
    await setStock(shop, { A: 0 });
    const found = await tenant.call("GET", "/api/v1/variants?item_code=A");
    const id = found.json.data[0].id;
    expect((await tenant.call("PATCH", `/api/v1/variants/${id}`, { body: { visible: false } })).status).toBe(200);
    await eventsApplied(tenant);
    expect(await reasonsOf(shop)).toEqual({ A: "hidden" });
    await tenant.call("PATCH", `/api/v1/variants/${id}`, { body: { visible: true } });
    await eventsApplied(tenant);
    expect(await reasonsOf(shop)).toEqual({ A: "no_stock" });
    expect((await turnsOf(tenant)).map(({ reason_code }) => reason_code)).toEqual(["no_stock", "hidden", "no_stock"]);
  });
});

it("an ingestion that changes only a choice is told: an option that goes, one that comes back", async () => {
  const tenant = await newTenant();
  const source = await tenant.call("POST", "/api/v1/source-systems", { body: { source_type: "pos", name: "Till", provider: "cata" } });
  const ingest = async (cowIsThere: boolean) => {
    const option = (code: string, active = true) => ({ id: code, name: code, price: 0, item_code: code, active });
    const products = ["LATTE", "OAT", "COW"].map((code) => ({ id: code, item_code: code, name: code, price: 100 }));
    const body = {
      format: "cata/1",
      currency: "USD",
      modifier_groups: [{ id: "milk", name: "Milk", min: 1, max: 1, options: [option("OAT"), option("COW", cowIsThere)] }],
      products: products.map((product) => (product.id === "LATTE" ? { ...product, modifier_groups: ["milk"] } : product)),
    };
    const run = await tenant.call("POST", `/api/v1/source-systems/${source.json.id}/ingestions`, { body });
    await eventsApplied(tenant);
    return run.json.by_entity;
  };
  await ingest(true);
  const shop = { tenant, ...(await openStore(tenant, ["LATTE", "OAT", "COW"], "Milk bar")) };
  await setStock(shop, { OAT: 0 });
  expect(await reasonsOf(shop)).toEqual({ LATTE: "ok", OAT: "no_stock", COW: "ok" });
  expect(await ingest(false)).toMatchObject({ modifier_group: { updated: 1 }, product: { updated: 0 }, variant: { updated: 0 } });
  expect(await reasonsOf(shop)).toMatchObject({ LATTE: "modifier_unavailable" });
  await ingest(true);
  expect(await reasonsOf(shop)).toMatchObject({ LATTE: "ok" });
});

it("a document is written only where something turned", async () => {
  const shop = await openShop(await newTenant(), ["A", "B"]);
  await setStock(shop, { A: 5 });
  const version = (await orderabilityOf(shop)).json.version;
  await setStock(shop, { A: 4 });
  await setStock(shop, { A: 3, B: 9 });
  expect((await orderabilityOf(shop)).json.version).toBe(version);
  await setStock(shop, { A: 0 });
  expect((await orderabilityOf(shop)).json.version).toBe(version + 1);
});
