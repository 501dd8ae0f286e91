import { orderabilitySteps } from "../../../src/domains/inventory/orderability-steps.ts";
import { statement } from "../../../src/platform/db/statement.ts";
import { appliedAnswer } from "../../../src/platform/http/reply.ts";
import { unitOf } from "../../../src/platform/http/scope.ts";
import { addDraft, addItems, addStore, locationOf, publish, writeSql } from "./menu-fixture.ts";
import type { TestTenant } from "./tenant-fixture.ts";

export interface Shop {
  tenant: TestTenant;
  store_id: string;
  location_id: string;
}

/** A store that sells `codes` at 500 each, its events applied. */
export async function openShop(tenant: TestTenant, codes: readonly string[], name = "Shop"): Promise<Shop> {
  await addItems(tenant, codes);
  return { tenant, ...(await openStore(tenant, codes, name)) };
}

export async function openStore(
  tenant: TestTenant,
  codes: readonly string[],
  name: string,
): Promise<{ store_id: string; location_id: string }> {
  const store_id = await addStore(tenant, name);
  if (codes.length > 0) {
    const draft = await addDraft(tenant, [{ name: "All", items: codes.map((item_code) => ({ item_code, price: 500 })) }]);
    await publish(tenant, { draft_ids: [draft], store_ids: [store_id] });
    await eventsApplied(tenant);
  }
  return { store_id, location_id: await locationOf(tenant, store_id) };
}

/** Waits until the consumer has seen every event there is. */
export async function eventsApplied(tenant: TestTenant): Promise<void> {
  const db = await tenant.db();
  for (let attempt = 0; attempt < 400; attempt++) {
    const [rows] = await db.read(
      [statement("SELECT last_event_sequence = (SELECT min(applied_sequence) FROM outbox_consumers) AS is_done FROM commit_state")],
      { fresh: true },
    );
    if (rows?.[0]?.["is_done"] === 1) return;
    await scheduler.wait(25);
  }
  throw new Error(`events of ${tenant.slug} were not applied`);
}

/** Sets what is on hand, as a unit of work of the ledger would: position and orderability together. */
export async function setStock({ tenant, location_id }: Shop, codes: Record<string, number>, allowNegative = false): Promise<void> {
  const { scope } = await tenant.scope();
  const now_ms = scope.clock.now();
  const named = JSON.stringify(Object.entries(codes));
  const steps = [
    statement(
      `INSERT INTO stock_positions (location_id, variant_id, on_hand_e4, allow_negative, updated_at_ms)
       SELECT ?1, v.variant_id, CAST((n.value ->> 1) * 10000 AS INTEGER), ?2, ?3 FROM json_each(?4) AS n JOIN variants AS v ON v.item_code = n.value ->> 0
       WHERE true ON CONFLICT (location_id, variant_id) DO UPDATE SET on_hand_e4 = excluded.on_hand_e4, allow_negative = excluded.allow_negative`,
      location_id,
      allowNegative ? 1 : 0,
      now_ms,
      named,
    ),
    ...orderabilitySteps(
      scope,
      now_ms,
      statement(
        "SELECT ? AS location_id, v.variant_id FROM json_each(?) AS n JOIN variants AS v ON v.item_code = n.value ->> 0",
        location_id,
        named,
      ),
    ),
  ];
  appliedAnswer(
    await scope.db.write(unitOf(scope, { steps, answer: { status: 200, select: statement("SELECT json_object()") }, wakes: true })),
  );
}

/** `{ code: reason, or "ok" }` as the store answers, past what the isolate remembers. */
export async function reasonsOf({ tenant, store_id }: Shop, query = ""): Promise<Record<string, string>> {
  const answer = await orderabilityOf({ tenant, store_id }, query);
  const items = Object.entries(answer.json.items as Record<string, { orderable: boolean; reason?: string }>);
  return Object.fromEntries(items.map(([code, { orderable, reason }]) => [code, orderable ? "ok" : String(reason)]));
}

/** The whole answer, as new as the newest write. */
export async function orderabilityOf(
  { tenant, store_id }: Pick<Shop, "tenant" | "store_id">,
  query = "",
  headers: Record<string, string> = {},
) {
  const touched = await tenant.call("PATCH", `/api/v1/stores/${store_id}`, { body: { name: `Shop ${crypto.randomUUID()}` } });
  const token = touched.headers.get("consistency-token") ?? "";
  return tenant.call("GET", `/api/v1/stores/${store_id}/orderability${query}`, {
    key: null,
    headers: { "consistency-token": token, ...headers },
  });
}

/** The orderability events so far, oldest first. */
export async function turnsOf(
  tenant: TestTenant,
): Promise<{ item_code: string; is_orderable: boolean; reason_code: string | null; location_id: string }[]> {
  const db = await tenant.db();
  const [rows = []] = await db.read(
    [statement("SELECT data FROM outbox WHERE event_type = 'inventory.orderability.changed' ORDER BY sequence")],
    { fresh: true },
  );
  return rows.map((row) => JSON.parse(String(row["data"])));
}

/** A bundle of `code` that holds so many of each, its variant in place already. */
export const makeBundle = (tenant: TestTenant, code: string, parts: Record<string, number>): Promise<void> =>
  writeSql(tenant, [
    "INSERT INTO bundle_components (bundle_variant_id, item_code, quantity_e4, position) SELECT 'v-' || ?, value ->> 0, (value ->> 1) * 10000, key FROM json_each(?)",
    code,
    JSON.stringify(Object.entries(parts)),
  ]);

/** A required choice of one of these codes for the product of `code`. */
export const makeChoice = (tenant: TestTenant, code: string, options: readonly string[]): Promise<void> =>
  writeSql(
    tenant,
    [
      "INSERT INTO modifier_groups (modifier_group_id, name, original_name, min_select, created_at_ms, updated_at_ms) VALUES ('g-' || ?1, 'Milk', 'Milk', 1, 0, 0)",
      code,
    ],
    [
      `INSERT INTO modifier_options (modifier_option_id, modifier_group_id, external_id, name, price_delta_minor, item_code, position)
       SELECT 'o-' || ?1 || value, 'g-' || ?1, value, value, 0, value, key FROM json_each(?2)`,
      code,
      JSON.stringify(options),
    ],
    ["INSERT INTO product_modifier_groups (product_id, modifier_group_id, position) VALUES ('p-' || ?1, 'g-' || ?1, 0)", code],
  );
