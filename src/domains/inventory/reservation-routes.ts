import { z } from "zod";
import { type Access, type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { commitReservation } from "./commit-reservation.ts";
import { readReservation } from "./reader.ts";
import { releaseReservation } from "./release-reservation.ts";
import { CommitReservation, CreateReservation, OrderId, ReleaseReservation, Reservation } from "./reservation-schemas.ts";
import { reserve } from "./reserve.ts";

const tag = "Inventory";
const SELLERS: Access = ["inventory", "pos"];
const OrderParams = z.strictObject({ order_id: OrderId });

const create = endpoint(
  {
    method: "post",
    path: "/api/v1/inventory/reservations",
    tag,
    summary: "Promise stock to an order, all lines or none",
    description:
      "Lines of the same variant count together. A bundle reserves its components, a chosen option that is a variant reserves that too; what is not tracked at the location is reserved without stock. The same again changes nothing.",
    access: SELLERS,
    idempotency: "required",
    body: CreateReservation,
    answers: { 201: { description: "All that the order has reserved", schema: Reservation } },
    errors: ["LOCATION_UNKNOWN", "VARIANT_UNKNOWN", "MODIFIER_UNKNOWN", "RESERVATION_DIFFERS", "STOCK_INSUFFICIENT"],
  },
  async (scope, { body }) => replyOf(await reserve(scope, body)),
);

const read = endpoint(
  {
    method: "get",
    path: "/api/v1/inventory/reservations/{order_id}",
    tag,
    summary: "What an order has reserved",
    access: ["inventory", "pos", "read"],
    idempotency: "none",
    params: OrderParams,
    answers: { 200: { description: "Its reservations", schema: Reservation } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => ok(await readReservation(scope.db, params.order_id, scope.clock.now())),
);

const commit = endpoint(
  {
    method: "post",
    path: "/api/v1/inventory/reservations/{order_id}/commit",
    tag,
    summary: "Take what an order has reserved out of stock",
    description: "With `lines` what was picked, where it was less: the rest is free again. The same again changes nothing.",
    access: SELLERS,
    idempotency: "required",
    params: OrderParams,
    body: CommitReservation,
    answers: { 200: { description: "Its reservations", schema: Reservation } },
    errors: ["NOT_FOUND", "VARIANT_UNKNOWN", "MODIFIER_UNKNOWN", "RESERVATION_DIFFERS", "RESERVATION_NOT_ACTIVE"],
  },
  async (scope, { params, body }) => replyOf(await commitReservation(scope, params.order_id, body)),
);

const release = endpoint(
  {
    method: "post",
    path: "/api/v1/inventory/reservations/{order_id}/release",
    tag,
    summary: "Give back what an order still holds",
    description: "The same again changes nothing.",
    access: SELLERS,
    idempotency: "required",
    params: OrderParams,
    body: ReleaseReservation,
    answers: { 200: { description: "Its reservations", schema: Reservation } },
    errors: ["NOT_FOUND", "RESERVATION_NOT_ACTIVE"],
  },
  async (scope, { params, body }) => replyOf(await releaseReservation(scope, params.order_id, body)),
);

export const reservationRoutes: Endpoint[] = [create, read, commit, release];
