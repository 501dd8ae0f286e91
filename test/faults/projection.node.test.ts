import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiClient, tenantClient } from "../../scripts/api-client.ts";
import { type FaultStand, type FaultTenant, startFaultStand } from "../../scripts/faults/stand.ts";
import { until } from "../support/node/until.ts";

/** Each is moved in one request only: what is lost of it no later event puts right. */
const ITEMS = 1_000;
const REQUESTS = 100;
const MOVEMENTS_A_REQUEST = 50;
const ITEMS_A_REQUEST = ITEMS / REQUESTS;
const CLIENTS = 8;
/** For the events, once nobody writes: what died is begun again by an alarm or by the clock. */
const settleDeadlineMs = 40_000;

let stand: FaultStand;
let tenant: FaultTenant;
let client: ApiClient;
let locationId: string;
let darkStoreId: string;

beforeAll(async () => {
  stand = await startFaultStand(() => {});
  tenant = await stand.tenant("dark");
  client = tenantClient(stand.worker.base_url, tenant.slug, tenant.key);
  const store = await client.post<{ id: string; location_id: string }>("/api/v1/stores", { name: "One", timezone: "UTC", currency: "USD" });
  locationId = store.location_id;
  darkStoreId = (await client.post<{ id: string }>("/api/v1/dark-stores", { store_id: store.id, capacity: 10 })).id;
  const source = await client.post<{ id: string }>("/api/v1/source-systems", { source_type: "pos", name: "Till", provider: "cata" });
  const products = Array.from({ length: ITEMS }, (_, n) => ({ id: `p${n}`, item_code: codeOf(n), name: `Item ${n}`, price: 100 + n }));
  await client.post(`/api/v1/source-systems/${source.id}/ingestions`, { categories: [], modifier_groups: [], products });
  const items = products.map(({ item_code, price }) => ({ item_code, price }));
  const sections = [{ name: "All", display_type: "list", items }];
  const draft = await client.post<{ id: string }>("/api/v1/menus/drafts", { name: "All", currency: "USD", sections });
  await client.post("/api/v1/menus/publishes", { draft_ids: [draft.id], store_ids: [store.id] });
  await until("the projection of the menu", 20_000, async () => ((await projected()).size === ITEMS ? true : undefined));
}, 60_000);

afterAll(async () => {
  await stand?.stop();
});

const codeOf = (n: number): string => `C${n}`;

/** What the projection says is there, by code; null: not counted. */
async function projected(): Promise<Map<string, number | null>> {
  const rows = await tenant.database.query(
    "SELECT sku, is_counted, quantity_available_e4 FROM dark_store_catalog_projection WHERE dark_store_id = ?",
    darkStoreId,
  );
  return new Map(rows.map((row) => [String(row["sku"]), row["is_counted"] === "1" ? Number(row["quantity_available_e4"]) / 10_000 : null]));
}

/** The same request under the same key until it is answered, whatever dies meanwhile. */
const insist = (path: string, body: unknown): Promise<unknown> => {
  const idempotencyKey = crypto.randomUUID();
  return until(path, 60_000, () => client.post<object>(path, body, { idempotencyKey }));
};

test("5,000 movements while everything is killed: the projection is what its rebuild makes, and each movement counts once", async () => {
  const expected = new Map<string, number>();
  const requests = Array.from({ length: REQUESTS }, (_, request) =>
    Array.from({ length: MOVEMENTS_A_REQUEST }, (_, n) => {
      const item_code = codeOf(request * ITEMS_A_REQUEST + (n % ITEMS_A_REQUEST));
      const quantity_delta = n % 3 === 0 ? -1 : 2;
      expected.set(item_code, (expected.get(item_code) ?? 0) + quantity_delta);
      const movement_type = quantity_delta < 0 ? "sale" : "purchase";
      return {
        item_code,
        location_id: locationId,
        movement_type,
        quantity_delta,
        occurred_at: new Date(Date.UTC(2026, 0, 1) + request * 1_000).toISOString(),
      };
    }),
  );

  let acknowledged = 0;
  const send = async () => {
    for (let movements = requests.shift(); movements; movements = requests.shift()) {
      await insist("/api/v1/inventory/movements", { movements });
      acknowledged += 1;
    }
  };
  const whenSent = (count: number) => until(`${count} requests`, 60_000, async () => (acknowledged >= count ? true : undefined));
  const killer = async () => {
    await whenSent(15);
    await stand.worker.killAndRestart();
    await whenSent(35);
    await stand.killDatabase();
    await whenSent(55);
    await stand.sqld.stopReplica("SIGKILL");
    await Promise.all([stand.killDatabase(), stand.worker.killAndRestart()]);
    await stand.sqld.startReplica();
    await whenSent(80);
    await stand.worker.killAndRestart();
  };
  await Promise.all([...Array.from({ length: CLIENTS }, send), killer()]);
  expect(acknowledged).toBe(REQUESTS);

  // Nobody writes any more: what is left to do is found by the alarm, or by the clock that looks after every tenant once an hour.
  await stand.worker.sweep(tenant.tenant_id);
  await until("the events to be applied", settleDeadlineMs, async () => {
    const [state] = await tenant.database.query(
      "SELECT last_event_sequence = (SELECT min(applied_sequence) FROM outbox_consumers) AS is_done FROM commit_state",
    );
    return state?.["is_done"] === "1" ? true : undefined;
  });

  const [ledger] = await tenant.database.query(
    `SELECT (SELECT count(*) FROM stock_movements) AS movements,
       (SELECT count(DISTINCT data ->> 'movement_id') FROM outbox WHERE event_type = 'inventory.stock.adjusted') AS told,
       (SELECT count(*) FROM outbox) = (SELECT last_event_sequence FROM commit_state) AS is_gapless, (SELECT count(*) FROM dead_letters) AS dead`,
  );
  expect(ledger).toEqual({ movements: "5000", told: "5000", is_gapless: "1", dead: "0" });
  expect(await projected()).toEqual(expected);
  const drift = await client.post("/api/v1/ops/projections/dark_store_catalog/rebuild");
  expect(drift).toEqual({ projection: "dark_store_catalog", rows: ITEMS, added: 0, changed: 0, removed: 0 });
}, 120_000);
