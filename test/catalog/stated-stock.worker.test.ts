import { describe, expect, test } from "vitest";
import { countStatedStock } from "../../src/domains/inventory/count-stated-stock.ts";
import { expectSoundStock } from "../support/worker/expect-sound-stock.ts";
import { addStore, locationOf } from "../support/worker/menu-fixture.ts";
import { at, NOON_MS, newShelf, type Shelf } from "../support/worker/stock-fixture.ts";
import { ingest, newSource } from "./cata-payload.ts";

interface Stated {
  id: string;
  quantity: number;
  location?: string;
  counted_at?: string;
}

const payload = (stock: Stated[], codes = ["TEA", "COFFEE"]) => ({
  format: "cata/1" as const,
  currency: "USD",
  products: codes.map((code) => ({ id: code, name: code, item_code: `S-${code}`, price: 100 })),
  stock,
});

/** A source system whose stock lies at the shelf's store. */
async function newStand(): Promise<{ shelf: Shelf; source: string }> {
  const shelf = await newShelf([]);
  const source = await newSource(shelf.tenant, { settings: { location_id: shelf.location_id, locations: {} } });
  return { shelf, source };
}

const movements = (shelf: Shelf) =>
  shelf.rows(
    `SELECT v.item_code, m.movement_type, m.quantity_e4 / 10000.0 AS quantity, m.reference_type, m.reference_id FROM stock_movements AS m
     JOIN variants AS v USING (variant_id) ORDER BY m.occurred_at_ms, v.item_code`,
  );

async function run(shelf: Shelf, source: string, body: unknown, query = "") {
  const answer = await ingest(shelf.tenant, source, body, query);
  if (answer.status !== 200 && answer.status !== 201) throw new Error(answer.text);
  return answer.json;
}

async function takeIn(shelf: Shelf, source: string, body: unknown) {
  const ended = await run(shelf, source, body);
  await shelf.tenant.settled();
  return ended;
}

