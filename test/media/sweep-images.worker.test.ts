import { env } from "cloudflare:workers";
import { describe, expect, inject, test } from "vitest";
import { queueHandlers } from "../../src/app.ts";
import { storeImageBytes } from "../../src/domains/media/index.ts";
import { statement } from "../../src/platform/db/statement.ts";
import type { Scope } from "../../src/platform/http/scope.ts";
import { ingest, newSource, shelf } from "../catalog/cata-payload.ts";
import { addDraft, addStore, publish, writeSql } from "../support/worker/menu-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

const DAY_MS = 86_400_000;

async function rows(tenant: TestTenant, sql: string) {
  return (await (await tenant.db()).read([statement(sql)], { fresh: true }))[0] ?? [];
}

/** An object with no row that names it. */
async function orphan(tenant: TestTenant, text: string): Promise<string> {
  const stored = await storeImageBytes(env.MEDIA, tenant.tenant_id, new TextEncoder().encode(`GIF89a${text}`));
  if (stored.kind !== "stored") throw new Error(stored.detail);
  return stored.object_path;
}

/** The sweep as it would be so much later. */
async function sweep(tenant: TestTenant, laterMs: number): Promise<void> {
  const { scope } = await tenant.scope();
  const later: Scope = { ...scope, clock: { ...scope.clock, now: () => Date.now() + laterMs } };
  const [wanted] = await rows(tenant, "SELECT requests, payload FROM wanted WHERE kind = 'sweep_images'");
  await queueHandlers.wanted.sweep_images?.(later, {
    type: "wanted",
    tenant_id: tenant.tenant_id,
    kind: "sweep_images",
    key: "all",
    requests: Number(wanted?.["requests"] ?? 1),
    payload: JSON.parse(String(wanted?.["payload"] ?? "{}")),
  });
}

const keysOf = async (tenant: TestTenant) =>
  (await env.MEDIA.list({ prefix: `${tenant.tenant_id}/` })).objects.map(({ key }) => key).sort();

/** A product of its own image. */
async function withProduct(tenant: TestTenant): Promise<string> {
  await ingest(tenant, await newSource(tenant), shelf(1));
  const [row] = await rows(tenant, "SELECT product_id FROM products");
  return String(row?.["product_id"]);
}

const put = (tenant: TestTenant, id: string, text: string) =>
  tenant.call("PUT", `/api/v1/products/${id}/image`, { raw: `GIF89a${text}`, headers: { "content-type": "image/gif" } });

