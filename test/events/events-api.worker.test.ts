import { beforeAll, describe, expect, it } from "vitest";
import { catalogEvents } from "../../src/domains/catalog/index.ts";
import { inventoryEvents } from "../../src/domains/inventory/index.ts";
import { menuEvents } from "../../src/domains/menu/index.ts";
import { darkStoreEvents, storeEvents } from "../../src/domains/stores/index.ts";
import { addItems, addStore, rename, writeSql } from "../support/worker/menu-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await newTenant();
  for (let n = 1; n <= 7; n++) await addStore(tenant, `Store ${n}`);
});

const events = (query: string, key?: string) => tenant.call("GET", `/api/v1/events${query}`, key ? { key } : {});

/** Past a replica that lags: every sequence up to `last` is there. */
async function whenSeen(last: number): Promise<void> {
  for (;;) {
    if ((await events("")).json.last_sequence >= last) return;
    await scheduler.wait(20);
  }
}

describe("GET /api/v1/events", () => {
  it("gives every event once, in order and without a gap, page by page", async () => {
    await whenSeen(7);
    const seen: { sequence: number; data: { name: string } }[] = [];
    let after = 0;
    for (;;) {
      const { status, json } = await events(`?after=${after}&limit=3`);
      expect(status).toBe(200);
      expect(json.data.length).toBeLessThanOrEqual(3);
      if (json.data.length === 0) {
        expect(json.next_after).toBe(after);
        break;
      }
      seen.push(...json.data);
      after = json.next_after;
    }
    expect(seen.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(seen.map(({ data }) => data.name)).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => `Store ${n}`));
    expect(seen[0]).toMatchObject({
      event_type: "store.location.created",
      source: "store-hub",
      tenant_id: tenant.tenant_id,
      schema_version: 1,
      event_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      occurred_at: expect.stringMatching(/^\d{4}-.*Z$/),
      trace_id: expect.any(String),
    });
  });

  it("answers an empty page to who has them all, or believes to have more", async () => {
    await whenSeen(7);
    expect((await events("?after=7")).json).toEqual({ data: [], next_after: 7, last_sequence: 7 });
    expect((await events("?after=99")).json).toEqual({ data: [], next_after: 99, last_sequence: 7 });
  });

  it("says 410 and where to go on, where the next ones are no longer kept", async () => {
    const old = await newTenant();
    for (let n = 1; n <= 4; n++) await addStore(old, `Store ${n}`);
    await writeSql(old, ["DELETE FROM outbox WHERE sequence <= 2"]);
    let answer = await old.call("GET", "/api/v1/events?after=1");
    while (answer.status === 200) {
      await scheduler.wait(20);
      answer = await old.call("GET", "/api/v1/events?after=1");
    }
    expect(answer.status).toBe(410);
    expect(answer.json).toMatchObject({ code: "EVENTS_GONE", first_sequence: 3, last_sequence: 4 });
    expect((await old.call("GET", "/api/v1/events?after=2")).json.data.map(({ sequence }: { sequence: number }) => sequence)).toEqual([
      3, 4,
    ]);
  });

  it("ends a page early where the events are large, and leaves none out", async () => {
    const large = await newTenant();
    const count = 6;
    await writeSql(
      large,
      [
        `INSERT INTO outbox (sequence, event_id, event_type, source, occurred_at_ms, trace_id, schema_version, data)
         SELECT key + 1, value, 'store.location.created', 'store-hub', 0, 't', 1, json_object('name', printf('%.*c', 900000, 'x')) FROM json_each(?)`,
        JSON.stringify(Array.from({ length: count }, () => crypto.randomUUID())),
      ],
      ["UPDATE commit_state SET last_event_sequence = ?", count],
    );
    const page = async (after: number) => (await large.call("GET", `/api/v1/events?after=${after}&limit=500`)).json;
    while ((await page(0)).last_sequence < count) await scheduler.wait(20);
    const first = await page(0);
    expect(first.data.map(({ sequence }: { sequence: number }) => sequence)).toEqual([1, 2, 3]);
    expect((await page(first.next_after)).data.map(({ sequence }: { sequence: number }) => sequence)).toEqual([4, 5, 6]);
  });

  it("is for admins alone", async () => {
    for (const role of ["catalog", "inventory", "reports", "read"] as const) {
      expect((await events("", await tenant.key(role))).status).toBe(403);
    }
  });
});

it("there is a schema for every type of catalogue, stock and dark store that source document 003 names", () => {
  const schemas = { ...catalogEvents, ...menuEvents, ...inventoryEvents, ...darkStoreEvents, ...storeEvents };
  const named = [
    ...["product.upserted", "variant.upserted", "variant.deleted", "price.updated", "assortment.updated", "ingestion.completed"].map(
      (name) => `catalog.${name}`,
    ),
    ...["stock.adjusted", "stock.reserved", "stock.released", "stock.committed", "orderability.changed"].map((name) => `inventory.${name}`),
    ...["location.created", "location.updated", "dark_store.created", "dark_store.status.changed", "dark_store.capacity.changed"].map(
      (name) => `store.${name}`,
    ),
  ];
  expect(named.filter((type) => !Object.hasOwn(schemas, type))).toEqual([]);
});

describe("the search index", () => {
  it("follows the catalogue, whoever writes it", async () => {
    const shop = await newTenant();
    await addItems(shop, ["A", "B"]);
    await rename(shop, "A", "Crème brûlée");
    const db = await shop.db();
    const found = async (query: string) => {
      const [rows = []] = await db.read(
        [
          {
            sql: `SELECT r.variant_id FROM catalog_search AS s JOIN catalog_search_rows AS r ON r.search_id = s.rowid
                  WHERE catalog_search MATCH ? ORDER BY 1`,
            args: [query],
          },
        ],
        { fresh: true },
      );
      return rows.map((row) => row["variant_id"]);
    };
    expect(await found("creme")).toEqual(["v-A"]);
    expect(await found("item")).toEqual(["v-B"]);
    await writeSql(shop, ["UPDATE variants SET barcode = '8901' WHERE variant_id = 'v-B'"]);
    expect(await found("8901")).toEqual(["v-B"]);
    await writeSql(shop, ["INSERT INTO catalog_search (catalog_search, rank) VALUES ('integrity-check', 1)"]);
  });
});
