import { describe, expect, test } from "vitest";
import { readFeed } from "../../src/domains/sync/pull-changes.ts";
import type { DatabaseHandle } from "../../src/platform/db/database.ts";
import { appliedAnswer } from "../../src/platform/http/reply.ts";
import { sweepUnit } from "../../src/platform/writer/sweep.ts";
import { addDraft, addModifierGroup, publish, writeSql } from "../support/worker/menu-fixture.ts";
import { addVariants, NOON_MS } from "../support/worker/stock-fixture.ts";
import { line, newId, newTillShop, op, sale, type Till } from "../support/worker/till-fixture.ts";

const terminalOf = ({ terminal_id, shelf }: Till) => ({ terminal_id, store_id: shelf.store_id, location_id: shelf.location_id });

// biome-ignore lint/suspicious/noExplicitAny: a parsed answer.
type Change = any;

/** What a till holds after these changes, by entity and id. */
function copyOf(changes: Change[], into = new Map<string, Change>()): Map<string, Change> {
  for (const change of changes) {
    const key = `${change.entity} ${change.id}`;
    if (change.deleted) into.delete(key);
    else into.set(key, change.data);
  }
  return into;
}

describe("the feed", () => {
  test("has everything that a till of the store needs, and nothing of another's", async () => {
    const { shelf, till } = await newTillShop();
    const { tenant } = shelf;
    await addModifierGroup(tenant, []);
    await writeSql(
      tenant,
      [
        "INSERT INTO categories (category_id, name, original_name, position, created_at_ms, updated_at_ms) VALUES ('c', 'Coffee', 'Coffee', 1, 0, 0)",
      ],
      ["INSERT INTO product_categories (product_id, category_id, position) SELECT product_id, 'c', 0 FROM variants WHERE item_code = 'A'"],
      [
        `INSERT INTO variant_prices (variant_price_id, variant_id, location_id, currency, price_minor, tax_rate_e4, effective_from_ms, created_at_ms)
         VALUES ('here', ?1, ?2, 'USD', 650, 900, 0, 0), ('everywhere', ?1, NULL, 'USD', 600, 0, 0, 0)`,
        String(shelf.variants["A"]),
        shelf.location_id,
      ],
    );
    await shelf.move(["A", "count", 10, NOON_MS]);
    const second = (await shelf.post("/api/v1/stores", { name: "Second", timezone: "UTC", currency: "USD" })).json;
    await writeSql(tenant, [
      `INSERT INTO variant_prices (variant_price_id, variant_id, location_id, currency, price_minor, effective_from_ms, created_at_ms)
       VALUES ('there', ?, ?, 'USD', 1, 0, 0)`,
      String(shelf.variants["A"]),
      second.location_id,
    ]);
    await publish(tenant, {
      draft_ids: [await addDraft(tenant, [{ name: "All", items: [{ item_code: "A", price: 700 }] }])],
      store_ids: [shelf.store_id],
    });
    await till.push([
      op("customer.upsert", { customer_id: "anna", fields: { name: "Anna" } }),
      op("order.create", { order_id: "open", currency: "USD", lines: [] }),
      op("shift.open", { shift_id: "morning", currency: "USD", opening_amount: 500 }),
    ]);
    const { changes } = await till.pull();
    const copy = copyOf(changes);
    const variantId = shelf.variants["A"];
    expect([...new Set(changes.map(({ entity }: Change) => entity))].sort()).toEqual(
      [
        "category",
        "customer",
        "menu",
        "modifier_group",
        "order",
        "orderability",
        "price",
        "product",
        "shift",
        "stock_position",
        "store",
        "variant",
      ].sort(),
    );
    expect(copy.get(`store ${shelf.store_id}`)).toMatchObject({ name: "Shop", currency: "USD" });
    expect(copy.get(`variant ${variantId}`)).toMatchObject({ item_code: "A", name: "Item A", visible: true, bundle: [] });
    const { product_id } = copy.get(`variant ${variantId}`);
    expect(copy.get(`product ${product_id}`)).toMatchObject({ name: "Item A", categories: ["c"], modifier_groups: [] });
    expect(copy.get("category c")).toEqual({ id: "c", name: "Coffee", parent_id: null, position: 1 });
    expect(copy.get("price here")).toMatchObject({ price: 650, tax_rate: 0.09 });
    expect(copy.get("price everywhere")).toMatchObject({ location_id: null });
    expect(copy.has("price there")).toBe(false);
    expect(copy.get(`menu ${shelf.store_id}`)).toEqual({
      store_id: shelf.store_id,
      menu_version: 1,
      url: `/api/v1/stores/${shelf.store_id}/menu`,
    });
    expect(copy.get(`stock_position ${shelf.location_id}:${variantId}`)).toMatchObject({ quantity_on_hand: 10 });
    expect(copy.get("modifier_group g").options).toHaveLength(12);
    expect(copy.get("customer anna")).toEqual({ id: "anna", version: 1, fields: { name: "Anna" } });
    const sequences = changes.filter(({ entity }: Change) => entity === "product").map(({ version }: Change) => version);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  });

  test("tells a rename by the product's and its variants' rows, and a price that is gone", async () => {
    const { shelf, till } = await newTillShop();
    await writeSql(shelf.tenant, [
      "INSERT INTO variant_prices (variant_price_id, variant_id, currency, price_minor, effective_from_ms, created_at_ms) VALUES ('p', ?, 'USD', 1, 0, 0)",
      String(shelf.variants["A"]),
    ]);
    await till.push([]);
    const { cursor } = await till.pull();
    await writeSql(
      shelf.tenant,
      ["UPDATE products SET name = 'New name' WHERE product_id = (SELECT product_id FROM variants WHERE item_code = 'A')"],
      ["DELETE FROM variant_prices"],
    );
    await till.push([]);
    const { changes } = await till.pull(cursor);
    expect(changes.map(({ entity, deleted }: Change) => [entity, deleted]).sort()).toEqual([
      ["price", true],
      ["product", false],
      ["variant", false],
    ]);
    expect(changes.find(({ entity }: Change) => entity === "variant")?.data.name).toBe("New name");
  });

  test("of some entities keeps its own cursor", async () => {
    const { till } = await newTillShop();
    const { changes, cursor } = await till.pull(undefined, "&entities=variant,product");
    expect(changes).toHaveLength(4);
    const other = await till.call("GET", `/api/v1/sync/pull?cursor=${cursor}`);
    expect([other.status, other.json.code, other.json.reason]).toEqual([409, "RESYNC_REQUIRED", "other_feed"]);
    expect((await till.call("GET", "/api/v1/sync/pull?entities=secrets")).status).toBe(422);
    expect((await till.call("GET", "/api/v1/sync/pull?cursor=nonsense")).status).toBe(400);
  });
});

