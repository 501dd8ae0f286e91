import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import type { DatabaseHandle } from "../../src/platform/db/database.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { runtimeOf } from "../../src/platform/http/runtime.ts";
import { provisionOnce } from "../../src/platform/tenancy/provision-tenant.ts";
import { dyingAt } from "../support/worker/dying-database.ts";
import { newTenant, operate, operatorCall } from "../support/worker/tenant-fixture.ts";

async function tenantRow(slug: string): Promise<{ tenant_id: string; key_id: string }> {
  const select = statement(
    "SELECT t.tenant_id, k.key_id FROM tenants t JOIN api_keys k ON k.tenant_id = t.tenant_id WHERE t.slug = ?",
    slug,
  );
  const [rows] = await runtimeOf(env, () => {}).central.read([select], { fresh: true });
  expect(rows).toHaveLength(1);
  return rows?.[0] as { tenant_id: string; key_id: string };
}

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

  test("with a key, creation is answered the same each time: at once, after a lost answer, and when the first key is gone", async () => {
    await newTenant();
    const slug = `t${crypto.randomUUID().slice(0, 12)}`;
    const create = (name = slug, key = slug) =>
      operatorCall("POST", "/internal/tenants", { slug, name, currency: "EUR" }, { "idempotency-key": key });
    const together = await Promise.all(Array.from({ length: 8 }, () => create()));
    expect(new Set(together.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(together[0]?.status).toBe(201);
    expect(together.filter(({ headers }) => headers.get("idempotent-replayed") === null)).toHaveLength(1);
    // The writer's memory is gone, and whatever the first caller was told with it.
    await runInDurableObject(env.TENANT_WRITER.getByName("central"), (writer) => Object.assign(writer, { group: null, target: null }));
    const later = await create();
    expect([later.status, later.text, later.headers.get("idempotent-replayed")]).toEqual([201, together[0]?.text, "true"]);
    const reused = await create("Somebody else");
    expect([reused.status, reused.json.code]).toEqual([409, "IDEMPOTENCY_KEY_REUSED"]);
    const other = await create(slug, "another-key");
    expect([other.status, other.json]).toEqual([200, together[0]?.json]);
    const { key_id } = await tenantRow(slug);
    await operate("DELETE", `/internal/tenants/${slug}/keys/${key_id}`);
    expect((await create()).text).toBe(together[0]?.text);
    expect((await create(slug, "a-third")).json.code).toBe("TENANT_CONFLICT");
  });

  test("a creation that was cut anywhere goes on with its key and is still the one that created", async () => {
    await newTenant();
    // The tenant's row, its version, the answer; each either not sent, or its answer lost.
    for (const when of ["before", "after"] as const) {
      for (let write = 1; write <= 3; write++) {
        const slug = `t${crypto.randomUUID().slice(0, 12)}`;
        const runtime = runtimeOf(env, () => {});
        const scopeOf = (central: DatabaseHandle) => ({
          ...runtime,
          central,
          receipt: { principal: "operator", method: "POST", route: "/internal/tenants", key: slug, fingerprint: "f", request_id: "r" },
          request_id: "r",
          trace_id: "t",
          url: new URL("http://servery.test/"),
          headers: new Headers(),
        });
        const wanted = { slug, name: slug, currency: "EUR", locale: "en" };
        await expect(provisionOnce(scopeOf(dyingAt(runtime.central, write, when)), wanted)).rejects.toThrow("died");
        const result = await provisionOnce(scopeOf(runtime.central), wanted);
        const { tenant_id } = await tenantRow(slug);
        expect(result, `${write} ${when}`).toMatchObject({ kind: "applied", status: 201, answer: expect.stringContaining(tenant_id) });
      }
    }
  }, 60_000);

  test("a key made many times at once is one key", async () => {
    const tenant = await newTenant();
    const idempotency = { "idempotency-key": crypto.randomUUID() };
    const made = await Promise.all(
      Array.from({ length: 20 }, () => operatorCall("POST", `/internal/tenants/${tenant.slug}/keys`, { role: "read" }, idempotency)),
    );
    expect(new Set(made.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    const { central } = runtimeOf(env, () => {});
    const count = statement("SELECT count(*) AS keys FROM api_keys WHERE tenant_id = ? AND role = 'read'", tenant.tenant_id);
    expect((await central.read([count], { fresh: true }))[0]).toEqual([{ keys: 1 }]);
    // The secret is in no receipt.
    const leaked = statement("SELECT count(*) AS leaked FROM receipts WHERE instr(answer, ?)", made[0]?.json.key);
    expect((await central.read([leaked], { fresh: true }))[0]).toEqual([{ leaked: 0 }]);
  });

  test("the operator's routes want the operator", async () => {
    const tenant = await newTenant();
    const answer = await tenant.call("GET", "/internal/tenants");
    expect(answer.status).toBe(401);
    expect(answer.json.code).toBe("UNAUTHENTICATED");
  });
});
