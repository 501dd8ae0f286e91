import { expect, test } from "vitest";
import { addDraft, publish, writeSql } from "../support/worker/menu-fixture.ts";
import { NOON_MS } from "../support/worker/stock-fixture.ts";
import { line, newId, newTillShop } from "../support/worker/till-fixture.ts";

const card = (amount: number) => ({ payment_id: newId(), method: "card", amount });

test("an order is recorded, closed with its payment and out of stock, once a key", async () => {
  const { shelf } = await newTillShop();
  await shelf.move(["A", "count", 10, NOON_MS]);
  await writeSql(shelf.tenant, ["UPDATE catalog_state SET revision = revision + 1"]);
  const draft = await addDraft(shelf.tenant, [{ name: "All", items: [{ item_code: "A", price: 700 }] }]);
  await publish(shelf.tenant, { draft_ids: [draft], store_ids: [shelf.store_id] });
  const body = { store_id: shelf.store_id, order_id: newId(), currency: "USD", lines: [line("A", 3, 650), line("B", 1, 100)] };
  const made = await shelf.post("/api/v1/pos/orders", body, "one");
  expect([made.status, made.json.total, made.json.balance, made.json.terminal_id]).toEqual([201, 2050, 2050, null]);
  expect(made.json.lines.map(({ server_price }: { server_price: number | null }) => server_price)).toEqual([700, null]);
  expect((await shelf.post("/api/v1/pos/orders", body, "one")).text).toBe(made.text);
  const closed = await shelf.post(`/api/v1/pos/orders/${body.order_id}/close`, { payments: [card(2050)] }, "two");
  expect([closed.status, closed.json.status, closed.json.balance, closed.json.version]).toEqual([200, "closed", 0, 3]);
  expect((await shelf.post(`/api/v1/pos/orders/${body.order_id}/close`, { payments: [card(1)] })).json).toMatchObject({
    code: "ORDER_NOT_TAKEN",
    reason: "ORDER_NOT_OPEN",
  });
  expect(await shelf.figures("A")).toEqual([7, 0, 7]);
  const list = await shelf.tenant.call("GET", "/api/v1/pos/orders?status=closed", {
    headers: { "consistency-token": closed.headers.get("consistency-token") ?? "" },
  });
  expect(list.json.data.map(({ id }: { id: string }) => id)).toEqual([body.order_id]);
});

test("a terminal sells at its own store only, and is shown its own orders", async () => {
  const { shelf, till } = await newTillShop();
  const second = (await shelf.post("/api/v1/stores", { name: "Second", timezone: "UTC", currency: "USD" })).json;
  const order = { order_id: newId(), currency: "USD", lines: [line("A")] };
  const elsewhere = await till.call("POST", "/api/v1/pos/orders", { ...order, store_id: second.id }, { "idempotency-key": "a" });
  expect([elsewhere.status, elsewhere.json.code]).toEqual([422, "VALIDATION_FAILED"]);
  const made = await till.call("POST", "/api/v1/pos/orders", order, { "idempotency-key": "b" });
  expect([made.status, made.json.terminal_id, made.json.store_id]).toEqual([201, till.terminal_id, shelf.store_id]);
  const foreign = { ...order, order_id: newId(), store_id: second.id };
  expect((await shelf.post("/api/v1/pos/orders", foreign)).status).toBe(201);
  expect((await till.call("GET", `/api/v1/pos/orders/${order.order_id}`)).status).toBe(200);
  expect((await till.call("GET", `/api/v1/pos/orders/${foreign.order_id}`)).status).toBe(404);
  const cancel = await till.call("POST", `/api/v1/pos/orders/${foreign.order_id}/cancel`, {}, { "idempotency-key": "c" });
  expect([cancel.status, cancel.json.code]).toEqual([404, "NOT_FOUND"]);
  const list = (await till.call("GET", "/api/v1/pos/orders")).json;
  expect(list.data.map(({ id }: { id: string }) => id)).toEqual([order.order_id]);
  const nowhere = await shelf.post("/api/v1/pos/orders", order);
  expect([nowhere.status, nowhere.json.errors[0].path]).toEqual([422, "body.store_id"]);
  const unknown = await shelf.post("/api/v1/pos/orders", { ...order, order_id: newId(), store_id: second.id, lines: [line("Z")] });
  expect(unknown.json.code).toBe("VARIANT_UNKNOWN");
});