describe("a cursor", () => {
  test("of before a restore, or of a month before what was cleared, has to begin again", async () => {
    const { shelf, till } = await newTillShop();
    await till.push([]);
    const { cursor } = await till.pull();
    const ask = () => till.call("GET", `/api/v1/sync/pull?cursor=${cursor}`);
    expect((await ask()).status).toBe(200);
    await writeSql(shelf.tenant, ["UPDATE feed_state SET pruned_sequence = sequence + 1, sequence = sequence + 2"]);
    await till.push([]);
    expect([(await ask()).json.code, (await ask()).json.reason]).toEqual(["RESYNC_REQUIRED", "too_old"]);
    await till.pull();
    await writeSql(shelf.tenant, ["UPDATE feed_state SET pruned_sequence = 0"], ["UPDATE commit_state SET epoch = 'restored'"]);
    await till.push([]);
    await expect.poll(async () => (await ask()).json.reason).toBe("restored");
  });

  test("never goes past what a replica that is behind has", async () => {
    const { shelf, till } = await newTillShop();
    const { scope } = await shelf.tenant.scope();
    await till.push([op("customer.upsert", { customer_id: "first", fields: { name: "1" } })]);
    const fresh: DatabaseHandle = { ...scope.db, read: (statements, options) => scope.db.read(statements, { ...options, fresh: true }) };
    // Two moments of the primary stand for two replicas.
    const old = await readFeed({ db: fresh }, terminalOf(till), null, 500, []);
    await till.push([op("customer.upsert", { customer_id: "second", fields: { name: "2" } })]);
    const ahead = await readFeed({ db: fresh }, terminalOf(till), old.position, 500, []);
    expect(ahead.rows.map(({ id }) => id)).toEqual(["second"]);
    const [state = []] = await fresh.read([{ sql: "SELECT epoch FROM commit_state", args: [] }]);
    const behind: DatabaseHandle = {
      ...fresh,
      read: async () => [[{ epoch: state[0]?.["epoch"] ?? null, sequence: old.position.sequence, pruned_sequence: 0 }], []],
    };
    const again = await readFeed({ db: behind }, terminalOf(till), ahead.position, 500, []);
    expect(again).toEqual({ rows: [], position: ahead.position, has_more: false });
  });
});

