import { describe, expect, test } from "vitest";
import { endpoints } from "../../src/app.ts";
import { readStore } from "../../src/domains/stores/reader.ts";
import { utf8 } from "../../src/kernel/bytes.ts";
import type { DatabaseHandle } from "../../src/platform/db/database.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { type Endpoint, isRawBody } from "../../src/platform/http/endpoint.ts";
import { systemClock } from "../../src/platform/http/runtime.ts";
import { ingest, newSource, shelf } from "../catalog/cata-payload.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

const NOBODY = "00000000-0000-7000-8000-000000000000";

const stored = async (tenant: TestTenant, sql: string) => (await (await tenant.db()).read([statement(sql)], { fresh: true }))[0];

describe("what fails before the unit of work", () => {
  test.each([
    ["PATCH", `/api/v1/stores/${NOBODY}`, { name: "x" }],
    ["PATCH", `/api/v1/products/${NOBODY}`, { name: "x" }],
    ["PATCH", `/api/v1/variants/${NOBODY}`, { name: "x" }],
    ["PATCH", `/api/v1/categories/${NOBODY}`, { name: "x" }],
    ["PATCH", `/api/v1/modifier-groups/${NOBODY}`, { name: "x" }],
    ["PATCH", `/api/v1/source-systems/${NOBODY}`, { name: "x" }],
    ["PUT", `/api/v1/menus/drafts/${NOBODY}`, { name: "x", currency: "USD", sections: [] }],
    ["POST", `/api/v1/source-systems/${NOBODY}/ingestions`, shelf(1)],
  ])("%s %s: what the data says is remembered with its key", async (method, path, body) => {
    const tenant = await newTenant();
    const first = await tenant.call(method, path, { body, idempotency_key: "k" });
    const again = await tenant.call(method, path, { body, idempotency_key: "k" });
    expect([first.status, first.json.code, first.headers.get("idempotent-replayed")]).toEqual([404, "NOT_FOUND", null]);
    expect([again.text, again.headers.get("idempotent-replayed")]).toEqual([first.text, "true"]);
    const other = await tenant.call(method, path, { body: { ...(body as object), name: "y" }, idempotency_key: "k" });
    expect([other.status, other.json.code]).toEqual([409, "IDEMPOTENCY_KEY_REUSED"]);
  });

  test("an ingestion is answered again though its source was switched off since; a new one is refused, and that is remembered", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const first = await ingest(tenant, source, shelf(3), "", "done");
    expect(first.status).toBe(201);
    const isActive = (is_active: boolean) => tenant.call("PATCH", `/api/v1/source-systems/${source}`, { body: { is_active } });
    await isActive(false);
    const again = await ingest(tenant, source, shelf(3), "", "done");
    expect([again.status, again.text, again.headers.get("idempotent-replayed")]).toEqual([201, first.text, "true"]);
    for (const [key, payload] of [
      ["new", shelf(3)],
      ["large", shelf(9_000)],
    ] as const) {
      const refused = await ingest(tenant, source, payload, "", key);
      expect([refused.status, refused.json.code]).toEqual([409, "CONFLICT"]);
      await isActive(true);
      const later = await ingest(tenant, source, payload, "", key);
      expect([later.status, later.text, later.headers.get("idempotent-replayed")]).toEqual([409, refused.text, "true"]);
      await isActive(false);
    }
    expect(await stored(tenant, "SELECT count(*) AS runs FROM ingestion_runs")).toEqual([{ runs: 1 }]);
  });

  test("what is wrong with a payload frees the key", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const send = () =>
      tenant.call("POST", `/api/v1/source-systems/${source}/ingestions`, {
        raw: "{}",
        headers: { "content-type": "application/json" },
        idempotency_key: "k",
      });
    for (let attempt = 0; attempt < 2; attempt++) {
      const answer = await send();
      expect([answer.status, answer.headers.get("idempotent-replayed")]).toEqual([422, null]);
    }
    expect(await stored(tenant, "SELECT count(*) AS receipts FROM receipts WHERE key = 'k'")).toEqual([{ receipts: 0 }]);
  });
});