describe("the sweep", () => {
  test("removes what nothing has named for the grace time, and nothing else", async () => {
    const tenant = await newTenant();
    const other = await newTenant();
    const id = await withProduct(tenant);
    const theirs = await orphan(other, "theirs");
    const lost = await orphan(tenant, "lost");
    await put(tenant, id, "first");
    const store = await addStore(tenant, "Corner");
    const draft = await addDraft(tenant, [{ name: "All", items: [{ item_code: "CODE-0", price: 100 }] }]);
    await publish(tenant, { draft_ids: [draft], store_ids: [store] });
    const [first] = (await rows(tenant, "SELECT main_image_url FROM products")).map((row) => String(row["main_image_url"]));
    // The live menu stays on the first: another change of the catalogue waits for a publish.
    await writeSql(tenant, ["UPDATE catalog_state SET revision = revision + 1"]);
    await put(tenant, id, "second");
    const [second] = (await rows(tenant, "SELECT main_image_url FROM products")).map((row) => String(row["main_image_url"]));
    const kept = await orphan(tenant, "kept");
    await writeSql(tenant, [
      `INSERT INTO product_images (product_id, source_url, state, object_path, updated_at_ms) VALUES (?, 'https://x.example/', 'copied', ?, 0)`,
      id,
      kept,
    ]);
    await env.MEDIA.put(`${tenant.tenant_id}/ingestions/run`, "payload");
    await env.MEDIA.put(`${tenant.tenant_id}/incoming/part`, "part");

    await sweep(tenant, 6 * DAY_MS);
    expect(await keysOf(tenant)).toContain(lost);
    await sweep(tenant, 8 * DAY_MS);
    expect(await keysOf(tenant)).toEqual([first, second, kept, `${tenant.tenant_id}/ingestions/run`].map(String).sort());
    expect(await keysOf(other)).toEqual([theirs]);
    expect(await rows(tenant, "SELECT object_path FROM condemned_images")).toEqual([{ object_path: lost }]);

    // Published again, the menu shows the second, and the first is an orphan.
    await publish(tenant, { draft_ids: [draft], store_ids: [store] });
    await sweep(tenant, 8 * DAY_MS);
    expect(await keysOf(tenant)).toEqual([second, kept, `${tenant.tenant_id}/ingestions/run`].map(String).sort());
    // What was condemned is forgotten, and may come back.
    await sweep(tenant, 8 * DAY_MS + 2 * 3_600_000);
    expect(await rows(tenant, "SELECT count(*) AS condemned FROM condemned_images")).toEqual([{ condemned: 0 }]);
    expect((await put(tenant, id, "lost")).status).toBe(200);
    // It is wanted again for tomorrow as long as there is an image.
    expect(await rows(tenant, "SELECT state FROM wanted WHERE kind = 'sweep_images'")).toEqual([{ state: "wanted" }]);
  });

  test("page by page", async () => {
    const tenant = await newTenant();
    await Promise.all(
      Array.from({ length: 520 }, (_, n) => env.MEDIA.put(`${tenant.tenant_id}/items/${String(n).padStart(64, "0")}.png`, "x")),
    );
    await writeSql(tenant, [
      "INSERT INTO wanted (kind, key, payload, state, requests, due_at_ms, wanted_at_ms) VALUES ('sweep_images', 'all', '{}', 'wanted', 1, ?1, ?1)",
      Date.now() + 1e12,
    ]);
    await sweep(tenant, 8 * DAY_MS);
    expect(
      await rows(
        tenant,
        "SELECT state, requests, json_extract(payload, '$.cursor') IS NULL AS is_last FROM wanted WHERE kind = 'sweep_images'",
      ),
    ).toEqual([{ state: "wanted", requests: 2, is_last: 0 }]);
    await sweep(tenant, 8 * DAY_MS);
    expect(await keysOf(tenant)).toEqual([]);
  }, 60_000);

  test("what is being removed is named by nobody: an upload is refused, a copy comes again later", async () => {
    const tenant = await newTenant();
    const id = await withProduct(tenant);
    const path = await orphan(tenant, "again");
    await writeSql(tenant, ["INSERT INTO condemned_images (object_path, condemned_at_ms) VALUES (?, ?)", path, Date.now()]);
    const refused = await put(tenant, id, "again");
    expect([refused.status, refused.json.code]).toEqual([409, "CONFLICT"]);

    const name = `${crypto.randomUUID()}.png`;
    const url = `${inject("imagesUrl")}/ok/${name}`;
    const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
    const stored = await storeImageBytes(env.MEDIA, tenant.tenant_id, bytes);
    if (stored.kind !== "stored") throw new Error(stored.detail);
    await writeSql(
      tenant,
      ["INSERT INTO condemned_images (object_path, condemned_at_ms) VALUES (?, ?)", stored.object_path, Date.now()],
      ["UPDATE products SET external_image_url = ?", url],
      ["INSERT INTO product_images (product_id, source_url, state, updated_at_ms) VALUES (?, ?, 'failed', 0)", id, url],
    );
    await tenant.call("POST", "/api/v1/images/retry", { body: {} });
    const soon = Date.now() + 60_000;
    for (let attempt = 0; attempt < 400; attempt++) {
      const [row] = await rows(tenant, `SELECT claim IS NULL AND next_attempt_at_ms > ${soon} AS is_over FROM product_images`);
      if (row?.["is_over"] === 1) break;
      await scheduler.wait(25);
    }
    const [image] = await rows(
      tenant,
      "SELECT state, next_attempt_at_ms, (SELECT main_image_url FROM products) AS shown FROM product_images",
    );
    expect(image).toMatchObject({ state: "pending", shown: null });
    expect(Number(image?.["next_attempt_at_ms"])).toBeGreaterThan(Date.now() + 3_000_000);
  });
});