describe("a first copy", () => {
  test("of five thousand products pages through without gaps while writes go on, and ends equal to the tables", async () => {
    const { shelf, till } = await newTillShop();
    const { tenant } = shelf;
    for (let part = 0; part < 5; part++)
      await addVariants(
        tenant,
        Array.from({ length: 1_000 }, (_, n) => `P${part * 1_000 + n}`),
      );
    let stop = false;
    let renames = 0;
    const writer = (async () => {
      while (!stop) {
        renames += 1;
        const code = `P${(renames * 797) % 5_000}`;
        await writeSql(
          tenant,
          [
            "UPDATE products SET name = ? WHERE product_id = (SELECT product_id FROM variants WHERE item_code = ?)",
            `Renamed ${renames}`,
            code,
          ],
          renames % 5 === 0
            ? ["DELETE FROM variants WHERE item_code = ?", `P${(renames * 13) % 5_000}`]
            : ["UPDATE variants SET barcode = ? WHERE item_code = ?", String(renames), code],
        );
      }
    })();
    const copy = new Map<string, Change>();
    let cursor = "";
    let pages = 0;
    for (;;) {
      const answer = await till.call("GET", `/api/v1/sync/pull?limit=250${cursor && `&cursor=${cursor}`}`);
      expect(answer.status).toBe(200);
      copyOf(answer.json.changes, copy);
      cursor = answer.json.cursor;
      pages += 1;
      if (pages === 45) {
        stop = true;
        await writer;
        await till.push([]);
      }
      if (!answer.json.has_more && pages > 45) break;
    }
    expect(renames).toBeGreaterThan(20);
    const rows = await shelf.rows(
      "SELECT v.variant_id, p.name, v.barcode FROM variants AS v JOIN products AS p ON p.product_id = v.product_id",
    );
    const held = [...copy].flatMap(([key, data]) => (key.startsWith("variant ") ? [[data.id, data.name, data.barcode]] : [])).sort();
    expect(held).toEqual(rows.map((row) => [row["variant_id"], row["name"], row["barcode"]]).sort());
    const products = await shelf.rows("SELECT product_id, name FROM products");
    const names = [...copy].flatMap(([key, data]) => (key.startsWith("product ") ? [[data.id, data.name]] : [])).sort();
    expect(names).toEqual(products.map((row) => [row["product_id"], row["name"]]).sort());
  }, 120_000);

  test("ends a page early where it would be more than the database answers, and leaves nothing out", async () => {
    const { till } = await newTillShop();
    const note = "x".repeat(500);
    const lines = () => Array.from({ length: 200 }, () => line("A", 1, 1, { note, name: note }));
    const ids = Array.from({ length: 60 }, () => newId());
    // More than a push may be; all of it is more than the database answers at once.
    for (let from = 0; from < 60; from += 4)
      await till.push(ids.slice(from, from + 4).map((order_id) => op("order.create", { order_id, currency: "USD", lines: lines() })));
    const page = await till.call("GET", "/api/v1/sync/pull?limit=1000&entities=order");
    expect(page.status).toBe(200);
    expect(page.json.changes.length).toBeLessThan(60);
    expect(page.json.has_more).toBe(true);
    const { changes } = await till.pull(undefined, "&entities=order");
    expect(changes.map(({ id }: Change) => id).sort()).toEqual(ids.sort());
  });

  test("has nothing of what was gone when it began", async () => {
    const { till } = await newTillShop();
    await till.push([sale("A"), sale("A")]);
    const { changes, cursor } = await till.pull();
    expect(changes.filter(({ deleted }: Change) => deleted)).toEqual([]);
    await till.push([sale("A")]);
    expect((await till.pull(cursor)).changes).toMatchObject([{ entity: "order", deleted: true, data: { status: "closed" } }]);
  });
});

