import { setTimeout as sleep } from "node:timers/promises";
import { type ApiClient, tenantClient } from "../api-client.ts";

export type FleetTenant = { slug: string; tenant_id: string; admin_key: string };

/** A tenant whose menu is published, with a token of that publish: a read that carries it goes past the isolate's memory. */
export type ServedTenant = FleetTenant & { store_id: string; consistency_token: string };

const items = 30;
const menuDeadlineMs = 60_000;

export const slugOf = (index: number): string => `fleet-${String(index + 1).padStart(4, "0")}`;

export function provisionTenant(operator: ApiClient, slug: string): Promise<FleetTenant> {
  return operator
    .post<{ tenant_id: string; admin_key: string }>("/internal/tenants", { slug, name: `Fleet ${slug}`, currency: "USD" })
    .then(({ tenant_id, admin_key }) => ({ slug, tenant_id, admin_key }));
}

/** One store with a menu of thirty items. */
export async function publishMenu(baseUrl: string, tenant: FleetTenant): Promise<ServedTenant> {
  const client = tenantClient(baseUrl, tenant.slug, tenant.admin_key);
  const { id: storeId } = await client.post<{ id: string }>("/api/v1/stores", { name: "Main", timezone: "UTC", currency: "USD" });
  const source = await client.post<{ id: string }>("/api/v1/source-systems", { source_type: "pos", name: "Till", provider: "cata" });
  const products = Array.from({ length: items }, (_, index) => ({
    id: `p${index}`,
    item_code: `C${index}`,
    name: `Dish ${index + 1}`,
    price: 500 + index,
  }));
  await client.post(`/api/v1/source-systems/${source.id}/ingestions`, { categories: [], modifier_groups: [], products });
  const sections = [{ name: "All", display_type: "list", items: products.map(({ item_code, price }) => ({ item_code, price })) }];
  const draft = await client.post<{ id: string }>("/api/v1/menus/drafts", { name: "Menu", currency: "USD", sections });
  const published = await fetch(`${baseUrl}/api/v1/menus/publishes`, {
    method: "POST",
    headers: {
      apikey: tenant.admin_key,
      "x-tenant-id": tenant.slug,
      "content-type": "application/json",
      "idempotency-key": `publish-${tenant.slug}`,
    },
    body: JSON.stringify({ draft_ids: [draft.id], store_ids: [storeId] }),
  });
  const text = await published.text();
  const consistency_token = published.headers.get("consistency-token");
  if (!published.ok || !consistency_token) throw new Error(`${tenant.slug}: the publish was answered ${published.status}: ${text}`);
  const served = { ...tenant, store_id: storeId, consistency_token };
  const deadline = performance.now() + menuDeadlineMs;
  while (!(await readMenu(baseUrl, served))) {
    if (performance.now() > deadline) throw new Error(`${tenant.slug}: no menu was published within ${menuDeadlineMs / 1000} s`);
    await sleep(200);
  }
  return served;
}

/** Reads the store's menu past the isolate's memory. False where there is none yet. */
export async function readMenu(baseUrl: string, tenant: ServedTenant): Promise<boolean> {
  const answer = await fetch(`${baseUrl}/api/v1/stores/${tenant.store_id}/menu`, {
    headers: { "x-tenant-id": tenant.slug, "consistency-token": tenant.consistency_token },
  });
  await answer.arrayBuffer();
  if (!answer.ok && answer.status !== 404) throw new Error(`the menu of ${tenant.slug} was answered ${answer.status}`);
  return answer.ok;
}
