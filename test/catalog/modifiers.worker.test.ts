import { expect, test } from "vitest";
import { catalogEvents } from "../../src/domains/catalog/index.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { eventsApplied, openStore, reasonsOf, setStock } from "../support/worker/orderability-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { cafe, ingest, newSource, productOf, remember } from "./cata-payload.ts";

const rows = async (tenant: TestTenant, sql: string) => (await (await tenant.db()).read([statement(sql)], { fresh: true }))[0] ?? [];
const option = (group: { options: { name: string; id: string }[] }, name: string) => group.options.find((one) => one.name === name);

test("a group is made, listed, changed and told; a wrong one is refused", async () => {
  const tenant = await newTenant();
  const body = {
    name: "Milk",
    max: 1,
    options: [
      { name: "Oat", price: 80, item_code: "OAT" },
      { name: "Cow", default: true },
    ],
  };
  const made = await tenant.call("POST", "/api/v1/modifier-groups", { body });
  expect(made.status).toBe(201);
  expect(made.json).toMatchObject({
    name: "Milk",
    min: 0,
    max: 1,
    source_system_id: null,
    product_count: 0,
    fields: { name: { owner: "ours", offered: null }, bounds: { owner: "ours" } },
    options: [
      { name: "Oat", price: 80, item_code: "OAT", active: true, hidden: false, default: false },
      { name: "Cow", price: 0, item_code: null, default: true },
    ],
  });
  const path = `/api/v1/modifier-groups/${made.json.id}`;
  const changed = await tenant.call("PATCH", path, {
    body: {
      min: 1,
      options: [
        { id: option(made.json, "Cow")?.id, price: -20, active: false },
        { name: "Soy", price: 60 },
      ],
    },
  });
  expect(changed.json).toMatchObject({
    min: 1,
    options: [{ name: "Oat" }, { name: "Cow", price: -20, active: false, hidden: true }, { name: "Soy", price: 60 }],
  });
  const same = await tenant.call("PATCH", path, {
    body: { min: 1, options: [{ id: option(made.json, "Cow")?.id, price: -20, active: false }] },
  });
  expect(same.json).toEqual(changed.json);
  const headers = { "consistency-token": changed.headers.get("consistency-token") ?? "" };
  expect((await tenant.call("GET", path, { headers })).json).toEqual(changed.json);
  expect((await tenant.call("GET", "/api/v1/modifier-groups?q=mil", { headers })).json.data).toEqual([changed.json]);
  expect((await tenant.call("GET", "/api/v1/modifier-groups?q=tea", { headers })).json.data).toEqual([]);
  const events = await rows(tenant, "SELECT data FROM outbox WHERE event_type = 'catalog.modifier_group.upserted' ORDER BY sequence");
  expect(events).toHaveLength(2);
  const last = catalogEvents["catalog.modifier_group.upserted"].parse(JSON.parse(String(events[1]?.["data"])));
  expect(last).toMatchObject({ min_select: 1, options: [{ sku: "OAT", active: true }, { active: false }, { price_delta_minor: 60 }] });

  const refused = async (patch: object) => {
    const { json } = await tenant.call("PATCH", path, { body: patch });
    return [json.code, json.errors?.map((one: { path: string }) => one.path)];
  };
  expect(await refused({ max: 1, min: 2 })).toEqual(["VALIDATION_FAILED", ["body.max"]]);
  expect(await refused({ follow_provider: ["bounds"] })).toEqual(["VALIDATION_FAILED", ["body.follow_provider"]]);
  expect((await refused({ options: [{ id: crypto.randomUUID(), price: 1 }] }))[0]).toBe("MODIFIER_UNKNOWN");
  const wrong = await tenant.call("POST", "/api/v1/modifier-groups", { body: { name: "x", min: 3, max: 2 } });
  expect(wrong.json.errors).toMatchObject([{ path: "body.max" }]);
});

