import { setTimeout as sleep } from "node:timers/promises";
import { tenantClient } from "../../api-client.ts";
import type { BenchRow } from "../bench-row.ts";
import { canteen } from "../bench-tenants.ts";
import { assertSameAnswer, chosenHeaders, type RawAnswer, rawAnswer } from "../raw-answer.ts";
import { loadVerb, type RecordedStatement } from "../recorded-verb.ts";
import type { Stand, StandTenant } from "../stand.ts";
import { hranaArg } from "../tenant-database.ts";

const pageItems = 50;
/** As of orderability's rows, which may come before. */
const soldOutEach = 25;
const connections = 16;
const deadlineMs = 30_000;

type ViewStatements = (reference: { store_id: string }, afterPosition: number, limit: number) => RecordedStatement[];

export const catalogViewReads: BenchRow[] = [
  {
    name: "catalog-view",
    path: `catalog-view, a page of ${pageItems}`,
    floor: "raw Hrana batch of the same statements, the bytes made before",
    target: 0.75,
    async open(stand) {
      const tenant = await stand.tenant(canteen);
      const store_id = tenant.stores[0]?.id ?? "";
      await countThePage(stand, tenant, store_id);
      const headers = { host: tenant.host_header, "accept-encoding": "gzip" };
      const path = `/api/v1/stores/${store_id}/catalog-view?limit=${pageItems}`;
      const ours = await rawAnswer(`${stand.worker.base_url}${path}`, { headers });
      const counted = ours.body.toString().match(/"available":/gu)?.length;
      if (ours.status !== 200 || counted !== pageItems) throw new Error(`catalog-view answered ${ours.status}, ${counted} items counted`);
      const floor = await stand.floor("hrana-batch", await batchOf(tenant, store_id, ours));
      assertSameAnswer(ours, await rawAnswer(`${floor.base_url}${path}`, { headers }), ["x-request-id"]);
      const load = { connections, method: "GET" as const, headers, paths: [path], fresh_ids: false, expect_status: 200 };
      return { ours: stand.underLoad(stand.worker, load), floor: stand.underLoad(floor, load), stop: floor.stop };
    },
  },
];

async function batchOf({ replica }: StandTenant, storeId: string, ours: RawAnswer) {
  const viewStatements = await loadVerb<ViewStatements>("src/domains/storefront/catalog-view-reader.ts", "viewStatements");
  const statements = viewStatements({ store_id: storeId }, -1, pageItems);
  const counts = [];
  for (const { sql, args } of statements) counts.push((await replica.query(sql, ...args)).length);
  const steps = statements.map(({ sql, args }) => ({ stmt: { sql, args: args.map(hranaArg) } }));
  return {
    REPLICA_URL: replica.url,
    NAMESPACE_HEADER: replica.namespace_header,
    TOKEN: replica.token,
    REQUEST: JSON.stringify({ requests: [{ type: "batch", batch: { steps } }, { type: "close" }] }),
    ROW_COUNTS: JSON.stringify(counts),
    HEADERS: JSON.stringify(chosenHeaders(ours)),
    BODY: ours.body,
  };
}

/** Counts every item of the first page, and waits until the replica knows. */
async function countThePage(stand: Stand, tenant: StandTenant, storeId: string): Promise<void> {
  const client = tenantClient(stand.worker.base_url, tenant.slug, tenant.admin_key);
  const { location_id } = await client.get<{ location_id: string }>(`/api/v1/stores/${storeId}`);
  const movements = canteen.menus
    .flatMap(({ sections }) => sections.flatMap(({ items }) => items))
    .slice(0, pageItems)
    .map(({ item_code }, index) => ({
      item_code,
      location_id,
      movement_type: "count",
      quantity: index % soldOutEach === 0 ? 0 : 12,
      occurred_at: "2026-01-01T00:00:00.000Z",
    }));
  await client.post("/api/v1/inventory/movements", { movements }, { idempotencyKey: "bench-count-the-page" });
  const endsAt = Date.now() + deadlineMs;
  const counted = "SELECT 1 FROM orderability_projection WHERE location_id = ?1 AND available_e4 IS NOT NULL LIMIT ?2";
  while ((await tenant.replica.query(counted, location_id, pageItems)).length < pageItems) {
    if (Date.now() > endsAt) throw new Error("the replica did not hear of the stock");
    await sleep(100);
  }
}
