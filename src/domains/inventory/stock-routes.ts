import { z } from "zod";
import { type Access, type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id, ItemCode, PageQuery } from "../../platform/http/fields.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { listPositions } from "./reader.ts";
import { rebuildPositions } from "./rebuild-positions.ts";
import { reconcile } from "./reconcile.ts";
import { CreateReconciliation, Reconciliation } from "./reconciliation-schemas.ts";
import { recordMovements } from "./record-movements.ts";
import {
  CreateRebuild,
  CreateTransfer,
  Position,
  PositionPage,
  Rebuild,
  RecordedMovements,
  RecordMovements,
  Transfer,
  UpdatePosition,
} from "./schemas.ts";
import { transferStock } from "./transfer-stock.ts";
import { updatePosition } from "./update-position.ts";

const tag = "Inventory";
const KEEPERS: Access = ["inventory"];
const READERS: Access = ["inventory", "pos", "reports", "read"];

const movements = endpoint(
  {
    method: "post",
    path: "/api/v1/inventory/movements",
    tag,
    summary: "Record what happened to stock, all or none",
    description:
      "In any order: a position is its newest count plus what came after it, by `occurred_at`. A sale that drives stock below zero happened, and is recorded. The first movement of a variant at a location begins its position there.",
    access: ["inventory", "pos"],
    idempotency: "required",
    body: RecordMovements,
    answers: { 201: { description: "The movements and what their places come to", schema: RecordedMovements } },
    errors: ["LOCATION_UNKNOWN", "VARIANT_UNKNOWN", "STOCK_CHANGED"],
  },
  async (scope, { body }) => replyOf(await recordMovements(scope, body.movements)),
);

const transfers = endpoint(
  {
    method: "post",
    path: "/api/v1/inventory/transfers",
    tag,
    summary: "Move stock to another location: both sides or nothing",
    access: KEEPERS,
    idempotency: "required",
    body: CreateTransfer,
    answers: { 201: { description: "The transfer", schema: Transfer } },
    errors: ["LOCATION_UNKNOWN", "VARIANT_UNKNOWN", "STOCK_INSUFFICIENT"],
  },
  async (scope, { body }) => replyOf(await transferStock(scope, body)),
);

const positions = endpoint(
  {
    method: "get",
    path: "/api/v1/inventory/positions",
    tag,
    summary: "What is on hand, reserved and available at a location",
    description: "A variant without a position is not tracked there. What has expired is not reserved any more.",
    access: READERS,
    idempotency: "none",
    query: PageQuery.extend({ location_id: Id, item_code: ItemCode.optional(), variant_id: Id.optional() }),
    answers: { 200: { description: "A page of positions", schema: PositionPage } },
  },
  async (scope, { query }) => ok(await listPositions(scope.db, query, scope.clock.now())),
);

const position = endpoint(
  {
    method: "patch",
    path: "/api/v1/inventory/positions/{location_id}/{variant_id}",
    tag,
    summary: "Say how a variant's stock at a location is kept",
    access: KEEPERS,
    idempotency: "accepted",
    params: z.strictObject({ location_id: Id, variant_id: Id }),
    body: UpdatePosition,
    answers: { 200: { description: "The position", schema: Position } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params, body }) => replyOf(await updatePosition(scope, params.location_id, params.variant_id, body)),
);

const reconciliations = endpoint(
  {
    method: "post",
    path: "/api/v1/inventory/reconciliations",
    tag,
    summary: "Count against ledger, for a location and a period",
    access: ["inventory", "reports"],
    idempotency: "required",
    body: CreateReconciliation,
    answers: { 201: { description: "Per variant what should be there and what was counted", schema: Reconciliation } },
    errors: ["LOCATION_UNKNOWN", "VARIANT_UNKNOWN"],
  },
  async (scope, { body }) => replyOf(await reconcile(scope, body)),
);

const rebuilds = endpoint(
  {
    method: "post",
    path: "/api/v1/inventory/rebuilds",
    tag,
    summary: "Hold positions against the ledger and set right what differs",
    description: "With `?dry_run=true` it reports and changes nothing. At most 5,000 differences a call.",
    access: KEEPERS,
    idempotency: "required",
    query: z.strictObject({ dry_run: z.enum(["true", "false"]).default("false") }),
    body: CreateRebuild,
    answers: { 200: { description: "What differs", schema: Rebuild }, 201: { description: "What differed", schema: Rebuild } },
    errors: ["LOCATION_UNKNOWN"],
  },
  async (scope, { body, query }) => replyOf(await rebuildPositions(scope, { ...body, dry_run: query.dry_run === "true" })),
);

export const stockRoutes: Endpoint[] = [movements, transfers, positions, position, reconciliations, rebuilds];