async function created(tenant: TestTenant, path: string, body: object) {
  const answer = await tenant.call("POST", path, { body });
  if (answer.status !== 201) throw new Error(`${path}: ${answer.text}`);
  return answer.json;
}

describe("a replica that has stalled", () => {
  const writes = endpoints.filter(({ access, idempotency }) => access !== "operator" && access !== "open" && idempotency !== "none");
  type Input = { params?: object; query?: object; body?: object };
  const parsed = ({ body }: Endpoint, input: Input): Input =>
    body && !isRawBody(body) ? { ...input, body: body.parse(input.body) } : input;
  const nameOf = ({ method, path }: Endpoint) => `${method} ${path}`;

  /** What each write with a read or a reference in it names; the others cannot be refused for what a replica has not got. */
  async function inputs(tenant: TestTenant): Promise<Record<string, Input>> {
    const { id: store_id, location_id } = await created(tenant, "/api/v1/stores", { name: "Corner", timezone: "UTC", currency: "USD" });
    const source_system_id = await newSource(tenant);
    await ingest(tenant, source_system_id, shelf(1));
    const draft = { name: "Menu", currency: "USD", sections: [] };
    const { id: draft_id } = await created(tenant, "/api/v1/menus/drafts", draft);
    const [ids] =
      (await stored(tenant, "SELECT (SELECT product_id FROM products) AS product_id, (SELECT variant_id FROM variants) AS variant_id")) ??
      [];
    const variant_id = String(ids?.["variant_id"]);
    const letter = { type: "events", tenant_id: tenant.tenant_id, from: 1, to: 1 };
    const insert = statement(
      "INSERT INTO dead_letters (id, queue, message, died_at_ms) VALUES (?, 'q', ?, 0)",
      NOBODY,
      JSON.stringify(letter),
    );
    const answer = { status: 200, select: statement("SELECT 'null'") };
    await (await tenant.db()).write({ id: systemClock.newId(), lane: "sale", wakes: false, steps: [insert], answer });
    const payload = { bytes: utf8(JSON.stringify(shelf(2))), content_type: "application/json" };
    return {
      "post /api/v1/stores": { body: { name: "Second", timezone: "UTC", currency: "USD" } },
      "patch /api/v1/stores/{store_id}": { params: { store_id }, body: { name: "Renamed" } },
      "post /api/v1/source-systems": { body: { source_type: "pos", name: "Second", provider: "cata", settings: {} } },
      "patch /api/v1/source-systems/{source_system_id}": { params: { source_system_id }, body: { name: "Renamed" } },
      "post /api/v1/source-systems/{source_system_id}/ingestions": { params: { source_system_id }, query: {}, body: payload },
      "put /api/v1/source-systems/{source_system_id}/webhook-secret": { params: { source_system_id }, body: {} },
      "delete /api/v1/source-systems/{source_system_id}/webhook-secret": { params: { source_system_id }, query: { which: "all" } },
      "patch /api/v1/products/{product_id}": { params: { product_id: ids?.["product_id"] }, body: { name: "Renamed" } },
      "put /api/v1/products/{product_id}/image": {
        params: { product_id: ids?.["product_id"] },
        body: { bytes: utf8("GIF89a"), content_type: "image/gif" },
      },
      "delete /api/v1/products/{product_id}/image": { params: { product_id: ids?.["product_id"] } },
      "post /api/v1/images/retry": { body: {} },
      "patch /api/v1/variants/{variant_id}": { params: { variant_id }, body: { name: "Renamed" } },
      "post /api/v1/menus/drafts": { body: draft },
      "put /api/v1/menus/drafts/{draft_id}": { params: { draft_id }, body: draft },
      "post /api/v1/menus/publishes": { body: { draft_ids: [draft_id], store_ids: [store_id] } },
      "post /api/v1/ops/dead-letters/{id}/replay": { params: { id: NOBODY } },
      "post /api/v1/ops/projections/{name}/rebuild": { params: { name: "dark_store_catalog" } },
      ...(await tradingInputs(tenant, store_id)),
      ...(await catalogInputs(tenant, String(ids?.["product_id"]), variant_id)),
      ...(await terminalInputs(tenant, store_id)),
      ...(await stockInputs(tenant, { location_id, variant_id })),
    };
  }

  async function catalogInputs(tenant: TestTenant, product_id: string, variant_id: string): Promise<Record<string, Input>> {
    const category = await created(tenant, "/api/v1/categories", { name: "Own" });
    const group = await created(tenant, "/api/v1/modifier-groups", { name: "Size", options: [{ name: "Large" }] });
    const price = { item_code: "CODE-0", currency: "USD", price: 5 };
    const [first, second] = [
      await created(tenant, "/api/v1/prices", price),
      await created(tenant, "/api/v1/prices", { ...price, channel: "x" }),
    ];
    const groups = [{ modifier_group_id: group.id }];
    return {
      "post /api/v1/products": { body: { name: "Own", category_ids: [category.id], variants: [{ item_code: "OWN" }] } },
      "post /api/v1/products/{product_id}/variants": { params: { product_id }, body: { item_code: "OWN-2" } },
      "put /api/v1/products/{product_id}/modifier-groups": { params: { product_id }, body: { groups } },
      "put /api/v1/variants/{variant_id}/bundle": { params: { variant_id }, body: { components: [{ item_code: "OWN", quantity: 1 }] } },
      "post /api/v1/variants/{variant_id}/versions/{version_no}/restore": { params: { variant_id, version_no: 1 } },
      "post /api/v1/categories": { body: { name: "Below", parent_id: category.id } },
      "patch /api/v1/categories/{category_id}": { params: { category_id: category.id }, body: { name: "Renamed" } },
      "post /api/v1/modifier-groups": { body: { name: "Milk" } },
      "patch /api/v1/modifier-groups/{modifier_group_id}": {
        params: { modifier_group_id: group.id },
        body: { options: [{ id: group.options[0].id, price: 1 }] },
      },
      "post /api/v1/prices": { body: { ...price, channel: "y" } },
      "patch /api/v1/prices/{price_id}": { params: { price_id: first.id }, body: { effective_to: null } },
      "delete /api/v1/prices/{price_id}": { params: { price_id: second.id } },
    };
  }

  async function tradingInputs(tenant: TestTenant, store_id: string): Promise<Record<string, Input>> {
    const second = await created(tenant, "/api/v1/stores", { name: "Hall", timezone: "UTC", currency: "USD" });
    const { id: dark_store_id } = await created(tenant, "/api/v1/dark-stores", { store_id: second.id });
    return {
      "put /api/v1/stores/{store_id}/hours": { params: { store_id }, body: { hours: { weekly: { mon: [["11:00", "14:00"]] } } } },
      "put /api/v1/stores/{store_id}/pause": { params: { store_id }, body: {} },
      "delete /api/v1/stores/{store_id}/pause": { params: { store_id } },
      "post /api/v1/dark-stores": { body: { store_id } },
      "patch /api/v1/dark-stores/{dark_store_id}": { params: { dark_store_id }, body: { status: "maintenance", capacity: 5 } },
      "put /api/v1/dark-stores/{dark_store_id}/assortment": { params: { dark_store_id }, body: { items: [{ item_code: "CODE-0" }] } },
    };
  }

  async function terminalInputs(tenant: TestTenant, store_id: string): Promise<Record<string, Input>> {
    const device = { name: "Till", device_id: "d" };
    const [one, other] = [1, 2].map(() => created(tenant, "/api/v1/terminals", { store_id, ...device }));
    const { code } = await created(tenant, "/api/v1/terminals/pairing-codes", { store_id });
    const order = (order_id: string) => ({
      order_id,
      currency: "USD",
      store_id,
      lines: [{ line_id: "1", item_code: "CODE-0", quantity: 1, unit_price: 5 }],
    });
    for (const order_id of ["to-close", "to-cancel"]) await created(tenant, "/api/v1/pos/orders", order(order_id));
    const empty = { payments: [] };
    const [rotated, revoked] = [(await one)?.terminal_id, (await other)?.terminal_id];
    return {
      "post /api/v1/pos/orders": { body: order("new") },
      "post /api/v1/pos/orders/{order_id}/close": { params: { order_id: "to-close" }, body: empty },
      "post /api/v1/pos/orders/{order_id}/cancel": { params: { order_id: "to-cancel" }, body: {} },
      "post /api/v1/terminals": { body: { store_id, ...device } },
      "post /api/v1/terminals/pairing-codes": { body: { store_id } },
      "post /api/v1/terminals/pair": { body: { code, ...device } },
      "post /api/v1/terminals/{terminal_id}/rotate": { params: { terminal_id: rotated } },
      "delete /api/v1/terminals/{terminal_id}": { params: { terminal_id: revoked } },
    };
  }

  /** Ten counted, one each for two orders; named by code, which only a database that has the variant can make an id of. */
  async function stockInputs(tenant: TestTenant, place: { location_id: string; variant_id: string }): Promise<Record<string, Input>> {
    const { location_id, variant_id } = place;
    const other = await created(tenant, "/api/v1/stores", { name: "Depot", timezone: "UTC", currency: "USD" });
    const [item_code, lines] = ["CODE-0", [{ item_code: "CODE-0", quantity: 1 }]];
    const [before, now] = [systemClock.now() - 60_000, systemClock.now()].map((ms) => new Date(ms).toISOString());
    const count = { item_code, location_id, movement_type: "count", quantity: 10, occurred_at: before };
    await created(tenant, "/api/v1/inventory/movements", { movements: [count] });
    for (const order_id of ["picked", "dropped"]) await created(tenant, "/api/v1/inventory/reservations", { order_id, location_id, lines });
    const snooze = await created(tenant, "/api/v1/inventory/snoozes", { item_code });
    const sale = { item_code, location_id, movement_type: "sale", quantity_delta: -1, occurred_at: now };
    return {
      "post /api/v1/inventory/movements": { body: { movements: [{ ...count, expected_quantity: 10 }, sale] } },
      "post /api/v1/inventory/transfers": { body: { from_location_id: location_id, to_location_id: other.location_id, lines } },
      "patch /api/v1/inventory/positions/{location_id}/{variant_id}": { params: { location_id, variant_id }, body: { reorder_point: 5 } },
      "post /api/v1/inventory/reconciliations": { body: { location_id, from: before, to: now, counts: [{ item_code, quantity: 9 }] } },
      "post /api/v1/inventory/rebuilds": { query: { dry_run: "false" }, body: { location_id } },
      "post /api/v1/inventory/reservations": { body: { order_id: "new", location_id, lines, expires_in_s: 900 } },
      "post /api/v1/inventory/reservations/{order_id}/commit": { params: { order_id: "picked" }, body: { location_id, lines } },
      "post /api/v1/inventory/reservations/{order_id}/release": { params: { order_id: "dropped" }, body: { location_id } },
      "post /api/v1/inventory/snoozes": { body: { item_code, location_id } },
      "delete /api/v1/inventory/snoozes/{snooze_id}": { params: { snooze_id: snooze.id } },
    };
  }

  test("refuses no write for what it has not heard of", async () => {
    const [tenant, empty] = [await newTenant(), await newTenant()];
    const inputOf = await inputs(tenant);
    // A write that comes to the registry comes to this table.
    expect(Object.keys(inputOf).sort()).toEqual(writes.map(nameOf).sort());
    const { scope } = await tenant.scope();
    const behind = await empty.db();
    // Whatever is not asked of the primary is answered by a database that has none of it yet.
    const db: DatabaseHandle = { ...scope.db, read: (select, options) => (options?.fresh ? scope.db : behind).read(select, options) };
    await expect(readStore(db, "any")).rejects.toMatchObject({ code: "NOT_FOUND" });
    for (const endpoint of writes) {
      const receipt = { principal: "p", method: endpoint.method, route: endpoint.path, key: "k", fingerprint: "f", request_id: "r" };
      const reply = await endpoint.handle(
        { ...scope, db, receipt, principal: null, url: new URL("http://servery.test/"), headers: new Headers() },
        parsed(endpoint, inputOf[nameOf(endpoint)] as Input),
      );
      expect([200, 201, 202, 204], `${nameOf(endpoint)}: ${JSON.stringify(reply)}`).toContain(reply.status);
    }
  });
});
