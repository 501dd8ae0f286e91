import { statement } from "../../../src/platform/db/statement.ts";
import { writeSql } from "./menu-fixture.ts";
import { type CallAnswer, newTenant, type TestTenant } from "./tenant-fixture.ts";

/** A tenant with a store and items with ids as the catalogue gives them; what tests of stock begin with. */
export interface Shelf {
  tenant: TestTenant;
  store_id: string;
  location_id: string;
  /** Ids by code. */
  variants: Record<string, string>;
  post(path: string, body: unknown, key?: string): Promise<CallAnswer>;
  /** Records movements, each `[code, type, quantity, ms]` here, and expects them to be taken. */
  move(...movements: Move[]): Promise<CallAnswer>;
  reserve(orderId: string, lines: Record<string, number>, more?: Record<string, unknown>): Promise<CallAnswer>;
  /** `[on hand, reserved, available]` as the API tells it at once; null: not tracked. */
  figures(code: string, locationId?: string): Promise<[number, number, number] | null>;
  /** Rows of the primary. */
  rows(sql: string, ...args: (string | number)[]): Promise<Record<string, unknown>[]>;
  events(type: string): Promise<Record<string, unknown>[]>;
}

export type Move = readonly [code: string, type: string, quantity: number, occurredAtMs?: number];

export const at = (ms: number): string => new Date(ms).toISOString();

/** When tests' movements happen, unless they say otherwise. */
export const NOON_MS = Date.UTC(2026, 0, 5, 12);

export function movementOf(locationId: string, [item_code, movement_type, quantity, occurredAtMs = NOON_MS]: Move) {
  const what = movement_type === "count" ? { quantity } : { quantity_delta: quantity };
  return { item_code, location_id: locationId, movement_type, ...what, occurred_at: at(occurredAtMs) };
}

export async function newShelf(codes: readonly string[]): Promise<Shelf> {
  const tenant = await newTenant();
  const store = await tenant.call("POST", "/api/v1/stores", { body: { name: "Shop", timezone: "Asia/Singapore", currency: "USD" } });
  if (store.status !== 201) throw new Error(store.text);
  const variants = await addVariants(tenant, codes);
  const db = await tenant.db();
  const locationId: string = store.json.location_id;
  const rows: Shelf["rows"] = async (sql, ...args) => (await db.read([statement(sql, ...args)], { fresh: true }))[0] ?? [];
  const post: Shelf["post"] = (path, body, key = crypto.randomUUID()) =>
    decided(() => tenant.call("POST", path, { body, idempotency_key: key }));
  return {
    tenant,
    store_id: store.json.id,
    location_id: locationId,
    variants,
    post,
    rows,
    async move(...movements) {
      const answer = await post("/api/v1/inventory/movements", { movements: movements.map((move) => movementOf(locationId, move)) });
      if (answer.status !== 201) throw new Error(answer.text);
      return answer;
    },
    reserve: (order_id, lines, more = {}) =>
      post("/api/v1/inventory/reservations", {
        order_id,
        location_id: locationId,
        lines: Object.entries(lines).map(([item_code, quantity]) => ({ item_code, quantity })),
        ...more,
      }),
    async figures(code, at = locationId) {
      const token = (await post("/api/v1/stores", { name: "Token", timezone: "UTC", currency: "USD" })).headers.get("consistency-token");
      const page = await tenant.call("GET", `/api/v1/inventory/positions?location_id=${at}&item_code=${encodeURIComponent(code)}`, {
        headers: { "consistency-token": token ?? "" },
      });
      const [position] = page.json.data;
      return position ? [position.quantity_on_hand, position.quantity_reserved, position.quantity_available] : null;
    },
    events: async (type) =>
      (await rows("SELECT data FROM outbox WHERE event_type = ? ORDER BY sequence", type)).map(({ data }) => JSON.parse(String(data))),
  };
}

/** Asks as a client does that means one thing: after a passing failure again, with the same key. */
export async function decided(ask: () => Promise<CallAnswer>): Promise<CallAnswer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask();
    const isDecided = answer.status !== 503 && answer.json?.code !== "IDEMPOTENCY_IN_PROGRESS";
    if (isDecided || attempt === 40) return answer;
    await scheduler.wait(250);
  }
}

/** Products of one variant each; their ids by code. */
export async function addVariants(tenant: TestTenant, codes: readonly string[]): Promise<Record<string, string>> {
  const added = codes.map((code) => ({ code, product_id: crypto.randomUUID(), variant_id: crypto.randomUUID() }));
  const list = JSON.stringify(added);
  await writeSql(
    tenant,
    [
      `INSERT INTO products (product_id, name, original_name, variant_count, created_at_ms, updated_at_ms)
       SELECT value ->> 'product_id', 'Item ' || (value ->> 'code'), 'Item ' || (value ->> 'code'), 1, 0, 0 FROM json_each(?)`,
      list,
    ],
    [
      `INSERT INTO variants (variant_id, product_id, item_code, position, created_at_ms, updated_at_ms)
       SELECT value ->> 'variant_id', value ->> 'product_id', value ->> 'code', 0, 0, 0 FROM json_each(?)`,
      list,
    ],
  );
  return Object.fromEntries(added.map(({ code, variant_id }) => [code, variant_id]));
}

export async function addLocation(tenant: TestTenant): Promise<string> {
  const answer = await tenant.call("POST", "/api/v1/stores", { body: { name: "Other", timezone: "UTC", currency: "USD" } });
  return answer.json.location_id;
}

/** Gives a bundle its components. */
export const addBundle = (tenant: TestTenant, bundleVariantId: string, components: Record<string, number>): Promise<void> =>
  writeSql(tenant, [
    `INSERT INTO bundle_components (bundle_variant_id, item_code, quantity_e4, position)
     SELECT ?, key, value * 10000, 0 FROM json_each(?)`,
    bundleVariantId,
    JSON.stringify(components),
  ]);

/** An option of a group of its own that is a variant by its code, or by nobody's; its id. */
export async function addOption(tenant: TestTenant, itemCode: string | null): Promise<string> {
  const [group, option] = [crypto.randomUUID(), crypto.randomUUID()];
  await writeSql(
    tenant,
    [
      "INSERT INTO modifier_groups (modifier_group_id, name, original_name, min_select, created_at_ms, updated_at_ms) VALUES (?, 'G', 'G', 0, 0, 0)",
      group,
    ],
    [
      `INSERT INTO modifier_options (modifier_option_id, modifier_group_id, external_id, name, price_delta_minor, item_code, position)
       VALUES (?, ?, 'x', 'Extra', 0, ?, 0)`,
      option,
      group,
      itemCode,
    ],
  );
  return option;
}
