import type { BenchRow } from "../bench-row.ts";
import { kitchen } from "../bench-tenants.ts";
import type { Contest } from "../contest.ts";
import { assertSameAnswer, chosenHeaders, type RawAnswer, rawAnswer } from "../raw-answer.ts";
import type { Stand, StandTenant } from "../stand.ts";
import { hranaArg, type SqlArg } from "../tenant-database.ts";
import type { WorkerdProcess } from "../workerd.ts";
import { postDraft } from "./writes.ts";

const connections = 16;

/** What an isolate remembers of menus (src/domains/menu/storefront-cache.ts); so many stores that it holds none until it is asked for again. */
const remembered = { bytes: 64 * 1024 * 1024, bytes_an_entry: 512, surplus: 1.25 };

const DOCUMENT_ROW = "SELECT menu_version, content_hash, body FROM storefront_documents WHERE store_id = ?1";
const VERSION_ROW = "SELECT menu_version, content_hash, NULL FROM storefront_documents WHERE store_id = ?1";
const COMMIT_STATE = "SELECT epoch, commit_seq FROM commit_state";

const menuPath = (storeId: string): string => `/api/v1/stores/${storeId}/menu`;

export const menuReads: BenchRow[] = [
  {
    name: "menu-warm",
    path: "menu read, warm isolate",
    floor: "constant answer of the same bytes",
    target: 0.85,
    async open(stand) {
      const { headers, paths, answer } = await kitchenMenu(stand);
      return againstConstant(stand, headers, paths, answer);
    },
  },
  {
    name: "menu-304",
    path: "menu read, If-None-Match hit",
    floor: "constant 304",
    target: 0.85,
    async open(stand) {
      const { headers, paths, answer } = await kitchenMenu(stand);
      const etag = answer.headers.find(([name]) => name === "etag")?.[1] ?? "";
      const conditional = { ...headers, "if-none-match": etag };
      return againstConstant(stand, conditional, paths, await rawAnswer(`${stand.worker.base_url}${paths[0]}`, { headers: conditional }));
    },
  },
  {
    name: "menu-miss",
    path: "menu read, every request a miss",
    floor: "raw Hrana fetch of one row of the same bytes",
    target: 0.85,
    async open(stand) {
      const { tenant, headers, answer, store_id } = await kitchenMenu(stand);
      const perEntry = answer.body.length + remembered.bytes_an_entry;
      const paths = (await copyStore(tenant, store_id, Math.ceil((remembered.bytes / perEntry) * remembered.surplus))).map(menuPath);
      const floor = await hranaRowFloor(stand, tenant, answer, [DOCUMENT_ROW], new Uint8Array());
      return againstFloor(stand, floor, headers, paths);
    },
  },
  {
    name: "menu-token",
    path: "menu read with a Consistency-Token",
    floor: "raw Hrana fetch of commit_seq and the version",
    target: 0.85,
    async open(stand) {
      const { tenant, headers, paths, answer } = await kitchenMenu(stand);
      const written = await postDraft(stand, tenant);
      const token = written.headers.find(([name]) => name === "consistency-token")?.[1] ?? "";
      const floor = await hranaRowFloor(stand, tenant, answer, [COMMIT_STATE, VERSION_ROW], answer.body);
      return againstFloor(stand, floor, { ...headers, "consistency-token": token }, paths);
    },
  },
];

type KitchenMenu = { tenant: StandTenant; store_id: string; headers: Record<string, string>; paths: string[]; answer: RawAnswer };

async function kitchenMenu(stand: Stand): Promise<KitchenMenu> {
  const tenant = await stand.tenant(kitchen);
  const store_id = tenant.stores[0]?.id ?? "";
  const headers = { host: tenant.host_header, "accept-encoding": "gzip" };
  const answer = await rawAnswer(`${stand.worker.base_url}${menuPath(store_id)}`, { headers });
  if (answer.status !== 200) throw new Error(`the menu answered ${answer.status}: ${answer.body}`);
  return { tenant, store_id, headers, paths: [menuPath(store_id)], answer };
}

