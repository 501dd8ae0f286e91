import { type SqlValue, statement } from "../../../src/platform/db/statement.ts";
import { appliedAnswer } from "../../../src/platform/http/reply.ts";
import { unitOf } from "../../../src/platform/http/scope.ts";
import type { TestTenant } from "./tenant-fixture.ts";

/** Writes to a tenant's database as a slice would. */
export async function writeSql(tenant: TestTenant, ...statements: [sql: string, ...args: SqlValue[]][]): Promise<void> {
  const { scope } = await tenant.scope();
  const steps = statements.map(([sql, ...args]) => statement(sql, ...args));
  appliedAnswer(await scope.db.write(unitOf(scope, { steps, answer: { status: 200, select: statement("SELECT json_object()") } })));
}

const RAISE = "UPDATE catalog_state SET revision = revision + 1";

/** A product with one variant per code, as ingestion leaves them; `i1`, `i2`, … each a product of its own. */
export async function addItems(tenant: TestTenant, codes: readonly string[]): Promise<void> {
  await writeSql(
    tenant,
    [
      `INSERT INTO products (product_id, name, original_name, variant_count, created_at_ms, updated_at_ms)
       SELECT 'p-' || value, 'Item ' || value, 'Item ' || value, 1, 0, 0 FROM json_each(?)`,
      JSON.stringify(codes),
    ],
    [
      `INSERT INTO variants (variant_id, product_id, item_code, position, created_at_ms, updated_at_ms)
       SELECT 'v-' || value, 'p-' || value, value, 0, 0, 0 FROM json_each(?)`,
      JSON.stringify(codes),
    ],
    [RAISE],
  );
}

/** A modifier group of 12 options that every product of these codes uses. */
export const addModifierGroup = (tenant: TestTenant, codes: readonly string[]): Promise<void> =>
  writeSql(
    tenant,
    [
      `INSERT INTO modifier_groups (modifier_group_id, name, original_name, min_select, created_at_ms, updated_at_ms)
       VALUES ('g', 'Extras to choose from', 'Extras to choose from', 0, 0, 0)`,
    ],
    [
      `INSERT INTO modifier_options (modifier_option_id, modifier_group_id, external_id, name, price_delta_minor, position)
       SELECT 'option-' || value, 'g', value, 'An extra with a name ' || value, 50, value FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12]')`,
    ],
    [
      `INSERT INTO product_modifier_groups (product_id, modifier_group_id, position) SELECT 'p-' || value, 'g', 0 FROM json_each(?)`,
      JSON.stringify(codes),
    ],
    [RAISE],
  );

export const setVisible = (tenant: TestTenant, code: string, visible: boolean): Promise<void> =>
  writeSql(tenant, ["UPDATE variants SET merchant_hidden = ? WHERE item_code = ?", visible ? 0 : 1, code], [RAISE]);

export const rename = (tenant: TestTenant, code: string, name: string): Promise<void> =>
  writeSql(tenant, ["UPDATE products SET name = ? WHERE product_id = 'p-' || ?", name, code], [RAISE]);

/** Where the stock of a store lies, though no replica may have heard of the store yet. */
export async function locationOf(tenant: TestTenant, storeId: string): Promise<string> {
  const [rows] = await (await tenant.db()).read([statement("SELECT location_id FROM stores WHERE store_id = ?", storeId)], { fresh: true });
  const locationId = rows?.[0]?.["location_id"];
  if (typeof locationId !== "string") throw new Error(`there is no store ${storeId}`);
  return locationId;
}

export async function addStore(tenant: TestTenant, name: string, currency = "USD"): Promise<string> {
  const answer = await tenant.call("POST", "/api/v1/stores", { body: { name, timezone: "Asia/Singapore", currency } });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.json.id;
}

export interface SectionInput {
  name: string;
  display_type?: "list" | "grid";
  items: { item_code: string; price?: number | null }[];
}

export async function addDraft(tenant: TestTenant, sections: SectionInput[], more: Record<string, unknown> = {}): Promise<string> {
  const body = { name: "Menu", currency: "USD", sections, ...more };
  const answer = await tenant.call("POST", "/api/v1/menus/drafts", { body });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.json.id;
}

/** Publishes and waits; the publish as it is told afterwards. */
export async function publish(tenant: TestTenant, body: Record<string, unknown>) {
  const started = await tenant.call("POST", "/api/v1/menus/publishes", { body });
  if (started.status !== 202) throw new Error(started.text);
  await tenant.settled();
  for (let attempt = 0; ; attempt++) {
    const { json } = await tenant.call("GET", `/api/v1/menus/publishes/${started.json.publish_id}`);
    const waiting = json.stores.some(({ status }: { status: string }) => status === "queued" || status === "regenerating");
    if (!waiting || attempt === 100) return json;
    await scheduler.wait(20);
  }
}

export const menuOf = (tenant: TestTenant, storeId: string, headers: Record<string, string> = {}) =>
  tenant.call("GET", `/api/v1/stores/${storeId}/menu`, { key: null, headers });

/** `{ category: { code: price } }` of a menu answer. */
// biome-ignore lint/suspicious/noExplicitAny: a parsed answer.
export const pricesOf = (document: any): Record<string, Record<string, number>> =>
  Object.fromEntries(
    document.categories.map((category: { name: string; items: { code: string; price: number }[] }) => [
      category.name,
      Object.fromEntries(category.items.map(({ code, price }) => [code, price])),
    ]),
  );
