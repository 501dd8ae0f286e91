import { z } from "zod";
import { type Access, type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id, PageQuery, pageOf, Timestamp } from "../../platform/http/fields.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { CancelOrder, CloseOrder, CreateOrder, TillId } from "./operation-schemas.ts";
import { listOrders, readOrder } from "./order-reader.ts";
import { recordOrder } from "./record-order.ts";

const tag = "Orders";
const SELLERS: Access = ["pos", "terminal"];
const READERS: Access = ["pos", "terminal", "reports", "read"];
const OrderParams = z.strictObject({ order_id: TillId });
const at = "2026-11-20T09:30:00.000Z";
const id = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11";

const money = z.int().meta({ description: "Minor units" });

const Order = z
  .object({
    id: z.string(),
    version: z.int(),
    store_id: Id,
    terminal_id: Id.nullable(),
    status: z.enum(["open", "closed", "cancelled"]),
    number: z.string().nullable(),
    currency: z.string(),
    tax_included: z.boolean(),
    customer_id: z.string().nullable(),
    shift_id: z.string().nullable(),
    note: z.string().nullable(),
    subtotal: money,
    discount: money,
    tax: money,
    total: money,
    till_total: money.nullable().meta({ description: "What the till made of it, where that differs" }),
    paid: money,
    balance: money.meta({ description: "What is still due" }),
    lines: z.array(
      z.object({
        line_id: z.string(),
        variant_id: Id,
        item_code: z.string(),
        name: z.string().nullable(),
        quantity: z.number(),
        unit_price: money.meta({ description: "As it was charged" }),
        server_price: money.nullable().meta({ description: "In effect here at that moment; null: none" }),
        modifiers: z.array(z.object({ option_id: z.string().nullable(), name: z.string().nullable(), price: money, quantity: z.number() })),
        discount: money,
        tax_rate: z.number(),
        tax: money,
        total: money,
        note: z.string().nullable(),
      }),
    ),
    payments: z.array(
      z.object({
        payment_id: z.string(),
        method: z.enum(["cash", "card", "other"]),
        amount: money,
        tendered: money.nullable(),
        reference: z.string().nullable(),
        shift_id: z.string().nullable(),
        is_correction: z.boolean(),
        occurred_at: Timestamp,
        recorded_at: Timestamp,
      }),
    ),
    occurred_at: Timestamp.meta({ description: "As the till said" }),
    recorded_at: Timestamp,
    closed_at: Timestamp.nullable(),
    cancelled_at: Timestamp.nullable(),
    cancel_reason: z.string().nullable(),
  })
  .meta({
    id: "Order",
    example: {
      id: "01JD2N8M6Q3V8B7K1F0R5T9XYZ",
      version: 1,
      store_id: id,
      terminal_id: null,
      status: "open",
      number: "7",
      currency: "SGD",
      tax_included: true,
      customer_id: null,
      shift_id: null,
      note: null,
      subtotal: 1300,
      discount: 0,
      tax: 107,
      total: 1300,
      till_total: null,
      paid: 0,
      balance: 1300,
      lines: [],
      payments: [],
      occurred_at: at,
      recorded_at: at,
      closed_at: null,
      cancelled_at: null,
      cancel_reason: null,
    },
  });

const errors = ["VARIANT_UNKNOWN", "STORE_UNKNOWN", "ORDER_NOT_TAKEN", "CONFLICT"] as const;

const create = endpoint(
  {
    method: "post",
    path: "/api/v1/pos/orders",
    tag,
    summary: "Record an order, open or closed at once",
    description: "As a till's `order.create`: what was charged is kept, with our price beside it. A terminal's order is its store's.",
    access: SELLERS,
    idempotency: "required",
    body: CreateOrder.extend({ store_id: Id.optional().meta({ description: "Unless a terminal asks" }) }).meta({
      id: "CreateOrder",
      example: {
        store_id: id,
        order_id: "01JD2N8M6Q3V8B7K1F0R5T9XYZ",
        currency: "SGD",
        lines: [{ line_id: "1", item_code: "LATTE-M", quantity: 2, unit_price: 650, tax_rate: 0.09 }],
      },
    }),
    answers: { 201: { description: "The order", schema: Order } },
    errors: [...errors, "NOT_FOUND"],
  },
  async (scope, { body: { store_id, ...payload } }) =>
    replyOf(
      await recordOrder(scope, { type: "order.create", payload }, store_id ?? null).catch((failure) => refuse(scope, scope.db, failure)),
    ),
);

const close = endpoint(
  {
    method: "post",
    path: "/api/v1/pos/orders/{order_id}/close",
    tag,
    summary: "Close an order: its goods leave the stock",
    access: SELLERS,
    idempotency: "required",
    params: OrderParams,
    body: CloseOrder.omit({ order_id: true }).meta({
      id: "CloseOrder",
      example: { payments: [{ payment_id: "1", method: "cash", amount: 1300 }] },
    }),
    answers: { 200: { description: "The order", schema: Order } },
    errors: [...errors, "NOT_FOUND"],
  },
  async (scope, { params, body }) =>
    replyOf(
      await recordOrder(scope, { type: "order.close", payload: { ...params, ...body } }, null).catch((failure) =>
        refuse(scope, scope.db, failure),
      ),
    ),
);

const cancel = endpoint(
  {
    method: "post",
    path: "/api/v1/pos/orders/{order_id}/cancel",
    tag,
    summary: "Cancel an open order",
    access: SELLERS,
    idempotency: "required",
    params: OrderParams,
    body: CancelOrder.omit({ order_id: true }).meta({ id: "CancelOrder", example: { reason: "Left without waiting" } }),
    answers: { 200: { description: "The order", schema: Order } },
    errors: [...errors, "NOT_FOUND"],
  },
  async (scope, { params, body }) =>
    replyOf(
      await recordOrder(scope, { type: "order.cancel", payload: { ...params, ...body } }, null).catch((failure) =>
        refuse(scope, scope.db, failure),
      ),
    ),
);

const list = endpoint(
  {
    method: "get",
    path: "/api/v1/pos/orders",
    tag,
    summary: "Orders, in the order in which they were recorded",
    description: "A terminal is shown its own store's.",
    access: READERS,
    idempotency: "none",
    query: PageQuery.extend({ store_id: Id.optional(), status: z.enum(["open", "closed", "cancelled"]).optional() }),
    answers: { 200: { description: "A page of orders", schema: pageOf(Order).meta({ id: "OrderPage" }) } },
  },
  async (scope, { query }) => {
    const store_id = scope.principal?.terminal?.store_id ?? query.store_id;
    return ok(await listOrders(scope.db, { ...query, store_id }));
  },
);

const read = endpoint(
  {
    method: "get",
    path: "/api/v1/pos/orders/{order_id}",
    tag,
    summary: "One order",
    access: READERS,
    idempotency: "none",
    params: OrderParams,
    answers: { 200: { description: "The order", schema: Order } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => ok(await readOrder(scope.db, params.order_id, scope.principal?.terminal)),
);

export const orderRoutes: Endpoint[] = [create, list, read, close, cancel];