test("a feed leaves what we changed, keeps our own options, and takes the rest back when it is given back", async () => {
  const tenant = await newTenant();
  const source = await newSource(tenant);
  const send = async (milk: object = {}) => {
    const payload = cafe();
    Object.assign(payload.modifier_groups?.[0] as object, milk);
    const answer = await ingest(tenant, source, payload);
    remember(tenant, answer);
    return answer.json;
  };
  await send();
  const latte = await productOf(tenant, "LATTE-S");
  const [milk] = latte.modifier_groups;
  const path = `/api/v1/modifier-groups/${milk.id}`;
  const ours = await tenant.call("PATCH", path, {
    body: {
      name: "Your milk",
      min: 1,
      max: 2,
      options: [
        { id: option(milk, "Oat")?.id, name: "Oat milk", active: false },
        { name: "Almond", price: 90 },
      ],
    },
  });
  expect(ours.json.source_system_id).toBe(source);
  expect(await send()).toMatchObject({ updated: 0, by_entity: { modifier_group: { updated: 0 } } });
  const theirs = {
    name: "Milks",
    max: null,
    options: [
      { id: "oat", name: "Oats", price: 1 },
      { id: "soy", name: "Soya", price: 60 },
    ],
  };
  expect(await send(theirs)).toMatchObject({ by_entity: { modifier_group: { updated: 1 } } });
  const shown = async () => {
    const { modifier_groups } = await productOf(tenant, "LATTE-S");
    const [group] = modifier_groups;
    const options = group?.options.map((one: { name: string; price: number; active: boolean }) => [one.name, one.price, one.active]);
    return group && [group.name, group.min, group.max, options];
  };
  expect(await shown()).toEqual([
    "Your milk",
    1,
    2,
    [
      ["Oat milk", 80, false],
      ["Soya", 60, true],
      ["Almond", 90, true],
    ],
  ]);
  const released = await tenant.call("PATCH", path, { body: { follow_provider: ["name", "bounds", "options"] } });
  expect(released.json).toMatchObject({ name: "Milks", fields: { name: { owner: "provider" }, bounds: { owner: "provider" } } });
  await send(theirs);
  expect(await shown()).toEqual([
    "Milks",
    0,
    null,
    [
      ["Oats", 80, true],
      ["Soya", 60, true],
      ["Almond", 90, true],
    ],
  ]);
  expect(await send(theirs)).toMatchObject({ by_entity: { modifier_group: { updated: 0 } } });

  // The product's own choice of groups.
  const use = `/api/v1/products/${latte.id}/modifier-groups`;
  const size = await tenant.call("POST", "/api/v1/modifier-groups", { body: { name: "Size", options: [{ name: "Big" }] } });
  const groups = [
    { modifier_group_id: size.json.id, min: 1 },
    { modifier_group_id: milk.id, max: "unlimited" },
  ];
  const put = await tenant.call("PUT", use, { body: { groups } });
  expect(put.json.modifier_groups).toMatchObject([
    { name: "Size", min: 1, own_min: 1 },
    { name: "Milks", max: null, own_max: "unlimited" },
  ]);
  expect(put.json.fields.modifier_groups).toEqual({ owner: "ours" });
  expect((await tenant.call("PUT", use, { body: { groups } })).json).toEqual(put.json);
  expect(await send(theirs)).toMatchObject({ updated: 0 });
  const unknown = await tenant.call("PUT", use, { body: { groups: [{ modifier_group_id: crypto.randomUUID() }] } });
  expect(unknown.json).toMatchObject({ code: "MODIFIER_GROUP_UNKNOWN", errors: [{ path: "body.groups.0.modifier_group_id" }] });
  const back = await tenant.call("PATCH", `/api/v1/products/${latte.id}`, { body: { follow_provider: ["modifier_groups"] } });
  expect(back.json.modifier_groups).toMatchObject([{ name: "Milks" }]);
  expect(await send(theirs)).toMatchObject({ updated: 0, held: 2 });
});

test("an item with a required choice cannot be ordered when its last option is taken off by hand", async () => {
  const tenant = await newTenant();
  remember(tenant, await ingest(tenant, await newSource(tenant), cafe()));
  const bun = await productOf(tenant, "BUN");
  const group = await tenant.call("POST", "/api/v1/modifier-groups", { body: { name: "Filling", min: 1, options: [{ name: "Jam" }] } });
  await tenant.call("PUT", `/api/v1/products/${bun.id}/modifier-groups`, { body: { groups: [{ modifier_group_id: group.json.id }] } });
  const shop = { tenant, ...(await openStore(tenant, ["BUN"], "Shop")) };
  await setStock(shop, { BUN: 1 });
  expect(await reasonsOf(shop)).toMatchObject({ BUN: "ok" });
  const jam = option(group.json, "Jam")?.id;
  const set = async (active: boolean) => {
    await tenant.call("PATCH", `/api/v1/modifier-groups/${group.json.id}`, { body: { options: [{ id: jam, active }] } });
    await eventsApplied(tenant);
    return reasonsOf(shop);
  };
  // A choice of nothing asks for nothing; with another that is sold out it asks for one that there is not.
  await tenant.call("PATCH", `/api/v1/modifier-groups/${group.json.id}`, { body: { options: [{ name: "Set", item_code: "SET" }] } });
  await setStock(shop, { SET: 0 });
  expect(await set(false)).toMatchObject({ BUN: "modifier_unavailable" });
  expect(await set(true)).toMatchObject({ BUN: "ok" });
});