test("rows read do not grow with the history", async () => {
  const { shelf, till } = await newTillShop();
  await shelf.move(["A", "count", 1_000, NOON_MS]);
  await till.push([]);
  const { scope, meter } = await shelf.tenant.scope();
  const fresh: DatabaseHandle = { ...scope.db, read: (statements, options) => scope.db.read(statements, { ...options, fresh: true }) };
  const terminal = terminalOf(till);
  const costOf = async (from: Parameters<typeof readFeed>[2], limit: number) => {
    const before = meter.rows_read;
    const pulled = await readFeed({ db: fresh }, terminal, from, limit, []);
    return { ...pulled, cost: meter.rows_read - before };
  };
  let { position } = await costOf(null, 1_000);
  const customers = (from: number) =>
    Array.from({ length: 20 }, (_, n) => op("customer.upsert", { customer_id: `c${from + n}`, fields: { name: "x" } }));
  const costs: [idle: number, page: number][] = [];
  for (let round = 0; round < 4; round++) {
    const idle = await costOf(position, 1_000);
    expect(idle.rows).toEqual([]);
    await till.push(customers(round * 20));
    const page = await costOf(position, 1_000);
    expect(page.rows).toHaveLength(20);
    costs.push([idle.cost, page.cost]);
    position = page.position;
    // A long history: many changes of the same rows, and many that are gone.
    await till.push(Array.from({ length: 100 * (round + 1) }, () => sale("A")));
    for (let n = 0; n < 5; n++) await shelf.move(["A", "adjustment", 1]);
    position = (await costOf(position, 1_000)).position;
  }
  const [first] = costs;
  for (const cost of costs) expect(cost).toEqual(first);
  // Two rows that say where the feed is and a look at each of its legs; then of each row its place, itself, and once more the merged page.
  expect(first?.[0]).toBeLessThanOrEqual(9);
  expect(first?.[1]).toBeLessThanOrEqual(9 + 3 * 20);
});

test("what was deleted a month ago is cleared, and who has been here since goes on", async () => {
  const { shelf, till } = await newTillShop();
  const dayMs = 86_400_000;
  const db = await shelf.tenant.db();
  const sweep = async (atMs: number) => appliedAnswer(await db.write(sweepUnit(newId(), atMs, true)));
  const startMs = Date.now();
  await till.push([op("order.create", { order_id: newId(), currency: "USD", lines: [] })]);
  const old = (await till.pull()).cursor;
  await till.push([sale("A")]);
  const { cursor } = await till.pull(old);
  await sweep(startMs);
  const gone = () => shelf.rows("SELECT count(*) AS n FROM change_feed WHERE deleted = 1");
  await sweep(startMs + 29 * dayMs);
  expect(await gone()).toEqual([{ n: 1 }]);
  expect((await till.pull(old)).changes).toHaveLength(1);
  expect(await sweep(startMs + 31 * dayMs)).toMatchObject({ is_more: false });
  expect(await gone()).toEqual([{ n: 0 }]);
  await till.push([]);
  expect((await till.pull(cursor)).changes).toEqual([]);
  const late = await till.call("GET", `/api/v1/sync/pull?cursor=${old}`);
  expect([late.status, late.json.reason]).toEqual([409, "too_old"]);
});
