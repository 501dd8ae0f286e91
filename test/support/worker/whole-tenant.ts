import { uuidV7 } from "../../../src/kernel/ids.ts";
import { statement } from "../../../src/platform/db/statement.ts";
import { addDraft, addStore, locationOf, publish, writeSql } from "./menu-fixture.ts";
import { newTenant, type TestTenant } from "./tenant-fixture.ts";

/** A tenant with one of everything that has an id, by the name under which a path or a body names it. */
export interface WholeTenant {
  tenant: TestTenant;
  ids: Readonly<Record<string, string>>;
  /** Texts that stand in its rows and nowhere else: an answer that carries one tells of this tenant. */
  marks: readonly string[];
  /** Every row of its database but the writer's own book-keeping, as text. */
  dump(): Promise<string>;
}

/** What the writer does to any tenant by itself: sweeping, looking for due work. */
const BOOK_KEEPING = new Set(["batches", "commit_state", "schema_migrations"]);

export async function wholeTenant(): Promise<WholeTenant> {
  const tenant = await newTenant();
  const mark = (what: string) => `${what} ${crypto.randomUUID().slice(0, 8)}`;
  const names = {
    store: mark("Store"),
    source: mark("Source"),
    product: mark("Product"),
    category: mark("Category"),
    draft: mark("Draft"),
    group: mark("Group"),
  };
  const code = `CODE-${crypto.randomUUID().slice(0, 8)}`;

  const storeId = await addStore(tenant, names.store);
  const create = async (path: string, body: unknown) => {
    const answer = await tenant.call("POST", path, { body });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.json;
  };
  const made = async (path: string, body: unknown): Promise<string> => (await create(path, body)).id;
  const sourceId = await made("/api/v1/source-systems", { source_type: "pos", name: names.source, provider: "cata" });
  const runId = await made(`/api/v1/source-systems/${sourceId}/ingestions`, {
    format: "cata/1",
    categories: [{ id: "c", name: names.category }],
    modifier_groups: [],
    products: [{ id: "p", name: names.product, item_code: code, price: 100, categories: ["c"] }],
  });
  const draftId = await addDraft(tenant, [{ name: names.category, items: [{ item_code: code, price: 250 }] }], { name: names.draft });
  const published = await publish(tenant, { draft_ids: [draftId], store_ids: [storeId] });
  const deadLetterId = crypto.randomUUID();
  const message = {
    type: "wanted",
    tenant_id: tenant.tenant_id,
    kind: "regenerate_store",
    key: storeId,
    requests: 1,
    payload: { store_id: storeId },
  };
  await writeSql(tenant, [
    "INSERT INTO dead_letters (id, queue, message, died_at_ms) VALUES (?, 'dev-items-flat-regen', ?, 1)",
    deadLetterId,
    JSON.stringify(message),
  ]);
  const [variant] = (await tenant.call("GET", `/api/v1/variants?item_code=${code}`)).json.data;
  const [category] = (await tenant.call("GET", "/api/v1/categories")).json.data;
  const location_id = await locationOf(tenant, storeId);
  const counted = { item_code: code, location_id, movement_type: "count", quantity: 7, occurred_at: new Date().toISOString() };
  await create("/api/v1/inventory/movements", { movements: [counted] });
  const orderId = `order-${crypto.randomUUID()}`;
  await create("/api/v1/inventory/reservations", { order_id: orderId, location_id, lines: [{ item_code: code, quantity: 1 }] });
  const snoozeId = await made("/api/v1/inventory/snoozes", { item_code: code, location_id });
  const groupId = await made("/api/v1/modifier-groups", { name: names.group, options: [{ name: "One" }] });
  const priceId = await made("/api/v1/prices", { item_code: code, currency: "USD", price: 240, channel: "delivery" });
  const image = await tenant.call("PUT", `/api/v1/products/${variant.product_id}/image`, {
    raw: `GIF89a${crypto.randomUUID()}`,
    headers: { "content-type": "image/gif" },
  });
  if (image.status !== 200) throw new Error(image.text);
  const device_id = mark("Device");
  const terminal = await create("/api/v1/terminals", { store_id: storeId, name: mark("Terminal"), device_id });
  const pairing = await create("/api/v1/terminals/pairing-codes", { store_id: storeId });
  const tillOrderId = `till-order-${crypto.randomUUID()}`;
  const pushed = await tenant.call("POST", "/api/v1/sync/push", {
    key: null,
    idempotency_key: null,
    headers: { authorization: `Bearer ${terminal.token}` },
    body: {
      operations: [
        {
          id: uuidV7(Date.now(), crypto.getRandomValues(new Uint8Array(10))),
          type: "order.create",
          occurred_at: new Date().toISOString(),
          payload: { order_id: tillOrderId, currency: "USD", lines: [{ line_id: "1", item_code: code, quantity: 1, unit_price: 250 }] },
        },
      ],
    },
  });
  if (pushed.json?.results?.[0]?.status !== "applied") throw new Error(pushed.text);
  const darkStoreId = await made("/api/v1/dark-stores", { store_id: storeId });
  await tenant.settled();
  await eventsApplied(tenant);

  const ids = {
    store_id: storeId,
    location_id,
    source_system_id: sourceId,
    ingestion_id: runId,
    product_id: variant.product_id,
    variant_id: variant.variant_id,
    category_id: category.id,
    modifier_group_id: groupId,
    price_id: priceId,
    code,
    draft_id: draftId,
    publish_id: published.publish_id,
    order_id: orderId,
    snooze_id: snoozeId,
    dark_store_id: darkStoreId,
    terminal_id: terminal.terminal_id,
    pairing_code: pairing.code,
    terminal_token: terminal.token,
    till_order_id: tillOrderId,
    // Not of the tenant; a stream of one that there is would not end.
    collection: "unknown",
    schema_version: "0",
    id: deadLetterId,
    tenant: tenant.tenant_id,
    object: image.json.image_url.split("/").at(-1),
    slug: tenant.slug,
    namespace: `t-${tenant.slug}`,
  };
  return {
    tenant,
    ids,
    marks: [...Object.values(names), device_id, ...Object.values(ids).filter((id) => id.length > 7), tenant.tenant_id],
    dump: () => dumpOf(tenant),
  };
}

/** What follows from events is written after them. */
async function eventsApplied(tenant: TestTenant): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const { events } = (await tenant.call("GET", "/api/v1/ops/queues")).json;
    if (events.applied_sequence === events.last_sequence) return;
    await scheduler.wait(25);
  }
  throw new Error("the events of the tenant were not applied");
}

async function dumpOf(tenant: TestTenant): Promise<string> {
  const db = await tenant.db();
  const [tables = []] = await db.read(
    [statement("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")],
    { fresh: true },
  );
  const names = tables.map((row) => String(row["name"])).filter((name) => !BOOK_KEEPING.has(name) && !/libsql/.test(name));
  const rows = await db.read(
    // Receipts of our own work are book-keeping too.
    names.map((name) => statement(`SELECT * FROM "${name}" ${name === "receipts" ? "WHERE principal <> 'servery'" : ""} ORDER BY 1, 2`)),
    { fresh: true },
  );
  return names.map((name, index) => `${name}\n${(rows[index] ?? []).map((row) => JSON.stringify(row)).join("\n")}`).join("\n\n");
}
