import { expect, test } from "vitest";
import { forgetTerminals } from "../../src/platform/tenancy/known-terminals.ts";
import { addStore, writeSql } from "../support/worker/menu-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

const NOBODY = "00000000-0000-7000-8000-000000000000";

const as = (token: string) => ({ key: null, tenant: null, headers: { authorization: `Bearer ${token}` } });

async function register(tenant: TestTenant, more: Record<string, unknown> = {}, idempotency_key: string = crypto.randomUUID()) {
  const store_id = more["store_id"] ?? (await addStore(tenant, "Shop"));
  return tenant.call("POST", "/api/v1/terminals", { body: { store_id, name: "Counter 1", device_id: "ipad-1", ...more }, idempotency_key });
}

test("a registered terminal knows its store, and its token is nowhere in the database", async () => {
  const tenant = await newTenant();
  const store_id = await addStore(tenant, "Shop");
  const made = await register(tenant, { store_id }, "once");
  expect(made.status).toBe(201);
  expect(made.json).toMatchObject({ store_id, name: "Counter 1", device_id: "ipad-1" });
  const again = await register(tenant, { store_id }, "once");
  expect([again.status, again.json]).toEqual([201, made.json]);
  const me = await tenant.call("GET", "/api/v1/terminals/me", as(made.json.token));
  expect([me.status, me.json.terminal_id, me.json.store.id, me.json.store.currency]).toEqual([200, made.json.terminal_id, store_id, "USD"]);
  const db = await tenant.db();
  const rows = await db.read(
    ["terminals", "receipts"].map((table) => ({ sql: `SELECT * FROM ${table}`, args: [] })),
    { fresh: true },
  );
  expect(JSON.stringify(rows)).not.toContain(made.json.token);
});

test("a terminal may not do what its roles do not name, nor speak for another tenant", async () => {
  const [tenant, other] = [await newTenant(), await newTenant()];
  const { token } = (await register(tenant)).json;
  expect((await tenant.call("GET", "/api/v1/terminals", as(token))).json.code).toBe("FORBIDDEN");
  const crossed = await tenant.call("GET", "/api/v1/terminals/me", { ...as(token), tenant: other.slug });
  expect([crossed.status, crossed.json.code]).toEqual([404, "TENANT_UNKNOWN"]);
  const end = token.endsWith("A") ? "B" : "A";
  const forged = await tenant.call("GET", "/api/v1/terminals/me", as(`${token.slice(0, -2)}${end}A`));
  expect([forged.status, forged.json.code]).toEqual([401, "UNAUTHENTICATED"]);
  const key = await tenant.call("GET", "/api/v1/terminals/me");
  expect([key.status, key.json.code]).toEqual([400, "TERMINAL_REQUIRED"]);
});

test("a pairing code registers one terminal, for ten minutes, however it is typed", async () => {
  const tenant = await newTenant();
  const store_id = await addStore(tenant, "Shop");
  const newCode = async () => (await tenant.call("POST", "/api/v1/terminals/pairing-codes", { body: { store_id } })).json;
  const pair = (code: string, idempotency_key: string = crypto.randomUUID()) =>
    tenant.call("POST", "/api/v1/terminals/pair", { key: null, body: { code, name: "Till", device_id: "d" }, idempotency_key });
  const { code, expires_at } = await newCode();
  expect(code).toMatch(/^[2-9A-HJ-NP-Z]{8}$/);
  expect(Date.parse(expires_at) - Date.now()).toBeGreaterThan(590_000);
  const typed = ` ${code.slice(0, 4).toLowerCase()}-${code.slice(4)}`;
  const paired = await pair(typed, "k");
  expect([paired.status, paired.json.store_id]).toEqual([201, store_id]);
  expect((await pair(typed, "k")).json).toEqual(paired.json);
  expect((await tenant.call("GET", "/api/v1/terminals/me", as(paired.json.token))).status).toBe(200);
  expect((await pair(code)).json.code).toBe("PAIRING_CODE_UNKNOWN");
  const late = await newCode();
  await writeSql(tenant, ["UPDATE pairing_codes SET expires_at_ms = ?", Date.now() - 1]);
  expect((await pair(late.code)).json.code).toBe("PAIRING_CODE_UNKNOWN");
  expect((await pair("AAAAAAAA")).status).toBe(404);
});

test("a rotated terminal goes on with either token for a while; a revoked one with none", async () => {
  const tenant = await newTenant();
  const { terminal_id, token } = (await register(tenant)).json;
  const me = async (with_: string) => {
    // What is remembered goes; the replica may be a moment behind.
    forgetTerminals();
    return (await tenant.call("GET", "/api/v1/terminals/me", as(with_))).status;
  };
  const rotate = (idempotency_key: string, with_ = token) =>
    tenant.call("POST", `/api/v1/terminals/${terminal_id}/rotate`, { ...as(with_), idempotency_key });
  const rotated = await rotate("r");
  expect(rotated.status).toBe(200);
  expect((await rotate("r")).json).toEqual(rotated.json);
  expect([await me(token), await me(rotated.json.token)]).toEqual([200, 200]);
  await writeSql(tenant, ["UPDATE terminals SET old_token_until_ms = 1"]);
  await expect.poll(() => me(token)).toBe(401);
  expect(await me(rotated.json.token)).toBe(200);
  const second = (await register(tenant, { device_id: "ipad-2" })).json;
  const foreign = await tenant.call("POST", `/api/v1/terminals/${terminal_id}/rotate`, as(second.token));
  expect([foreign.status, foreign.json.code]).toEqual([404, "NOT_FOUND"]);
  expect((await tenant.call("DELETE", `/api/v1/terminals/${terminal_id}`)).status).toBe(204);
  await expect.poll(() => me(rotated.json.token)).toBe(401);
  expect((await tenant.call("POST", `/api/v1/terminals/${terminal_id}/rotate`)).status).toBe(404);
  expect((await tenant.call("DELETE", `/api/v1/terminals/${NOBODY}`)).status).toBe(404);
  const { json } = await tenant.call("GET", "/api/v1/terminals");
  expect(json.data.map(({ status }: { status: string }) => status)).toEqual(["revoked", "active"]);
});
