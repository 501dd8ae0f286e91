import { env, exports } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { endpoints } from "../../src/app.ts";
import { configOf } from "../../src/env.ts";
import { type Endpoint, isRawBody } from "../../src/platform/http/endpoint.ts";
import { ROLES, type Role } from "../../src/platform/tenancy/roles.ts";
import { operate, operatorCall } from "../support/worker/tenant-fixture.ts";
import { type WholeTenant, wholeTenant } from "../support/worker/whole-tenant.ts";

/**
 * Every route of the registry with every kind of credential, aimed at the rows of a tenant that the credential is not for: either that
 * tenant is named (`at theirs`), or the caller's own with the other's ids in path and body (`with their ids`).
 */
let theirs: WholeTenant;
let own: WholeTenant;
let dumpBefore: string;
let centralBefore: string;
const callers: Caller[] = [];
const table: { route: string; aim: string; caller: string; status: number }[] = [];

type Kind = "nobody" | "unknown" | "revoked" | "operator" | "theirs" | "own";
interface Caller {
  name: string;
  kind: Kind;
  role?: Role | "terminal";
  headers: Record<string, string>;
}

const AIMS = ["at theirs by header", "at theirs by id", "at their host", "with their ids by header", "with their ids at host"] as const;
type Aim = (typeof AIMS)[number];
const isAtTheirs = (aim: Aim): boolean => aim.startsWith("at ");

beforeAll(async () => {
  [theirs, own] = await Promise.all([wholeTenant(), wholeTenant()]);
  const revoked = (await operate("POST", `/internal/tenants/${theirs.tenant.slug}/keys`, { role: "admin" })).json;
  expect((await theirs.tenant.call("GET", "/api/v1/categories", { key: revoked.key })).status).toBe(200);
  await operate("DELETE", `/internal/tenants/${theirs.tenant.slug}/keys/${revoked.key_id}`);
  const add = (name: string, kind: Kind, key: string, role?: Role | "terminal") => {
    const more = role ? { role } : {};
    callers.push({ name: `${name}, apikey`, kind, headers: { apikey: key }, ...more });
    callers.push({ name: `${name}, Bearer`, kind, headers: { authorization: `Bearer ${key}` }, ...more });
  };
  callers.push({ name: "nobody", kind: "nobody", headers: {} });
  add("unknown key", "unknown", `svk_${"A".repeat(43)}`);
  add("revoked key of theirs", "revoked", revoked.key);
  add("operator", "operator", configOf(env).OPERATOR_KEY);
  add("their admin", "theirs", theirs.tenant.admin_key, "admin");
  add("their terminal", "theirs", String(theirs.ids["terminal_token"]), "terminal");
  add("own terminal", "own", String(own.ids["terminal_token"]), "terminal");
  for (const role of ROLES) add(`own ${role}`, "own", role === "admin" ? own.tenant.admin_key : await own.tenant.key(role), role);
  dumpBefore = await theirs.dump();
  centralBefore = await centralOf(theirs);
}, 60_000);

/** What the operator is shown of a tenant. */
async function centralOf({ tenant }: WholeTenant): Promise<string> {
  for (let cursor = ""; ; ) {
    const page = (await operate("GET", `/internal/tenants?limit=500${cursor}`)).json;
    const found = page.data.find(({ slug }: { slug: string }) => slug === tenant.slug);
    if (found) return JSON.stringify(found);
    cursor = `&cursor=${page.next_cursor}`;
  }
}

/** Names what every tenant has, not a row of one. */
const REBUILD = "/api/v1/ops/projections/{name}/rebuild";

const nameOf = (endpoint: Endpoint): string => `${endpoint.method.toUpperCase()} ${endpoint.path}`;

