import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { statement } from "../../src/platform/db/statement.ts";
import { type CallAnswer, newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { hmac, ownSignature } from "./signing.ts";

const SECRET = "the provider's own secret";
const NOBODY = "00000000-0000-7000-8000-000000000000";

const rows = async (tenant: TestTenant, sql: string) => (await (await tenant.db()).read([statement(sql)], { fresh: true }))[0] ?? [];

async function source(tenant: TestTenant, provider: string, settings: object = {}): Promise<string> {
  const body = { source_type: "pos", name: `${provider} ${crypto.randomUUID()}`, provider, settings };
  const answer = await tenant.call("POST", "/api/v1/source-systems", { body });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.json.id;
}

const secretPath = (id: string) => `/api/v1/source-systems/${id}/webhook-secret`;

/** Sets the secret and waits until the replica has it. */
async function hooked(tenant: TestTenant, provider: string, secret = SECRET, settings: object = {}): Promise<string> {
  const id = await source(tenant, provider, settings);
  const put = await tenant.call("PUT", secretPath(id), { body: { secret } });
  if (put.status !== 200) throw new Error(put.text);
  await seen(tenant, id, 1);
  return id;
}

const detail = async (tenant: TestTenant, id: string) => (await tenant.call("GET", `/api/v1/source-systems/${id}`)).json;

const seen = (tenant: TestTenant, id: string, count: number) =>
  vi.waitFor(async () => expect((await detail(tenant, id)).webhook_secrets).toHaveLength(count), { timeout: 5_000 });

type Headers = Record<string, string>;

/** As a provider sends it: no key, no header of ours, the address as it was shown. */
const post = (tenant: TestTenant, id: string, body: string, headers: Headers = {}): Promise<CallAnswer> =>
  tenant.call("POST", `/webhooks/${id}?tenant=${tenant.slug}`, { raw: body, key: null, tenant: null, idempotency_key: null, headers });

const shopifyHeaders = async (body: string, secret = SECRET, eventId: string = crypto.randomUUID(), topic = "products/update") => ({
  "x-shopify-topic": topic,
  "x-shopify-webhook-id": eventId,
  "x-shopify-hmac-sha256": await hmac("SHA-256", "base64", secret, body),
});

const product = (id: number, title: string, updated_at: string) =>
  JSON.stringify({
    id,
    title,
    status: "active",
    updated_at,
    variants: [{ id: id * 10, title: "Default Title", sku: `SKU-${id}`, price: "6.50" }],
  });

const minute = (at: number) => new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString();

const settledRuns = (tenant: TestTenant) =>
  vi.waitFor(
    async () => {
      expect(await rows(tenant, "SELECT 1 FROM webhook_notifications")).toEqual([]);
      expect(
        await rows(tenant, "SELECT 1 FROM wanted WHERE state = 'wanted' AND kind IN ('gather_notifications', 'run_ingestion')"),
      ).toEqual([]);
    },
    { timeout: 60_000, interval: 100 },
  );

const objectsOf = async (tenant: TestTenant) => (await env.MEDIA.list({ prefix: `${tenant.tenant_id}/` })).objects.map(({ key }) => key);

describe("who is believed", () => {
  test("a signed notification; what nobody here signed is one and the same 401", async () => {
    const tenant = await newTenant();
    const id = await hooked(tenant, "shopify");
    const [bare, iseller] = [await source(tenant, "shopify"), await source(tenant, "cata")];
    const body = product(1, "Latte", minute(1));
    const good = await shopifyHeaders(body);
    const refusals = [
      await post(tenant, id, body, await shopifyHeaders(body, "another secret")),
      await post(tenant, id, `${body} `, good),
      await post(tenant, id, body),
      await post(tenant, bare, body, good),
      await post(tenant, iseller, body, good),
      await post(tenant, NOBODY, body, good),
    ];
    const shown = refusals.map(({ status, json, headers }) => ({
      status,
      ...json,
      request_id: undefined,
      headers: [...headers.keys()].sort(),
    }));
    for (const one of shown) expect(one).toEqual(shown[0]);
    expect([shown[0]?.status, (shown[0] as { code?: string }).code]).toEqual([401, "UNAUTHENTICATED"]);
    expect(await rows(tenant, "SELECT 1 FROM webhook_notifications UNION ALL SELECT 1 FROM webhook_deliveries")).toEqual([]);
    expect(await objectsOf(tenant)).toEqual([]);

    const answer = await post(tenant, id, body, good);
    expect([answer.status, answer.json]).toEqual([202, { accepted: true }]);
    await settledRuns(tenant);
    expect((await tenant.call("GET", "/api/v1/variants?item_code=SKU-1")).json.data).toHaveLength(1);
    expect(await objectsOf(tenant)).toEqual([]);
  });

  test("another tenant's notification is not, though its secret is known there", async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    const id = await hooked(tenant, "shopify");
    const body = product(1, "Latte", minute(1));
    expect((await post(other, id, body, await shopifyHeaders(body))).status).toBe(401);
    const both = await tenant.call("POST", `/webhooks/${id}?tenant=${tenant.slug}`, {
      raw: body,
      key: null,
      tenant: other.slug,
      headers: await shopifyHeaders(body),
    });
    expect([both.status, both.json.code]).toEqual([404, "TENANT_UNKNOWN"]);
    // Only where a caller can set no header.
    expect((await tenant.call("GET", `/api/v1/stores?tenant=${tenant.slug}`, { key: null, tenant: null })).status).toBe(400);
  });

  test("over 1 MiB, bad JSON, a trial", async () => {
    const tenant = await newTenant();
    const id = await hooked(tenant, "shopify");
    const large = "x".repeat(1_048_577);
    expect((await post(tenant, id, large, await shopifyHeaders(large))).status).toBe(413);
    expect((await post(tenant, id, "{", await shopifyHeaders("{"))).json.code).toBe("BAD_JSON");
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const [known, unknown] = [await post(tenant, id, "webhook_id=7", form), await post(tenant, NOBODY, "webhook_id=7", form)];
    expect([known.status, known.json]).toEqual([200, { accepted: false }]);
    expect([unknown.status, unknown.text]).toEqual([known.status, known.text]);
    expect((await post(tenant, id, "webhook_id=7&x=1", form)).status).toBe(401);
  });

  test("Square's signature is of the address that is shown; our own is good for five minutes", async () => {
    const tenant = await newTenant();
    const id = await hooked(tenant, "square");
    const { webhook_url } = await detail(tenant, id);
    expect(webhook_url).toBe(`http://servery.test/webhooks/${id}?tenant=${tenant.slug}`);
    const body = JSON.stringify({ type: "catalog.version.updated", event_id: "e1", data: {} });
    const signature = await hmac("SHA-256", "base64", SECRET, webhook_url, body);
    const answer = await post(tenant, id, body, { "x-square-hmacsha256-signature": signature });
    expect([answer.status, answer.json]).toEqual([202, { accepted: true }]);
    await vi.waitFor(async () => expect((await detail(tenant, id)).refresh_wanted_at).toMatch(/^20/));
    const marked = await rows(tenant, "SELECT refresh_wanted_at_ms FROM source_systems");
    // The same event again: taken, and nothing new.
    expect((await post(tenant, id, body, { "x-square-hmacsha256-signature": signature })).json).toEqual({ accepted: true });
    expect(await rows(tenant, "SELECT refresh_wanted_at_ms FROM source_systems")).toEqual(marked);
    expect(await rows(tenant, "SELECT 1 FROM wanted WHERE kind = 'gather_notifications'")).toEqual([]);

    const own = await hooked(tenant, "cata");
    const catalogue = JSON.stringify({ format: "cata/1", products: [{ id: "p", name: "Tea", item_code: "TEA", price: 300 }] });
    const late = await ownSignature(SECRET, catalogue, Date.now() - 301_000);
    expect((await post(tenant, own, catalogue, { "servery-signature": late })).status).toBe(401);
    expect((await post(tenant, own, catalogue, { "servery-signature": await ownSignature(SECRET, catalogue) })).status).toBe(202);
    await settledRuns(tenant);
    expect((await tenant.call("GET", "/api/v1/variants?item_code=TEA")).json.data).toHaveLength(1);
  });

  test("the header is the source system's, where it says so", async () => {
    const tenant = await newTenant();
    const id = await hooked(tenant, "shopify", SECRET, { signature_header: "x-proxied-signature" });
    const body = product(1, "Latte", minute(1));
    const headers = await shopifyHeaders(body);
    expect((await post(tenant, id, body, headers)).status).toBe(401);
    expect((await post(tenant, id, body, { ...headers, "x-proxied-signature": headers["x-shopify-hmac-sha256"] })).status).toBe(202);
  });
});

