import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { eventOf } from "../../src/domains/events/envelope.ts";
import { darkStoreProjection, projectDarkStores } from "../../src/domains/storefront/dark-store-projection.ts";
import { darkStoreView } from "../../src/domains/storefront/dark-store-view.ts";
import { type Row, statement } from "../../src/platform/db/statement.ts";
import type { RequestScope } from "../../src/platform/http/scope.ts";
import { cafe, ingest, newSource } from "../catalog/cata-payload.ts";
import { addDraft, publish, writeSql } from "../support/worker/menu-fixture.ts";
import { eventsApplied } from "../support/worker/orderability-fixture.ts";
import { addBundle, newShelf, type Shelf } from "../support/worker/stock-fixture.ts";
import { newTenant } from "../support/worker/tenant-fixture.ts";

const CODES = ["A", "B", "C", "BOX"] as const;
type Code = (typeof CODES)[number];

let shelf: Shelf;
let darkStore: string;

const call = async (method: string, path: string, body?: unknown, allowed: number[] = []) => {
  const answer = await shelf.tenant.call(method, path, body === undefined ? {} : { body });
  if (answer.status >= 300 && !allowed.includes(answer.status)) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer;
};

const sell = async (prices: Partial<Record<Code, number>>) => {
  const items = Object.entries(prices).map(([item_code, price]) => ({ item_code, price }));
  const draft = await addDraft(shelf.tenant, [{ name: "All", items }]);
  await publish(shelf.tenant, { draft_ids: [draft], store_ids: [shelf.store_id] });
};

const rows = () => shelf.rows("SELECT * FROM dark_store_catalog_projection ORDER BY dark_store_id, variant_id") as Promise<Row[]>;

/** Without when and by what it was written. */
const contentOf = (all: Row[]) => all.map(({ source_event_id: _, refreshed_at_ms: __, ...content }) => content);

const rebuild = async () => (await call("POST", "/api/v1/ops/projections/dark_store_catalog/rebuild")).json;

beforeAll(async () => {
  shelf = await newShelf(CODES);
  await addBundle(shelf.tenant, shelf.variants["BOX"] ?? "", { A: 2, B: 1 });
  const made = await call("POST", "/api/v1/dark-stores", { store_id: shelf.store_id, capacity: 40 });
  darkStore = made.json.id;
  await sell({ A: 100, B: 200, BOX: 350 });
  await shelf.move(["A", "count", 10], ["B", "count", 3]);
  await eventsApplied(shelf.tenant);
});