/** The path with their ids. A name that is not known here is a new kind of thing: `wholeTenant` should make one. */
function pathOf(endpoint: Endpoint): string {
  if (endpoint.path === REBUILD) return REBUILD.replace("{name}", "dark_store_catalog");
  const path = endpoint.path.replace("{version_no}", "1").replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (endpoint.path.startsWith("/api/v1/pos/orders/")) return String(theirs.ids["till_order_id"]);
    const id = endpoint.access === "operator" ? (theirs.ids[name] ?? "local") : theirs.ids[name];
    if (id === undefined) throw new Error(`${nameOf(endpoint)}: what is a ${name} of the other tenant?`);
    return id;
  });
  if (endpoint.path === "/v1/store/category") return `${path}?store_id=${theirs.ids["store_id"]}`;
  if (endpoint.path === "/api/v1/ingestions") return `${path}?source_system_id=${theirs.ids["source_system_id"]}`;
  if (endpoint.path === "/internal/store-catalog-view") return `${path}?location_id=${theirs.ids["location_id"]}`;
  if (endpoint.path.endsWith("/search")) return `${path}?q=${theirs.ids["code"]}`;
  if (endpoint.path === "/api/v1/prices/preview") return `${path}?store_id=${theirs.ids["store_id"]}&item_code=${theirs.ids["code"]}`;
  if (endpoint.path === "/api/v1/variants") return `${path}?item_code=${theirs.ids["code"]}`;
  return path;
}

/** Bodies that would take effect, so that nothing but the tenant's border is in the way. */
function bodyOf(endpoint: Endpoint): string | undefined {
  if (!endpoint.body) return undefined;
  const { store_id, location_id, draft_id, order_id, code, category_id, modifier_group_id } = theirs.ids;
  const now = new Date().toISOString();
  const lines = [{ item_code: code, quantity: 1 }];
  const draft = { name: "Taken over", currency: "USD", sections: [{ name: "All", items: [{ item_code: code, price: 1 }] }] };
  const bodies: Record<string, unknown> = {
    "POST /api/v1/stores": { name: "Another", timezone: "UTC", currency: "USD" },
    "POST /api/v1/source-systems": { source_type: "pos", name: crypto.randomUUID(), provider: "cata" },
    "PUT /api/v1/source-systems/{source_system_id}/webhook-secret": {},
    "POST /api/v1/menus/drafts": draft,
    "PUT /api/v1/menus/drafts/{draft_id}": draft,
    "POST /api/v1/menus/publishes": { draft_ids: [draft_id], store_ids: [store_id] },
    "POST /v1/items-flat/regenerate": { store_id },
    "POST /api/v1/products": { name: "Own", category_ids: [category_id], variants: [{ item_code: crypto.randomUUID() }] },
    "POST /api/v1/products/{product_id}/variants": { item_code: crypto.randomUUID() },
    "PUT /api/v1/products/{product_id}/modifier-groups": { groups: [{ modifier_group_id }] },
    "PUT /api/v1/variants/{variant_id}/bundle": { components: [{ item_code: code, quantity: 1 }] },
    "POST /api/v1/categories": { name: "Taken over", parent_id: category_id },
    "POST /api/v1/prices": { item_code: code, currency: "USD", price: 1 },
    "PATCH /api/v1/prices/{price_id}": { effective_to: null },
    "PUT /api/v1/stores/{store_id}/hours": { hours: { weekly: { mon: [] } } },
    "PUT /api/v1/stores/{store_id}/pause": {},
    "POST /api/v1/dark-stores": { store_id },
    "PATCH /api/v1/dark-stores/{dark_store_id}": { status: "maintenance" },
    "PUT /api/v1/dark-stores/{dark_store_id}/assortment": { items: [{ item_code: code }] },
    "POST /api/v1/inventory/movements": {
      movements: [{ item_code: code, location_id, movement_type: "sale", quantity_delta: -1, occurred_at: now }],
    },
    "POST /api/v1/inventory/transfers": { from_location_id: location_id, to_location_id: location_id, lines },
    "POST /api/v1/inventory/reconciliations": { location_id, from: new Date(0).toISOString(), to: now, counts: lines },
    "POST /api/v1/inventory/rebuilds": { location_id },
    "PATCH /api/v1/inventory/positions/{location_id}/{variant_id}": { reorder_point: 5 },
    "POST /api/v1/inventory/reservations": { order_id: `${order_id}-2`, location_id, lines },
    "POST /api/v1/inventory/reservations/{order_id}/commit": {},
    "POST /api/v1/inventory/reservations/{order_id}/release": {},
    "POST /api/v1/pos/orders": {
      store_id,
      order_id: crypto.randomUUID(),
      currency: "USD",
      lines: [{ line_id: "1", item_code: code, quantity: 1, unit_price: 1 }],
    },
    "POST /api/v1/pos/orders/{order_id}/close": {},
    "POST /api/v1/pos/orders/{order_id}/cancel": {},
    "POST /api/v1/terminals": { store_id, name: "Taken over", device_id: "d" },
    "POST /api/v1/terminals/pairing-codes": { store_id },
    "POST /api/v1/terminals/pair": { code: theirs.ids["pairing_code"], name: "Taken over", device_id: "d" },
    "POST /api/v1/sync/push": {
      operations: [
        { id: "01JD2N8M6Q3V8B7K1F0R5T9XYZ", type: "order.close", occurred_at: now, payload: { order_id: theirs.ids["till_order_id"] } },
      ],
    },
    "POST /api/v1/inventory/snoozes": { item_code: code, location_id },
    "POST /api/v1/images/retry": { product_ids: [theirs.ids["product_id"]], revalidate: true },
  };
  const fallback = isRawBody(endpoint.body)
    ? { format: "cata/1", products: [{ id: "p", name: "Taken over", price: 1 }] }
    : { name: "Taken over" };
  return JSON.stringify(bodies[nameOf(endpoint)] ?? fallback);
}

