import { expect, test } from "vitest";
import { statement } from "../../src/platform/db/statement.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { cafe, ingest, newSource, productOf, remember, variantOf } from "./cata-payload.ts";

const rows = async (tenant: TestTenant, sql: string) => (await (await tenant.db()).read([statement(sql)], { fresh: true }))[0] ?? [];
const state = (tenant: TestTenant) =>
  rows(
    tenant,
    "SELECT (SELECT count(*) FROM catalog_item_versions) AS versions, (SELECT count(*) FROM outbox) AS events, (SELECT revision FROM catalog_state) AS revision",
  );

/** What was done with the latte: taken in, renamed by hand, changed by the feed, hidden, missing, back. */
async function history() {
  const tenant = await newTenant();
  const source = await newSource(tenant, { settings: { on_missing: "hide" } });
  const send = async (latte: object | null) => {
    const payload = cafe();
    const products = payload.products.flatMap((product) => (product.id !== "latte" ? [product] : latte ? [{ ...product, ...latte }] : []));
    const answer = await ingest(tenant, source, { ...payload, products }, "?confirm=true");
    remember(tenant, answer);
    return answer.json;
  };
  await send({});
  const latte = await productOf(tenant, "LATTE-S");
  const small = await variantOf(tenant, "LATTE-S");
  const edit = async (body: object) => remember(tenant, await tenant.call("PATCH", `/api/v1/products/${latte.id}`, { body }));
  await edit({ name: "House latte", tags: ["hot"] });
  await send({ name: "Caffè latte", allergens: ["milk", "soy"] });
  await edit({ visible: false });
  await send({ description: "Three shots.", name: "Caffè latte", allergens: ["milk", "soy"] });
  const versions = async (path: string, query = "") => {
    const touched = await tenant.call("PATCH", `/api/v1/source-systems/${source}`, { body: { name: crypto.randomUUID() } });
    const answer = await tenant.call("GET", `/api/v1/${path}/versions${query}`, {
      headers: { "consistency-token": touched.headers.get("consistency-token") ?? "" },
    });
    expect(answer.status).toBe(200);
    return answer.json;
  };
  return { tenant, source, latte, small, send, edit, versions };
}

test("versions say what changed, by whom and when, newest first and in pages", async () => {
  const { small, latte, source, versions } = await history();
  const { data } = await versions(`variants/${small.id}`);
  expect(
    data.map((one: { version_no: number; by: { kind: string }; changes: unknown }) => [one.version_no, one.by.kind, one.changes]),
  ).toEqual([
    [5, "source_system", [{ field: "description", from: "Two shots.", to: "Three shots." }]],
    [4, "edit", [{ field: "visible", from: true, to: false }]],
    [
      3,
      "source_system",
      [
        { field: "name", from: "Latte", to: "Caffè latte", held: true },
        { field: "allergens", from: ["milk"], to: ["milk", "soy"] },
      ],
    ],
    [
      2,
      "edit",
      [
        { field: "name", from: "Latte", to: "House latte" },
        { field: "tags", from: [], to: ["hot"] },
      ],
    ],
    [1, "source_system", []],
  ]);
  expect(data[0].by.source_system_id).toBe(source);
  const first = await versions(`variants/${small.id}`, "?limit=2");
  const second = await versions(`variants/${small.id}`, `?limit=3&cursor=${first.next_cursor}`);
  expect([...first.data, ...second.data].map(({ version_no, changes }) => [version_no, changes])).toEqual(
    data.map(({ version_no, changes }: { version_no: number; changes: unknown }) => [version_no, changes]),
  );
  expect(second.next_cursor).toBeNull();
  const merged = await versions(`products/${latte.id}`);
  expect(merged.data).toHaveLength(10);
  expect(new Set(merged.data.map(({ item_code }: { item_code: string }) => item_code))).toEqual(new Set(["LATTE-S", "LATTE-L"]));
});

test("an earlier version is put back as ours, as a new version with events; what is current is not", async () => {
  const { tenant, small, latte, versions, edit, send } = await history();
  const restore = (versionNo: number, idempotency_key = crypto.randomUUID()) =>
    tenant.call("POST", `/api/v1/variants/${small.id}/versions/${versionNo}/restore`, { idempotency_key });
  const before = await state(tenant);
  const same = await restore(5);
  expect(same.status).toBe(200);
  expect(same.json).toMatchObject({ id: latte.id, name: "House latte", visible: false });
  expect(await state(tenant)).toEqual(before);

  const first = await restore(1, "back");
  expect(first.json).toMatchObject({ name: "Latte", description: "Two shots.", tags: [], allergens: ["milk"], visible: true });
  expect(first.json.fields).toMatchObject({
    name: { owner: "ours", offered: "Caffè latte" },
    description: { owner: "ours", offered: "Three shots." },
    allergens: { owner: "ours", offered: ["milk", "soy"] },
  });
  expect((await restore(1, "back")).text).toBe(first.text);
  remember(tenant, first);
  const [after] = await state(tenant);
  expect(Number(after?.["versions"]) - Number(before[0]?.["versions"])).toBe(2);
  const { data } = await versions(`variants/${small.id}`, "?limit=1");
  expect(data[0]).toMatchObject({ version_no: 6, restored_version: 1, by: { kind: "edit" } });
  expect(data[0].changes.map(({ field }: { field: string }) => field)).toEqual(["name", "description", "tags", "allergens", "visible"]);
  const again = await send({ description: "Three shots.", name: "Caffè latte", allergens: ["milk", "soy"] });
  expect(again).toMatchObject({ updated: 0, inserted: 0 });
  await edit({ follow_provider: ["name"] });
  expect((await restore(99)).status).toBe(404);
});

test("a variant that a payload left out reads as hidden, and back", async () => {
  const { tenant, small, send, edit, versions } = await history();
  await edit({ visible: true });
  const bun = { id: "latte", name: "Caffè latte", description: "Three shots.", allergens: ["milk", "soy"] };
  await send({ ...bun, variants: [{ id: "latte-l", item_code: "LATTE-L", name: "Large", price: 650 }] });
  const [newest] = (await versions(`variants/${small.id}`, "?limit=1")).data;
  expect((await rows(tenant, "SELECT provider_active FROM variants WHERE item_code = 'LATTE-S'"))[0]).toEqual({ provider_active: 0 });
  expect(newest.changes).toEqual([{ field: "visible", from: true, to: false }]);
  await send(bun);
  const [back] = (await versions(`variants/${small.id}`, "?limit=1")).data;
  expect(back.changes).toEqual([{ field: "visible", from: false, to: true }]);
});
