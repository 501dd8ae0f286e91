import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type ApiClient, ApiError, pages, tenantClient } from "../api-client.ts";
import type { Demo, LoadedTenant } from "../state-directory.ts";
import type { DemoTenant } from "./demo-tenant.ts";

type Store = { id: string; name: string; code: string | null; location_id: string };
type SourceSystem = { id: string; name: string };
type IngestionRun = {
  id: string;
  status: string;
  received: number;
  updated: number;
  failed: number;
  errors?: { position?: string; message?: string; reason?: string }[];
  images: Record<"pending" | "copied" | "unchanged" | "refused" | "failed", number>;
};
type Publish = { publish_id: string; stores: { store_id: string; status: string; reason?: unknown }[] };

const deadlineMs = 60_000;
const pollMs = 150;

/**
 * Makes the tenant and brings in everything it has, as its merchant would: through HTTP only. Doing it again, also after it
 * broke off half-way, adds nothing: what is there is found, and every write has a key made of what it says.
 */
export async function loadDemoTenant(operator: ApiClient, demo: DemoTenant, progress: (line: string) => void): Promise<LoadedTenant> {
  const { slug, name, currency, locale } = demo;
  const created = await operator.post<{ host: string; admin_key: string }>("/internal/tenants", { slug, name, currency, locale });
  const kds = await operator.post<{ key: string }>(
    `/internal/tenants/${slug}/keys`,
    { role: "kds", name: "demo regeneration" },
    { idempotencyKey: `demo-kds-${slug}` },
  );
  progress("tenant and keys");
  const client = tenantClient(operator.base_url, slug, created.admin_key);
  const stores = await makeStores(client, demo);
  progress(`${stores.length} stores`);
  const run = await ingest(client, demo);
  progress(`${run.received} variants taken in from ${demo.source.name}`);
  await copyImages(client, run.id, progress);
  await publishMenus(client, demo, stores);
  if (run.updated > 0) {
    // Of a tenant that was there already names and pictures changed; its menus did not, so their publish projects nothing anew.
    const kdsClient = tenantClient(operator.base_url, slug, kds.key);
    for (const { id } of stores) await kdsClient.post("/v1/items-flat/regenerate", { store_id: id });
  }
  progress(`${demo.menus.length} menus live at ${stores.length} stores`);
  await countStock(client, demo, stores);
  return {
    slug,
    host: created.host,
    admin_key: created.admin_key,
    kds_key: kds.key,
    stores: stores.map((store) => ({ id: store.id, name: store.name })),
  };
}

/** Whether every demo tenant is in `kept` and each of its stores answers its menu at this address. */
export async function demoIsServed(baseUrl: string, kept: Demo, wanted: readonly DemoTenant[]): Promise<boolean> {
  // Pictures are addressed by base_url: at another port the catalogue has to be taken in again.
  if (kept.base_url !== baseUrl) return false;
  if (wanted.some((tenant) => kept.tenants.find(({ slug }) => slug === tenant.slug)?.stores.length !== tenant.stores.length)) return false;
  try {
    for (const tenant of kept.tenants) {
      const client = tenantClient(baseUrl, tenant.slug, tenant.admin_key);
      await Promise.all(tenant.stores.map((store) => client.get(`/api/v1/stores/${store.id}/menu`)));
    }
    return true;
  } catch {
    return false;
  }
}

async function makeStores(client: ApiClient, demo: DemoTenant): Promise<Store[]> {
  const there = new Map<string | null, Store>();
  for await (const page of pages<Store>(client, "/api/v1/stores")) for (const store of page) there.set(store.code, store);
  const stores: Store[] = [];
  for (const wanted of demo.stores) stores.push(there.get(wanted.code) ?? (await write<Store>(client, "/api/v1/stores", wanted)));
  return stores;
}