function contentTypeOf({ body }: Endpoint): string {
  const taken: readonly string[] = isRawBody(body) ? body.content_types : [];
  return taken.length === 0 || taken.includes("application/json") ? "application/json" : String(taken[0]);
}

async function ask(endpoint: Endpoint, aim: Aim, caller: Caller): Promise<{ status: number; text: string; sent: string }> {
  const named = isAtTheirs(aim) ? theirs.tenant : own.tenant;
  const base = aim.endsWith("host") ? `http://${named.slug}.localhost` : "http://servery.test";
  const selected = aim.endsWith("by id") ? named.tenant_id : named.slug;
  const body = bodyOf(endpoint);
  const path = pathOf(endpoint);
  const response = await exports.default.fetch(`${base}${path}`, {
    method: endpoint.method.toUpperCase(),
    headers: {
      ...caller.headers,
      ...(aim.endsWith("host") ? {} : { "x-tenant-id": selected }),
      ...(endpoint.idempotency === "none" ? {} : { "idempotency-key": crypto.randomUUID() }),
      ...(body === undefined ? {} : { "content-type": contentTypeOf(endpoint) }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, text: await response.text(), sent: `${base}${path} ${selected} ${body ?? ""}` };
}

const namesAnId = (endpoint: Endpoint): boolean =>
  endpoint.path !== REBUILD && /\{|prices\/preview|store\/category|store-catalog-view|regenerate/.test(endpoint.path);

/** What a body names that is not in one's own tenant is a field that is not valid. */
const NAMED_IN_BODY = new Set([
  "POST /api/v1/menus/publishes",
  "POST /api/v1/dark-stores",
  "POST /api/v1/products",
  "POST /api/v1/categories",
  "POST /api/v1/prices",
  "POST /api/v1/inventory/movements",
  "POST /api/v1/inventory/transfers",
  "POST /api/v1/inventory/reconciliations",
  "POST /api/v1/inventory/rebuilds",
  "POST /api/v1/inventory/reservations",
  "POST /api/v1/inventory/snoozes",
  "POST /api/v1/pos/orders",
  "POST /api/v1/terminals",
  "POST /api/v1/terminals/pairing-codes",
]);

/** What the contract says; null where the caller is in the right and only what is told matters. */
function expected(endpoint: Endpoint, aim: Aim, { kind, role }: Caller): number | null {
  const { access } = endpoint;
  if (access === "open") return null;
  if (access === "operator") return 401;
  if (kind === "unknown" || kind === "revoked") return 401;
  if (kind === "operator") return endpoint.operator_too ? (namesAnId(endpoint) ? 404 : null) : 401;
  if (kind === "nobody") return access === "public" ? (isAtTheirs(aim) ? null : ownAnswer(endpoint)) : 401;
  // Host, x-tenant-id and credential disagree.
  if (isAtTheirs(aim) !== (kind === "theirs")) return 404;
  if (access !== "public" && role !== "admin" && !access.includes(role as Caller["role"] & string)) return 403;
  return ownAnswer(endpoint);
}

/** In one's own tenant their ids are not there. */
function ownAnswer(endpoint: Endpoint): number | null {
  // Nothing is told of why a notification is not believed.
  if (endpoint.path.startsWith("/webhooks/")) return 401;
  if (NAMED_IN_BODY.has(nameOf(endpoint))) return 422;
  return namesAnId(endpoint) ? 404 : null;
}

/** What the caller's own till pushed, their order's id in it, is kept whole as its rejection. */
const isOwnQuotation = ({ path }: Endpoint, mark: string): boolean =>
  mark === theirs.ids["till_order_id"] && (path === "/api/v1/sync/rejections" || path === "/api/v1/sync/pull");

/** Not an attempt on another tenant: theirs by their own admin, anything by the operator, and what anybody may read. */
function isTheirRight(endpoint: Endpoint, aim: Aim, { kind }: Caller): boolean {
  if (kind === "operator") return endpoint.access === "operator" || (endpoint.operator_too === true && isAtTheirs(aim));
  return isAtTheirs(aim) && (kind === "theirs" || (kind === "nobody" && endpoint.access === "public"));
}

describe("another tenant's rows", () => {
  test.each(endpoints.map((endpoint) => [nameOf(endpoint), endpoint] as const))(
    "%s",
    async (name, endpoint) => {
      for (const aim of AIMS) {
        const attempts = callers.filter((caller) => !isTheirRight(endpoint, aim, caller));
        await Promise.all(
          attempts.map(async (caller) => {
            const { status, text, sent } = await ask(endpoint, aim, caller);
            table.push({ route: name, aim, caller: caller.name, status });
            const what = `${name} ${aim} as ${caller.name}: ${status} ${text.slice(0, 300)}`;
            expect(status, what).toBeLessThan(500);
            const wanted = expected(endpoint, aim, caller);
            if (wanted !== null) expect(status, what).toBe(wanted);
            const told = theirs.marks.filter((mark) => text.includes(mark) && !sent.includes(mark) && !isOwnQuotation(endpoint, mark));
            expect(told, what).toEqual([]);
          }),
        );
      }
    },
    60_000,
  );

  test("the operator's routes keep to the tenant that they name", async () => {
    const { tenant_id, slug, admin_key } = theirs.tenant;
    const key = (await operate("POST", `/internal/tenants/${slug}/keys`, { role: "read" })).json;
    const crossed = await operatorCall("DELETE", `/internal/tenants/${own.tenant.slug}/keys/${key.key_id}`);
    expect(crossed.status).toBe(404);
    expect((await theirs.tenant.call("GET", "/api/v1/categories", { key: key.key })).status).toBe(200);
    // A slug that is another tenant's id would make two tenants of one name.
    const posing = await operatorCall("POST", "/internal/tenants", { slug: tenant_id, name: "Posing", currency: "USD" });
    expect(posing.status).toBe(422);
    expect((await theirs.tenant.call("GET", "/api/v1/categories", { tenant: tenant_id, key: admin_key })).status).toBe(200);
  });

  test("nothing of theirs has changed, and theirs still serves", async () => {
    expect(await theirs.dump()).toBe(dumpBefore);
    expect(await centralOf(theirs)).toBe(centralBefore);
    const menu = await theirs.tenant.call("GET", `/api/v1/stores/${theirs.ids["store_id"]}/menu`, { key: null });
    expect([menu.status, menu.json.categories[0].items[0].price]).toEqual([200, 250]);
    // The marks are where they would be told.
    expect(theirs.marks.filter((mark) => menu.text.includes(mark)).length).toBeGreaterThanOrEqual(5);
  });
});

afterAll(async () => {
  await fetch(`${inject("artifactsUrl")}/cross-tenant.md`, { method: "PUT", body: markdown() });
});

/** Route by caller, each with the statuses of the five aims; a dash where the caller would have been in the right. */
function markdown(): string {
  const heads = callers.map(({ name }) => name);
  const cell = (route: string, caller: string) =>
    AIMS.map((aim) => table.find((row) => row.route === route && row.aim === aim && row.caller === caller)?.status ?? "–").join(" ");
  const rows = endpoints.map((endpoint) => [nameOf(endpoint), ...heads.map((caller) => cell(nameOf(endpoint), caller))]);
  const lines = [["route", ...heads], heads.map(() => "---").concat("---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `# Attempts on another tenant\n\nEach cell: ${AIMS.join("; ")}.\n\n${lines.join("\n")}\n\n${table.length} requests.\n`;
}