describe("what is done", () => {
  test("500 notifications of one product in a burst cost few runs, and the newest holds whatever came last", async () => {
    const tenant = await newTenant();
    const id = await hooked(tenant, "shopify");
    const order = Array.from({ length: 500 }, (_, at) => at + 1).sort((a, b) => ((a * 7919) % 503) - ((b * 7919) % 503));
    for (let start = 0; start < order.length; start += 50) {
      const answers = await Promise.all(
        order.slice(start, start + 50).map(async (at) => {
          const body = product(1, `Latte ${at}`, minute(at));
          return post(tenant, id, body, await shopifyHeaders(body));
        }),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    }
    await settledRuns(tenant);
    const [shown] = (await tenant.call("GET", "/api/v1/products?item_code=SKU-1")).json.data;
    await vi.waitFor(async () => expect((await tenant.call("GET", `/api/v1/products/${shown.id}`)).json.name).toBe("Latte 500"));
    const runs = await rows(tenant, "SELECT status FROM ingestion_runs");
    expect(runs.length).toBeLessThanOrEqual(25);
    expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(["completed"]));
    expect(await objectsOf(tenant)).toEqual([]);
  }, 180_000);

  test("several products are one run; an event that comes twice, and content that is there, do nothing", async () => {
    const tenant = await newTenant();
    const id = await hooked(tenant, "shopify");
    const bodies = [1, 2, 3, 4, 5].map((at) => product(at, `Item ${at}`, minute(at)));
    const sent = await Promise.all(bodies.map(async (body, at) => [body, await shopifyHeaders(body, SECRET, `event-${at}`)] as const));
    for (const [body, headers] of sent) expect((await post(tenant, id, body, headers)).status).toBe(202);
    await settledRuns(tenant);
    expect((await tenant.call("GET", "/api/v1/variants")).json.data).toHaveLength(5);
    const before = (await rows(tenant, "SELECT run_id FROM ingestion_runs")).length;
    expect(before).toBeLessThanOrEqual(3);
    for (const [body, headers] of sent) expect((await post(tenant, id, body, headers)).json).toEqual({ accepted: true });
    await settledRuns(tenant);
    expect(await rows(tenant, "SELECT run_id FROM ingestion_runs")).toHaveLength(before);
    // The same content as another event: one run that finds nothing to do.
    const [first] = bodies as [string];
    await post(tenant, id, first, await shopifyHeaders(first));
    await settledRuns(tenant);
    const [latest] = (await tenant.call("GET", "/api/v1/ingestions")).json.data;
    expect(latest).toMatchObject({ inserted: 0, updated: 0, unchanged: 1 });
  }, 60_000);

  test("a part says nothing of the rest, though the source system hides what is missing", async () => {
    const tenant = await newTenant();
    const id = await hooked(tenant, "shopify", SECRET, { on_missing: "hide" });
    const whole = {
      custom_collections: [{ id: 5, title: "Drinks" }],
      collects: [{ collection_id: 5, product_id: 1 }],
      products: Array.from({ length: 20 }, (_, at) => JSON.parse(product(at + 1, `Item ${at + 1}`, minute(1)))),
    };
    const ingested = await tenant.call("POST", `/api/v1/source-systems/${id}/ingestions`, { body: whole });
    expect([ingested.status, ingested.json.status]).toEqual([201, "completed"]);
    const body = product(1, "Renamed", minute(2));
    await post(tenant, id, body, await shopifyHeaders(body));
    await settledRuns(tenant);
    expect(await rows(tenant, "SELECT status, updated, hidden FROM ingestion_runs ORDER BY run_id DESC LIMIT 1")).toEqual([
      { status: "completed", updated: 1, hidden: 0 },
    ]);
    // A notification does not say which collections the product is in.
    expect(
      await rows(
        tenant,
        "SELECT p.name, c.name AS category FROM product_categories JOIN products AS p USING (product_id) JOIN categories AS c USING (category_id)",
      ),
    ).toEqual([{ name: "Renamed", category: "Drinks" }]);
  });

  test("one that is switched off, and what concerns no catalogue, is answered and left", async () => {
    const tenant = await newTenant();
    const id = await hooked(tenant, "shopify");
    const body = product(1, "Latte", minute(1));
    const order = await post(tenant, id, body, await shopifyHeaders(body, SECRET, "e", "orders/create"));
    expect([order.status, order.json]).toEqual([202, { accepted: false }]);
    await tenant.call("PATCH", `/api/v1/source-systems/${id}`, { body: { is_active: false } });
    await vi.waitFor(async () => expect((await detail(tenant, id)).is_active).toBe(false));
    expect((await post(tenant, id, body, await shopifyHeaders(body))).json).toEqual({ accepted: false });
    expect(await rows(tenant, "SELECT 1 FROM webhook_notifications")).toEqual([]);
    expect((await tenant.call("PUT", secretPath(await source(tenant, "cata")), { body: { secret: "short" } })).status).toBe(422);
  });
});