describe("the projection of a dark store", () => {
  it("follows stock, menu, catalogue and assortment by events", async () => {
    const held = Object.fromEntries((await rows()).map((row) => [String(row["sku"]), row]));
    expect(Object.keys(held).sort()).toEqual(["A", "B", "BOX"]);
    expect(held["A"]).toMatchObject({
      product_name: "Item A",
      quantity_available_e4: 100_000,
      is_counted: 1,
      effective_price_minor: 100,
      orderable: 1,
    });
    // Five boxes' worth of A, three of B.
    expect(held["BOX"]).toMatchObject({ quantity_available_e4: 30_000, effective_price_minor: 350, orderable: 1 });
    const event = (await shelf.rows("SELECT event_type FROM outbox WHERE event_id = ?", String(held["A"]?.["source_event_id"])))[0];
    // Whichever of them was looked at after the stock was there: the other found nothing to change.
    expect(["menu.published", "inventory.stock.adjusted"]).toContain(event?.["event_type"]);
    expect(await rebuild()).toEqual({ projection: "dark_store_catalog", rows: 3, added: 0, changed: 0, removed: 0 });
  });

  it("is told as the dark store's view, with its status and assortment", async () => {
    await call("PUT", `/api/v1/dark-stores/${darkStore}/assortment`, {
      items: [{ item_code: "A", is_essential: true, demand_score: 0.82, velocity_rank: 4 }],
    });
    await shelf.move(["B", "waste", -3]);
    await eventsApplied(shelf.tenant);
    const view = async (query = "") => {
      const written = await call("PATCH", `/api/v1/dark-stores/${darkStore}`, { name: `Dark ${crypto.randomUUID()}` });
      const headers = { "consistency-token": written.headers.get("consistency-token") ?? "" };
      return shelf.tenant.call("GET", `/api/v1/dark-stores/${darkStore}/catalog-view${query}`, { key: null, headers });
    };
    const { json } = await view();
    expect(json.dark_store).toMatchObject({
      id: darkStore,
      store_id: shelf.store_id,
      status: "active",
      is_active: true,
      capacity: 40,
      orderable: true,
    });
    expect(json.data).toMatchObject([
      { code: "A", price: 100, is_essential: true, demand_score: 0.82, velocity_rank: 4, orderable: true, available: 10 },
      { code: "B", price: 200, is_essential: false, orderable: false, reason: "no_stock", available: 0 },
      { code: "BOX", price: 350, orderable: false, reason: "no_stock", available: 0 },
    ]);
    const first = await view("?limit=2");
    const second = await view(`?limit=2&cursor=${first.json.next_cursor}`);
    expect([...first.json.data, ...second.json.data].map(({ code }) => code)).toEqual(["A", "B", "BOX"]);

    const { scope, meter } = await shelf.tenant.scope();
    await darkStoreView(scope as RequestScope, darkStore, { limit: 50 });
    expect(meter.round_trips).toBe(1);
    // The store's rows, and each of the three items with what belongs to it; never a pass over the tables.
    expect(meter.rows_read).toBeLessThan(30);

    await call("PATCH", `/api/v1/dark-stores/${darkStore}`, { status: "maintenance", reason: "inventory_audit" });
    const paused = await view();
    expect(paused.json.dark_store).toMatchObject({ status: "maintenance", is_active: false, orderable: false, reason: "store_paused" });
    expect(paused.json.data[0]).toMatchObject({ orderable: false, reason: "store_paused" });
    const key = await shelf.tenant.key("read");
    const internal = async () => (await shelf.tenant.call("GET", `/internal/dark-store-status/${darkStore}`, { key })).json;
    await expect.poll(internal, { timeout: 5_000 }).toMatchObject({ id: darkStore, status: "maintenance", is_active: false, capacity: 40 });
    expect(await shelf.events("store.dark_store.status.changed")).toEqual([
      { dark_store_id: darkStore, store_id: shelf.store_id, status: "maintenance", is_active: false, reason: "inventory_audit" },
    ]);
    await call("PATCH", `/api/v1/dark-stores/${darkStore}`, { status: "active" });
    await shelf.move(["B", "purchase", 3]);
  });

  it("follows a category that is named anew, and an item that its source hides", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    await ingest(tenant, source, cafe());
    const made = await tenant.call("POST", "/api/v1/stores", { body: { name: "Shop", timezone: "UTC", currency: "USD" } });
    const draft = await addDraft(tenant, [{ name: "All", items: [{ item_code: "BUN", price: 300 }] }]);
    await publish(tenant, { draft_ids: [draft], store_ids: [made.json.id] });
    await tenant.call("POST", "/api/v1/dark-stores", { body: { store_id: made.json.id } });
    const held = async () => {
      await eventsApplied(tenant);
      const [found = []] = await (await tenant.db()).read([statement("SELECT * FROM dark_store_catalog_projection WHERE sku = 'BUN'")], {
        fresh: true,
      });
      return found.map(({ sku, category_name, orderable, reason_code }) => [sku, category_name, orderable, reason_code]);
    };
    expect(await held()).toEqual([["BUN", "Drinks", 1, null]]);
    const changed = cafe();
    for (const category of changed.categories ?? []) category.name = `${category.name} now`;
    await ingest(tenant, source, changed);
    expect(await held()).toEqual([["BUN", "Drinks now", 1, null]]);
    for (const product of changed.products) if (product.item_code === "BUN") product.active = false;
    await ingest(tenant, source, changed);
    expect(await held()).toEqual([["BUN", "Drinks now", 0, "hidden"]]);
    const again = await tenant.call("POST", "/api/v1/ops/projections/dark_store_catalog/rebuild");
    expect(again.json).toMatchObject({ added: 0, changed: 0, removed: 0 });
  });

  it("says what a rebuild put right, and the second finds nothing", async () => {
    await eventsApplied(shelf.tenant);
    const before = contentOf(await rows());
    await writeSql(
      shelf.tenant,
      ["DELETE FROM dark_store_catalog_projection WHERE sku = 'A'"],
      ["UPDATE dark_store_catalog_projection SET quantity_available_e4 = 7 WHERE sku = 'B'"],
      [
        `INSERT INTO dark_store_catalog_projection SELECT dark_store_id, ?, 'C', product_name, category_name, is_active, is_essential, demand_score_e4,
           velocity_rank, 0, 0, NULL, 0, 'no_price', NULL, 0 FROM dark_store_catalog_projection WHERE sku = 'B'`,
        shelf.variants["C"] ?? "",
      ],
    );
    expect(await rebuild()).toEqual({ projection: "dark_store_catalog", rows: 3, added: 1, changed: 1, removed: 1 });
    expect(await rebuild()).toEqual({ projection: "dark_store_catalog", rows: 3, added: 0, changed: 0, removed: 0 });
    expect(contentOf(await rows())).toEqual(before);
    const unknown = await shelf.post("/api/v1/ops/projections/nothing/rebuild", undefined);
    expect(unknown.status).toBe(404);
  });

  it("comes to what a rebuild gives, in whatever order and however often events are delivered", async () => {
    const code = fc.constantFrom(...CODES);
    const act = fc.oneof(
      {
        arbitrary: fc.record({
          move: code,
          type: fc.constantFrom("purchase", "sale", "count"),
          quantity: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 10, max: 40 })),
        }),
        weight: 4,
      },
      {
        arbitrary: fc.record({
          reserve: code,
          quantity: fc.integer({ min: 1, max: 3 }),
          next: fc.constantFrom("nothing", "commit", "release"),
        }),
        weight: 2,
      },
      fc.record({ rename: code }),
      fc.record({ visible: code, is: fc.boolean() }),
      fc.record({ assortment: code, is_active: fc.boolean() }),
      fc.record({ snooze: code }),
      fc.record({ sell: fc.dictionary(code, fc.integer({ min: 1, max: 900 }), { minKeys: 1 }) }),
    );
    type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;
    const perform = async (chosen: Act): Promise<void> => {
      if ("move" in chosen) {
        // Small sales of much: most change a quantity and turn nothing.
        const quantity = chosen.type === "sale" ? -Math.min(chosen.quantity, 3) : chosen.quantity;
        await shelf.move([chosen.move, chosen.type, chosen.type === "count" ? quantity : quantity || 1, Date.now()]);
      } else if ("reserve" in chosen) {
        const order = crypto.randomUUID();
        const reserved = await shelf.reserve(order, { [chosen.reserve]: chosen.quantity });
        if (reserved.status === 201 && chosen.next !== "nothing") {
          await call("POST", `/api/v1/inventory/reservations/${order}/${chosen.next}`, { location_id: shelf.location_id });
        }
      } else if ("rename" in chosen) {
        const [{ product_id } = {}] = await shelf.rows("SELECT product_id FROM variants WHERE item_code = ?", chosen.rename);
        await call("PATCH", `/api/v1/products/${product_id}`, { name: `Name ${crypto.randomUUID()}` });
      } else if ("visible" in chosen) {
        await call("PATCH", `/api/v1/variants/${shelf.variants[chosen.visible]}`, { visible: chosen.is });
      } else if ("assortment" in chosen) {
        await call("PUT", `/api/v1/dark-stores/${darkStore}/assortment`, {
          items: [{ item_code: chosen.assortment, is_active: chosen.is_active }],
        });
      } else if ("snooze" in chosen) {
        await call("POST", "/api/v1/inventory/snoozes", { item_code: chosen.snooze, location_id: shelf.location_id }, [409]);
      } else await sell(chosen.sell);
    };

    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()), async (acts, choices) => {
        const before = await rows();
        const [{ sequence } = {}] = await shelf.rows("SELECT last_event_sequence AS sequence FROM commit_state");
        for (const chosen of acts) await perform(chosen);
        await eventsApplied(shelf.tenant);
        const byConsumer = contentOf(await rows());

        // As it was, then everything that happened since, in any order, some of it twice, in pieces.
        await restore(before);
        const told = await shelf.rows("SELECT * FROM outbox WHERE sequence > ? ORDER BY sequence", Number(sequence));
        const events = told.map((row) => eventOf(shelf.tenant.tenant_id, row as Row));
        const delivered = [...events, ...events.filter(() => Number(choices.next().value) % 3 === 0)]
          .map((event) => ({ event, at: Number(choices.next().value) }))
          .sort((a, b) => a.at - b.at)
          .map(({ event }) => event);
        const { scope } = await shelf.tenant.scope();
        while (delivered.length > 0) await projectDarkStores(scope, delivered.splice(0, 1 + (Number(choices.next().value) % 5)));
        const delivery = contentOf(await rows());
        expect(delivery).toEqual(byConsumer);
        expect(await darkStoreProjection.rebuild(scope)).toMatchObject({ added: 0, changed: 0, removed: 0 });

        await writeSql(shelf.tenant, ["DELETE FROM dark_store_catalog_projection"]);
        await darkStoreProjection.rebuild(scope);
        expect(contentOf(await rows())).toEqual(delivery);
      }),
      { numRuns: 25 },
    );
    // Every event of all this fits its schema.
    expect(await shelf.rows("SELECT reason FROM dead_letters")).toEqual([]);
  }, 120_000);
});

async function restore(before: Row[]): Promise<void> {
  await writeSql(shelf.tenant, ["DELETE FROM dark_store_catalog_projection"]);
  const columns = Object.keys(before[0] ?? {});
  for (const row of before) {
    const marks = columns.map(() => "?").join(", ");
    const { sql, args } = statement(
      `INSERT INTO dark_store_catalog_projection (${columns.join(", ")}) VALUES (${marks})`,
      ...columns.map((column) => row[column] ?? null),
    );
    await writeSql(shelf.tenant, [sql, ...args]);
  }
}
