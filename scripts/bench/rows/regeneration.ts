import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { gunzipSync } from "node:zlib";
import { tenantClient } from "../../api-client.ts";
import type { BenchRow } from "../bench-row.ts";
import { largeKitchens } from "../bench-tenants.ts";
import type { Measurement } from "../contest.ts";
import { rawAnswer } from "../raw-answer.ts";
import { loadVerb, type RecordedStatement, type RecordingScope } from "../recorded-verb.ts";
import { cpuSeconds, type Stand, type StandTenant } from "../stand.ts";
import type { TenantDatabase } from "../tenant-database.ts";
import type { WorkerdProcess } from "../workerd.ts";

const storeCount = 16;
/** A store is regenerated again at the earliest this long after (platform/writer/wanted.ts). */
const minIntervalMs = 1_100;
const pollMs = 10;
const deadlineMs = 60_000;
/** What the floor writes as content hash: the Worker finds the store changed. */
const floorHash = "floor";

export const regeneration: BenchRow = {
  name: "regenerate",
  path: `regeneration, 1,000 items, ${storeCount} stores`,
  floor: "the bare INSERT … SELECT and compile statements",
  target: 0.7,
  async open(stand) {
    const tenant = await stand.tenant(largeKitchens(storeCount));
    const storeIds = tenant.stores.map(({ id }) => id);
    const floor = await stand.floor("regenerate", {
      PRIMARY_URL: tenant.primary.url,
      NAMESPACE_HEADER: tenant.primary.namespace_header,
      TOKEN: tenant.primary.token,
      ...(await verbStatements(storeIds[0] ?? "")),
    });
    await assertSameDocument(tenant, storeIds[0] ?? "", floor);
    return { ours: oursOf(stand, tenant, storeIds), floor: floorOf(floor, storeIds), stop: floor.stop };
  },
};

const perSecond = (count: number, ms: number, cpuS: number): Measurement => ({
  requests_per_s: count / (ms / 1000),
  p50_ms: null,
  p99_ms: null,
  cpu_us: (cpuS / count) * 1e6,
  generator_cores: 0,
});

/** From the first request for a regeneration until the last store's document is committed. */
function oursOf(stand: Stand, { slug, kds_key, primary }: StandTenant, storeIds: string[]) {
  const client = tenantClient(stand.worker.base_url, slug, kds_key);
  let endedAtMs = 0;
  return async (): Promise<Measurement> => {
    await sleep(Math.max(0, endedAtMs + minIntervalMs - Date.now()));
    await primary.query("UPDATE storefront_documents SET content_hash = ?", floorHash);
    const cpuBefore = cpuSeconds(stand.worker.pid);
    const began = performance.now();
    await Promise.all(storeIds.map((store_id) => client.post("/v1/items-flat/regenerate", { store_id })));
    await untilNoneLeft(primary);
    const ms = performance.now() - began;
    endedAtMs = Date.now();
    return perSecond(storeIds.length, ms, cpuSeconds(stand.worker.pid) - cpuBefore);
  };
}

/** One store after the other, as the queue's consumer does it. */
function floorOf(floor: WorkerdProcess, storeIds: string[]) {
  return async (): Promise<Measurement> => {
    const cpuBefore = cpuSeconds(floor.pid);
    const began = performance.now();
    for (const storeId of storeIds) await regenerateBare(floor, storeId);
    return perSecond(storeIds.length, performance.now() - began, cpuSeconds(floor.pid) - cpuBefore);
  };
}

async function regenerateBare(floor: WorkerdProcess, storeId: string): Promise<void> {
  const { status } = await rawAnswer(`${floor.base_url}/${storeId}`, { method: "POST" });
  if (status !== 204) throw new Error(`the floor's regeneration answered ${status}`);
}

async function untilNoneLeft(primary: TenantDatabase): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const [row] = await primary.query("SELECT count(*) AS waiting FROM storefront_documents WHERE content_hash = ?", floorHash);
    if (row?.["waiting"] === "0") return;
    if (Date.now() > deadline) throw new Error(`${row?.["waiting"]} stores are not regenerated after ${deadlineMs / 1000} s`);
    await sleep(pollMs);
  }
}

/** The statements with which the verb rebuilds a store, taken from a run of it that reads the real database and writes nothing. */
async function verbStatements(storeId: string): Promise<Record<string, string>> {
  // The verb does nothing for a store that nobody wants regenerated, so its state is one that somebody does.
  const state = {
    requests: 1,
    live_revision: 1,
    catalog_revision: 1,
    location_id: "l",
    name: "n",
    code: null,
    timezone: "Europe/Dublin",
    locale: "en-IE",
    currency: "EUR",
    address: null,
    updated_at_ms: 1,
    menu_version: 1,
    content_hash: floorHash,
  };
  const reads: RecordedStatement[] = [];
  const writes: RecordedStatement[] = [];
  const scope: RecordingScope = {
    clock: { now: () => Date.now(), newId: () => crypto.randomUUID() },
    db: {
      read: async (statements) => {
        reads.push(...statements);
        return [[state]];
      },
      write: async (unit) => {
        writes.push(...unit.steps.filter((step): step is RecordedStatement => "sql" in step));
        return { kind: "applied", answer: "{}" };
      },
    },
  };
  const regenerateStore = await loadVerb<(scope: RecordingScope, storeId: string) => Promise<unknown>>(
    "src/domains/menu/regenerate-store.ts",
    "regenerateStore",
  );
  await regenerateStore(scope, storeId);
  const starting = (text: string) => {
    const found = writes.find(({ sql }) => sql.startsWith(text));
    if (!found) throw new Error(`the regeneration has no statement that starts with ${text}`);
    return found.sql;
  };
  const [, rows, groups, ...others] = reads;
  if (!rows || !groups || others.length > 0) throw new Error(`the regeneration reads ${reads.length} times, its floor knows of three`);
  return {
    COMPILED_ROWS: rows.sql,
    MODIFIER_GROUPS: groups.sql,
    DELETE_ROWS: starting("DELETE FROM items_flat"),
    INSERT_ROWS: starting("INSERT INTO items_flat"),
    PUT_DOCUMENT: starting("INSERT INTO storefront_documents"),
  };
}

/** Both make the same document of the same store, but for its version and time. */
async function assertSameDocument({ primary }: StandTenant, storeId: string, floor: WorkerdProcess): Promise<void> {
  const read = async () => {
    const [row] = await primary.query("SELECT body FROM storefront_documents WHERE store_id = ?", storeId);
    const { menu_version: _, as_of: __, ...content } = JSON.parse(gunzipSync(Buffer.from(row?.["body"] ?? "", "base64")).toString());
    return content;
  };
  const ours = await read();
  await regenerateBare(floor, storeId);
  if (!isDeepStrictEqual(ours, await read())) throw new Error("the floor compiles another document than the Worker");
}