async function againstConstant(stand: Stand, headers: Record<string, string>, paths: string[], answer: RawAnswer): Promise<Contest> {
  const bindings = { STATUS: String(answer.status), HEADERS: JSON.stringify(chosenHeaders(answer)), BODY: answer.body };
  return againstFloor(stand, await stand.floor("constant", bindings), headers, paths);
}

function hranaRowFloor(stand: Stand, tenant: StandTenant, answer: RawAnswer, sqls: string[], kept: Uint8Array): Promise<WorkerdProcess> {
  const args = (sql: string, ...values: SqlArg[]) => ({ stmt: { sql, args: values.map(hranaArg) } });
  const steps = sqls.map((sql) => (sql.includes("?1") ? args(sql, "$store_id") : args(sql)));
  return stand.floor("hrana-row", {
    REPLICA_URL: tenant.replica.url,
    NAMESPACE_HEADER: tenant.replica.namespace_header,
    TOKEN: tenant.replica.token,
    REQUEST: JSON.stringify({ requests: [{ type: "batch", batch: { steps } }, { type: "close" }] }),
    HEADERS: JSON.stringify(chosenHeaders(answer).filter(([name]) => name !== "etag" && name !== "menu-version")),
    KEPT_BODY: kept,
  });
}

async function againstFloor(stand: Stand, floor: WorkerdProcess, headers: Record<string, string>, paths: string[]): Promise<Contest> {
  const ours = await rawAnswer(`${stand.worker.base_url}${paths.at(-1)}`, { headers });
  assertSameAnswer(ours, await rawAnswer(`${floor.base_url}${paths.at(-1)}`, { headers }), ["x-request-id"]);
  const plan = { connections, method: "GET", headers, paths, fresh_ids: false, expect_status: ours.status } as const;
  return { ours: stand.underLoad(stand.worker, plan), floor: stand.underLoad(floor, plan), stop: floor.stop };
}

const copyDeadlineMs = 60_000;

/** So many more stores with the same document, made in SQL, waited for at the replica. Answers their ids. */
async function copyStore({ primary, replica }: StandTenant, storeId: string, count: number): Promise<string[]> {
  const numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)";
  const id = "printf('019aa000-0000-7000-8000-%012x', n)";
  await primary.query(
    `${numbers} INSERT INTO locations (location_id, kind, name, created_at_ms)
     SELECT ${id}, l.kind, l.name, l.created_at_ms FROM numbers, stores AS s JOIN locations AS l USING (location_id) WHERE s.store_id = ?2`,
    count,
    storeId,
  );
  await primary.query(
    `${numbers} INSERT INTO stores (store_id, location_id, name, timezone, currency, locale, address, created_at_ms, updated_at_ms)
     SELECT ${id}, ${id}, name, timezone, currency, locale, address, created_at_ms, updated_at_ms FROM numbers, stores WHERE store_id = ?2`,
    count,
    storeId,
  );
  await primary.query(
    `${numbers} INSERT INTO storefront_documents (store_id, menu_version, live_revision, catalog_revision, content_hash, compiled_at_ms, body_bytes, body)
     SELECT ${id}, menu_version, live_revision, catalog_revision, content_hash, compiled_at_ms, body_bytes, body
     FROM numbers, storefront_documents WHERE store_id = ?2`,
    count,
    storeId,
  );
  const last = Number(count).toString(16).padStart(12, "0");
  const deadline = Date.now() + copyDeadlineMs;
  for (;;) {
    const found = await replica.query("SELECT 1 FROM storefront_documents WHERE store_id = ?1", `019aa000-0000-7000-8000-${last}`);
    if (found.length > 0) break;
    if (Date.now() > deadline) throw new Error("the replica did not take over the copied stores");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return Array.from({ length: count }, (_, index) => `019aa000-0000-7000-8000-${(index + 1).toString(16).padStart(12, "0")}`);
}
