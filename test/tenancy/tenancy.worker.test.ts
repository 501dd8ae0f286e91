import { describe, expect, test, vi } from "vitest";
import { newTenant, operate, operatorCall } from "../support/worker/tenant-fixture.ts";

describe("tenants", () => {
  test("creating twice answers the same tenant and key, and changes nothing", async () => {
    const tenant = await newTenant();
    const again = await operatorCall("POST", "/internal/tenants", { slug: tenant.slug, name: `Tenant ${tenant.slug}`, currency: "USD" });
    expect(again.status).toBe(200);
    expect(again.json).toMatchObject({
      tenant_id: tenant.tenant_id,
      slug: tenant.slug,
      admin_key: tenant.admin_key,
      host: `${tenant.slug}.localhost`,
    });
  });

  test("the same slug with other particulars is refused", async () => {
    const tenant = await newTenant();
    const other = await operatorCall("POST", "/internal/tenants", { slug: tenant.slug, name: "Somebody else", currency: "USD" });
    expect(other.status).toBe(409);
    expect(other.json.code).toBe("TENANT_CONFLICT");
    expect(other.json.detail).toContain("name");
  });

  test("two creations at once make one tenant", async () => {
    await newTenant();
    const slug = `t${crypto.randomUUID().slice(0, 12)}`;
    const answers = await Promise.all(
      [1, 2, 3].map(() => operatorCall("POST", "/internal/tenants", { slug, name: slug, currency: "EUR" })),
    );
    expect(new Set(answers.map(({ json }) => json.tenant_id)).size).toBe(1);
    expect(new Set(answers.map(({ json }) => json.admin_key)).size).toBe(1);
  });

  test("a created key works until it is revoked, and its replay shows it again", async () => {
    const tenant = await newTenant();
    const idempotency = { "idempotency-key": crypto.randomUUID() };
    const first = await operatorCall("POST", `/internal/tenants/${tenant.slug}/keys`, { role: "read", name: "shop" }, idempotency);
    const replay = await operatorCall("POST", `/internal/tenants/${tenant.slug}/keys`, { role: "read", name: "shop" }, idempotency);
    expect(first.status).toBe(201);
    expect(replay.json).toEqual(first.json);
    expect(replay.headers.get("idempotent-replayed")).toBe("true");
    expect((await tenant.call("GET", "/api/v1/categories", { key: first.json.key })).status).toBe(200);
    await operate("DELETE", `/internal/tenants/${tenant.slug}/keys/${first.json.key_id}`);
    // Within five seconds everywhere: this isolate forgets it at once, but the replica may be a moment behind.
    const status = async () => (await tenant.call("GET", "/api/v1/categories", { key: first.json.key })).status;
    await vi.waitUntil(async () => (await status()) === 401, { timeout: 5_000, interval: 50 });
  });

  test("a domain serves its tenant and nobody else's key", async () => {
    const [one, two] = await Promise.all([newTenant(), newTenant()]);
    const domain = `${one.slug}.example.com`;
    await operate("POST", `/internal/tenants/${one.slug}/domains`, { domain });
    const taken = await operatorCall("POST", `/internal/tenants/${two.slug}/domains`, { domain });
    expect([taken.status, taken.json.code]).toEqual([409, "DOMAIN_TAKEN"]);
    const { exports } = await import("cloudflare:workers");
    const at = (headers: Record<string, string>) => exports.default.fetch(`http://${domain}/api/v1/categories`, { headers });
    expect((await at({ apikey: one.admin_key })).status).toBe(200);
    expect((await at({ apikey: two.admin_key })).status).toBe(404);
    expect((await at({ apikey: one.admin_key, "x-tenant-id": two.slug })).status).toBe(404);
  });

  test("the operator's routes want the operator", async () => {
    const tenant = await newTenant();
    const answer = await tenant.call("GET", "/internal/tenants");
    expect(answer.status).toBe(401);
    expect(answer.json.code).toBe("UNAUTHENTICATED");
  });
});