describe("stock that a payload states", () => {
  test("becomes a count in the ledger, once; the same statement again is no news, whatever was sold since", async () => {
    const { shelf, source } = await newStand();
    const first = await takeIn(
      shelf,
      source,
      payload([
        { id: "TEA", quantity: 12 },
        { id: "COFFEE", quantity: 2.5 },
      ]),
    );
    expect(first).toMatchObject({ failed: 0, received: 2, stock: { stated: 2, changed: 2, left_out: 0 } });
    expect(await movements(shelf)).toEqual([
      { item_code: "S-COFFEE", movement_type: "count", quantity: 2.5, reference_type: "ingestion", reference_id: first.id },
      { item_code: "S-TEA", movement_type: "count", quantity: 12, reference_type: "ingestion", reference_id: first.id },
    ]);
    expect(await shelf.figures("S-TEA")).toEqual([12, 0, 12]);

    await shelf.move(["S-TEA", "sale", -2, Date.now() + 1_000]);
    const again = await takeIn(
      shelf,
      source,
      payload([
        { id: "TEA", quantity: 12 },
        { id: "COFFEE", quantity: 2.5 },
      ]),
    );
    expect(again).toMatchObject({ unchanged: 2, stock: { stated: 2, changed: 0, left_out: 0 } });
    expect(await shelf.figures("S-TEA")).toEqual([10, 0, 10]);
    expect((await shelf.events("inventory.stock.adjusted")).length).toBe(3);

    await takeIn(shelf, source, payload([{ id: "TEA", quantity: 7 }]));
    expect(await shelf.figures("S-COFFEE")).toEqual([2.5, 0, 2.5]);
    expect(await movements(shelf)).toHaveLength(4);
    await expectSoundStock(shelf);
  });

  test("counts at the time at which the provider counted; an older count changes nothing", async () => {
    const { shelf, source } = await newStand();
    await takeIn(shelf, source, payload([{ id: "TEA", quantity: 5, counted_at: at(NOON_MS) }]));
    await shelf.move(["S-TEA", "sale", -1, NOON_MS - 60_000], ["S-TEA", "sale", -1, NOON_MS + 60_000]);
    expect(await shelf.figures("S-TEA")).toEqual([4, 0, 4]);
    const older = await takeIn(shelf, source, payload([{ id: "TEA", quantity: 9, counted_at: at(NOON_MS - 1) }]));
    expect(older.stock).toEqual({ stated: 1, changed: 0, left_out: 0 });
    const newer = await takeIn(shelf, source, payload([{ id: "TEA", quantity: 5, counted_at: at(NOON_MS + 120_000) }]));
    expect(newer.stock.changed).toBe(1);
    expect(await shelf.figures("S-TEA")).toEqual([5, 0, 5]);
  });

  test("lies where the settings say; what is of no known place or variant is counted and left out", async () => {
    const { shelf, source } = await newStand();
    const other = await locationOf(shelf.tenant, await addStore(shelf.tenant, "Second"));
    const settings = { location_id: null, locations: { near: shelf.location_id, far: other } };
    expect((await shelf.tenant.call("PATCH", `/api/v1/source-systems/${source}`, { body: { settings } })).status).toBe(200);
    const stock = [
      { id: "TEA", quantity: 1, location: "near" },
      { id: "TEA", quantity: 2, location: "far" },
      { id: "TEA", quantity: 3, location: "elsewhere" },
      { id: "TEA", quantity: 4 },
      { id: "GHOST", quantity: 5, location: "near" },
    ];
    const dry = await run(shelf, source, payload(stock), "?dry_run=true");
    expect(dry.stock).toEqual({ stated: 5, changed: 2, left_out: 3 });
    const real = await takeIn(shelf, source, payload(stock));
    expect(real.stock).toEqual(dry.stock);
    expect(await shelf.figures("S-TEA")).toEqual([1, 0, 1]);
    expect(await shelf.figures("S-TEA", other)).toEqual([2, 0, 2]);
    const dryAgain = await run(shelf, source, payload(stock), "?dry_run=true");
    expect(dryAgain.stock).toEqual({ stated: 5, changed: 0, left_out: 3 });
  });

  test("of counts without products the variants are those of earlier payloads", async () => {
    const { shelf, source } = await newStand();
    await takeIn(shelf, source, payload([]));
    const counts = await takeIn(shelf, source, payload([{ id: "COFFEE", quantity: 3 }], []));
    expect(counts).toMatchObject({ received: 0, stock: { stated: 1, changed: 1, left_out: 0 } });
    expect(await shelf.figures("S-COFFEE")).toEqual([3, 0, 3]);
    // Counts alone say nothing of which products there are.
    await shelf.tenant.call("PATCH", `/api/v1/source-systems/${source}`, { body: { settings: { on_missing: "hide" } } });
    const later = await takeIn(shelf, source, payload([{ id: "COFFEE", quantity: 4 }], []));
    expect(later).toMatchObject({ status: "completed", hidden: 0, stock: { changed: 1 } });
    expect(await takeIn(shelf, source, payload([], []))).toMatchObject({ status: "needs_confirmation" });
  });

  test("a location that is nobody's is refused where it is set", async () => {
    const { shelf, source } = await newStand();
    const nowhere = crypto.randomUUID();
    const answer = await shelf.tenant.call("PATCH", `/api/v1/source-systems/${source}`, {
      body: { settings: { locations: { a: nowhere } } },
    });
    expect([answer.status, answer.json.code, answer.json.location_ids]).toEqual([422, "LOCATION_UNKNOWN", [nowhere]]);
  });

  test("450 statements are counted in three units; deliveries at once write each of them once", async () => {
    const { shelf, source } = await newStand();
    const codes = Array.from({ length: 450 }, (_, index) => `V${index}`);
    await takeIn(shelf, source, payload([], codes));
    await run(
      shelf,
      source,
      payload(
        codes.map((id, index) => ({ id, quantity: index })),
        codes,
      ),
    );
    const { scope } = await shelf.tenant.scope();
    const message = {
      type: "wanted" as const,
      tenant_id: shelf.tenant.tenant_id,
      kind: "count_stock" as const,
      key: source,
      requests: 1,
      payload: {},
    };
    await Promise.all([countStatedStock(scope, message), countStatedStock(scope, message), countStatedStock(scope, message)]);
    await shelf.tenant.settled();
    const [row] = await shelf.rows(
      `SELECT (SELECT count(*) FROM stock_movements) AS movements, (SELECT count(*) FROM stock_positions) AS positions,
         (SELECT count(*) FROM stated_stock WHERE is_pending = 1) AS pending, (SELECT state FROM wanted WHERE kind = 'count_stock') AS state`,
    );
    expect(row).toEqual({ movements: 450, positions: 450, pending: 0, state: "done" });
    await expectSoundStock(shelf);
  });
});
