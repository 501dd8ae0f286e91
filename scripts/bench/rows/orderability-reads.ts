import { setTimeout as sleep } from "node:timers/promises";
import { tenantClient } from "../../api-client.ts";
import type { BenchRow } from "../bench-row.ts";
import { canteen } from "../bench-tenants.ts";
import { type RawAnswer, rawAnswer } from "../raw-answer.ts";
import type { Stand, StandTenant } from "../stand.ts";
import { copyStores } from "./copy-stores.ts";
import { againstConstant, againstFloor, hranaRowFloor } from "./read-floors.ts";

/** Every so many of the items are sold out. */
const soldOutEach = 25;
/** Many more than an isolate has room for (src/domains/storefront/orderability-cache.ts), and none is asked for again while it is fresh. */
const missedStores = 1_500;
const deadlineMs = 30_000;

const PACKED_ROW = `SELECT d.packed_version, d.packed_hash, d.packed
  FROM stores AS s JOIN orderability_documents AS d ON d.location_id = s.location_id WHERE s.store_id = ?1`;
const COPY_PACKED = {
  table: "orderability_documents",
  key: "location_id",
  columns: "version, changed_at_ms, packed, packed_version, packed_hash, packed_until_ms, items",
  // What is packed is all that is read.
  values: "version, changed_at_ms, packed, packed_version, packed_hash, packed_until_ms, '{}'",
} as const;

const orderabilityPath = (storeId: string): string => `/api/v1/stores/${storeId}/orderability`;

export const orderabilityReads: BenchRow[] = [
  {
    name: "orderability-warm",
    path: "orderability of 500 variants, warm isolate",
    floor: "constant answer of the same bytes",
    target: 0.85,
    async open(stand) {
      const { headers, path, answer } = await canteenOrderability(stand);
      return againstConstant(stand, headers, [path], answer);
    },
  },
  {
    name: "orderability-304",
    path: "orderability, If-None-Match hit",
    floor: "constant 304",
    target: 0.85,
    async open(stand) {
      const { headers, path, answer } = await canteenOrderability(stand);
      const conditional = { ...headers, "if-none-match": answer.headers.find(([name]) => name === "etag")?.[1] ?? "" };
      return againstConstant(stand, conditional, [path], await rawAnswer(`${stand.worker.base_url}${path}`, { headers: conditional }));
    },
  },
  {
    name: "orderability-miss",
    path: "orderability of 500 variants, every request a miss",
    floor: "raw Hrana fetch of one row of the same bytes",
    target: 0.8,
    async open(stand) {
      const { tenant, store_id, headers, answer } = await canteenOrderability(stand);
      const paths = (await copyStores(tenant, store_id, missedStores, COPY_PACKED)).map(orderabilityPath);
      return againstFloor(stand, await hranaRowFloor(stand, tenant, answer, [PACKED_ROW], { version_header: "" }), headers, paths);
    },
  },
];

type CanteenOrderability = { tenant: StandTenant; store_id: string; headers: Record<string, string>; path: string; answer: RawAnswer };

async function canteenOrderability(stand: Stand): Promise<CanteenOrderability> {
  const tenant = await stand.tenant(canteen);
  const store_id = tenant.stores[0]?.id ?? "";
  await sellOut(stand, tenant, store_id);
  const headers = { host: tenant.host_header, "accept-encoding": "gzip" };
  const path = orderabilityPath(store_id);
  const answer = await rawAnswer(`${stand.worker.base_url}${path}`, { headers });
  if (answer.status !== 200) throw new Error(`orderability answered ${answer.status}: ${answer.body}`);
  return { tenant, store_id, headers, path, answer };
}

/** Some of the items, then waits until the answer is packed and the replica has it. */
async function sellOut(stand: Stand, tenant: StandTenant, storeId: string): Promise<void> {
  const client = tenantClient(stand.worker.base_url, tenant.slug, tenant.admin_key);
  const { location_id } = await client.get<{ location_id: string }>(`/api/v1/stores/${storeId}`);
  const movements = canteen.menus
    .flatMap(({ sections }) => sections.flatMap(({ items }) => items))
    .filter((_, index) => index % soldOutEach === 0)
    .map(({ item_code }) => ({ item_code, location_id, movement_type: "count", quantity: 0, occurred_at: "2026-01-01T00:00:00.000Z" }));
  await client.post("/api/v1/inventory/movements", { movements }, { idempotencyKey: "bench-sell-out" });
  const endsAt = Date.now() + deadlineMs;
  const told = `SELECT 1 FROM orderability_documents WHERE location_id = ?1 AND packed_version = version
    AND (SELECT min(applied_sequence) FROM outbox_consumers) = (SELECT last_event_sequence FROM commit_state)
    AND (SELECT count(*) FROM json_each(items) AS e WHERE e.value ->> 1 = 'no_stock') = ?2`;
  while ((await tenant.replica.query(told, location_id, movements.length)).length === 0) {
    if (Date.now() > endsAt) throw new Error("the orderability of the canteen was not packed");
    await sleep(100);
  }
  // What the isolate remembers from before.
  await sleep(1_000);
}