async function ingest(client: ApiClient, demo: DemoTenant): Promise<IngestionRun> {
  let source: SourceSystem | undefined;
  for await (const page of pages<SourceSystem>(client, "/api/v1/source-systems")) {
    source ??= page.find(({ name }) => name === demo.source.name);
  }
  source ??= await write<SourceSystem>(client, "/api/v1/source-systems", demo.source);
  // Taken in again at every load: a payload that is there already changes nothing, and one for another address must get through.
  let run = await client.post<IngestionRun>(`/api/v1/source-systems/${source.id}/ingestions`, demo.payload(client.base_url));
  const deadline = Date.now() + deadlineMs;
  while (run.status === "queued" || run.status === "running") {
    if (Date.now() > deadline) throw new Error(`the ingestion ${run.id} is still ${run.status} after ${deadlineMs / 1000} s`);
    await sleep(pollMs);
    run = (await readRun(client, run.id)) ?? run;
  }
  if (run.status !== "completed" || run.failed > 0) {
    const reasons = (run.errors ?? []).map((error) => `  ${error.position ?? ""} ${error.message ?? error.reason ?? ""}`);
    throw new Error([`the ingestion ${run.id} ended ${run.status} with ${run.failed} rows failed`, ...reasons].join("\n"));
  }
  return run;
}

/** null: the replica has not heard of it yet. */
const readRun = (client: ApiClient, id: string): Promise<IngestionRun | null> =>
  client.get<IngestionRun>(`/api/v1/ingestions/${id}`).catch((error) => {
    if (error instanceof ApiError && error.problem.status === 404) return null;
    throw error;
  });

/** Waits for the pictures, so that the first menus show our copies. What could not be copied is shown from where it is. */
async function copyImages(client: ApiClient, runId: string, progress: (line: string) => void): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const run = await readRun(client, runId);
    const images = run?.status === "completed" ? run.images : null;
    if (images?.pending === 0 || Date.now() > deadline) {
      const wanted = Object.values(images ?? {}).reduce((sum, count) => sum + count, 0);
      if (images && wanted > 0) progress(`${images.copied + images.unchanged} of ${wanted} images copied`);
      return;
    }
    await sleep(pollMs);
  }
}

async function publishMenus(client: ApiClient, demo: DemoTenant, stores: Store[]): Promise<void> {
  const drafts = new Map<string, string[]>();
  for (const { store_codes, ...menu } of demo.menus) {
    const draft = await write<{ id: string }>(client, "/api/v1/menus/drafts", menu);
    for (const code of store_codes) drafts.set(code, [...(drafts.get(code) ?? []), draft.id]);
  }
  // A store's live menus become exactly those of the publish, so stores with the same menus go together.
  const groups = new Map<string, { draft_ids: string[]; store_ids: string[] }>();
  for (const store of stores) {
    const draft_ids = drafts.get(store.code ?? "");
    if (!draft_ids) continue;
    const group = groups.get(draft_ids.join()) ?? { draft_ids, store_ids: [] };
    group.store_ids.push(store.id);
    groups.set(draft_ids.join(), group);
  }
  for (const group of groups.values()) {
    const publish = await write<Publish>(client, "/api/v1/menus/publishes", group);
    await untilLive(client, publish.publish_id);
  }
}

/** Counts are of one moment: told again they change nothing that came after. */
async function countStock(client: ApiClient, demo: DemoTenant, stores: Store[]): Promise<void> {
  for (const { store_code, counted_at, counts } of demo.stock) {
    const location_id = stores.find(({ code }) => code === store_code)?.location_id;
    const movements = Object.entries(counts).map(([item_code, quantity]) => ({
      item_code,
      location_id,
      movement_type: "count",
      quantity,
      occurred_at: counted_at,
    }));
    await write(client, "/api/v1/inventory/movements", { movements });
  }
}

/** Waits for every store of the publish. Throws where one failed. */
async function untilLive(client: ApiClient, publishId: string): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const { stores } = await client.get<Publish>(`/api/v1/menus/publishes/${publishId}`);
    const failed = stores.find(({ status }) => status === "failed");
    if (failed) throw new Error(`publish ${publishId} failed at store ${failed.store_id}: ${JSON.stringify(failed)}`);
    if (stores.every(({ status }) => status === "live" || status === "unchanged")) return;
    if (Date.now() > deadline) {
      const states = stores.map(({ store_id, status }) => `${store_id} ${status}`).join(", ");
      throw new Error(`publish ${publishId} is not live after ${deadlineMs / 1000} s: ${states}`);
    }
    await sleep(pollMs);
  }
}

function write<T>(client: ApiClient, path: string, body: unknown): Promise<T> {
  const text = JSON.stringify(body);
  const idempotencyKey = `demo-${createHash("sha256").update(`${path}\n${text}`).digest("hex").slice(0, 32)}`;
  return client.post<T>(path, text, { idempotencyKey });
}
