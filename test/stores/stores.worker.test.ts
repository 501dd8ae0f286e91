import { describe, expect, test } from "vitest";
import { storeEvents } from "../../src/domains/stores/index.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

const PLAZA = { name: "Plaza", code: "PLZ", timezone: "Asia/Singapore", currency: "SGD", locale: "en-SG", address: { city: "Singapore" } };

const emitted = async (tenant: TestTenant): Promise<{ event_type: keyof typeof storeEvents; source: string; data: unknown }[]> => {
  const [rows = []] = await (await tenant.db()).read([statement("SELECT event_type, source, data FROM outbox ORDER BY sequence")], {
    fresh: true,
  });
  return rows.map((row) => ({
    event_type: row["event_type"] as keyof typeof storeEvents,
    source: String(row["source"]),
    data: JSON.parse(String(row["data"])),
  }));
};

describe("stores", () => {
  test("a store is created with its location and announced", async () => {
    const tenant = await newTenant();
    const created = await tenant.call("POST", "/api/v1/stores", { body: PLAZA });
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({ ...PLAZA, id: expect.any(String), location_id: expect.any(String) });
    expect(created.json.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const events = await emitted(tenant);
    expect(events.map(({ event_type, source }) => [event_type, source])).toEqual([["store.location.created", "store-hub"]]);
    for (const event of events) expect(storeEvents[event.event_type].safeParse(event.data).error).toBeUndefined();
  });

  test("the same key gives the same bytes and one store", async () => {
    const tenant = await newTenant();
    const idempotency_key = crypto.randomUUID();
    const first = await tenant.call("POST", "/api/v1/stores", { body: PLAZA, idempotency_key });
    const again = await tenant.call("POST", "/api/v1/stores", { body: PLAZA, idempotency_key });
    expect(again.status).toBe(201);
    expect(again.text).toBe(first.text);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await tenant.call("GET", "/api/v1/stores")).json.data).toHaveLength(1);
  });

  test("a code is one store's", async () => {
    const tenant = await newTenant();
    await tenant.call("POST", "/api/v1/stores", { body: PLAZA });
    const taken = await tenant.call("POST", "/api/v1/stores", { body: { ...PLAZA, name: "Other" } });
    expect(taken.status).toBe(409);
    expect(taken.json).toMatchObject({ code: "STORE_CODE_TAKEN", detail: expect.stringContaining('"PLZ"') });
    const without = await tenant.call("POST", "/api/v1/stores", { body: { name: "Other", timezone: "UTC", currency: "USD" } });
    expect(without.json).toMatchObject({ code: null, locale: expect.any(String), address: null });
    const moved = await tenant.call("PATCH", `/api/v1/stores/${without.json.id}`, { body: { code: "PLZ" } });
    expect(moved.json.code).toBe("STORE_CODE_TAKEN");
  });

  test("a list comes in pages, and without a key shows the public fields only", async () => {
    const tenant = await newTenant();
    for (const name of ["One", "Two", "Three"]) {
      await tenant.call("POST", "/api/v1/stores", { body: { name, timezone: "UTC", currency: "USD" } });
    }
    const names: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: { json: { data: { name: string }[]; next_cursor: string | null } } = await tenant.call(
        "GET",
        `/api/v1/stores?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      names.push(...page.json.data.map(({ name }) => name));
      cursor = page.json.next_cursor;
    }
    expect(names).toEqual(["One", "Two", "Three"]);
    const open = await tenant.call("GET", "/api/v1/stores", { key: null });
    expect(Object.keys(open.json.data[0]).sort()).toEqual(["address", "code", "currency", "id", "locale", "name", "timezone"]);
    expect((await tenant.call("GET", "/api/v1/stores?cursor=nonsense")).status).toBe(400);
  });

  test("a change is announced and asks for its storefront; no change does neither", async () => {
    const tenant = await newTenant();
    const { id } = (await tenant.call("POST", "/api/v1/stores", { body: PLAZA })).json;
    const same = await tenant.call("PATCH", `/api/v1/stores/${id}`, { body: { name: "Plaza", address: { city: "Singapore" } } });
    expect(same.status).toBe(200);
    expect(await emitted(tenant)).toHaveLength(1);

    const changed = await tenant.call("PATCH", `/api/v1/stores/${id}`, { body: { name: "Plaza 2", address: null } });
    expect(changed.json).toMatchObject({ id, name: "Plaza 2", code: "PLZ", address: null });
    const events = await emitted(tenant);
    expect(events.at(-1)).toMatchObject({ event_type: "store.location.updated", data: { store_id: id, name: "Plaza 2" } });
    for (const event of events) expect(storeEvents[event.event_type].safeParse(event.data).error).toBeUndefined();
    const [wanted] = await (await tenant.db()).read(
      [statement("SELECT requests FROM wanted WHERE kind = 'regenerate_store' AND key = ?", id)],
      { fresh: true },
    );
    expect(wanted).toHaveLength(1);
  });

  test("what cannot be is refused and named", async () => {
    const tenant = await newTenant();
    const { id } = (await tenant.call("POST", "/api/v1/stores", { body: PLAZA })).json;
    const currency = await tenant.call("PATCH", `/api/v1/stores/${id}`, { body: { currency: "USD" } });
    expect(currency.status).toBe(422);
    expect(currency.json.errors).toEqual([{ path: "body.currency", message: expect.stringContaining("create a new store") }]);
    const bad = await tenant.call("POST", "/api/v1/stores", { body: { name: " ", timezone: "Mars/Base", currency: "XXQ", colour: 1 } });
    expect(bad.status).toBe(422);
    expect(bad.json.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      "body.colour",
      "body.currency",
      "body.name",
      "body.timezone",
    ]);
    const menuKey = await tenant.key("menu");
    const asMenu = async () => (await tenant.call("POST", "/api/v1/stores", { body: PLAZA, key: menuKey })).status;
    // 401 until the replica has the fresh key.
    await expect.poll(asMenu, { timeout: 8_000 }).toBe(403);
    expect((await tenant.call("GET", `/api/v1/stores/${crypto.randomUUID()}`)).status).toBe(404);
    expect((await tenant.call("PATCH", `/api/v1/stores/${crypto.randomUUID()}`, { body: { name: "X" } })).status).toBe(404);
    const other = await newTenant();
    expect((await other.call("GET", `/api/v1/stores/${id}`)).status).toBe(404);
  });
});
