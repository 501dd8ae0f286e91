import { z } from "zod";
import { type Access, type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id } from "../../platform/http/fields.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { createModifierGroup, updateModifierGroup } from "./edit-modifier-group.ts";
import { listGroups, readGroup } from "./modifier-reader.ts";
import {
  CreateModifierGroup,
  ModifierGroup,
  ModifierGroupPage,
  ModifierGroupQuery,
  SetProductGroups,
  UpdateModifierGroup,
} from "./modifier-schemas.ts";
import { Product } from "./schemas.ts";
import { setProductGroups } from "./update-product.ts";

const tag = "Catalogue";
const READERS: Access = ["catalog", "menu", "inventory", "pos", "read"];
const GroupParams = z.strictObject({ modifier_group_id: Id });

const list = endpoint(
  {
    method: "get",
    path: "/api/v1/modifier-groups",
    tag,
    summary: "Modifier groups with their options, oldest first",
    access: READERS,
    idempotency: "none",
    query: ModifierGroupQuery,
    answers: { 200: { description: "A page of groups", schema: ModifierGroupPage } },
  },
  async (scope, { query }) => ok(await listGroups(scope.db, query)),
);

const group = endpoint(
  {
    method: "get",
    path: "/api/v1/modifier-groups/{modifier_group_id}",
    tag,
    summary: "One modifier group",
    access: READERS,
    idempotency: "none",
    params: GroupParams,
    answers: { 200: { description: "The group", schema: ModifierGroup } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => ok(await readGroup(scope.db, params.modifier_group_id)),
);

const create = endpoint(
  {
    method: "post",
    path: "/api/v1/modifier-groups",
    tag,
    summary: "Make a modifier group with its options",
    access: ["catalog"],
    idempotency: "required",
    body: CreateModifierGroup,
    answers: { 201: { description: "The group", schema: ModifierGroup } },
  },
  async (scope, { body }) => replyOf(await createModifierGroup(scope, body)),
);

const edit = endpoint(
  {
    method: "patch",
    path: "/api/v1/modifier-groups/{modifier_group_id}",
    tag,
    summary: "Change a modifier group, its options or their prices, or add options",
    description:
      "Of all products that have it. What you set stays over re-syncs; an option's price is yours from the beginning. Whether items can be ordered " +
      "follows at once, storefronts show it with the next publish.",
    access: ["catalog"],
    idempotency: "accepted",
    params: GroupParams,
    body: UpdateModifierGroup,
    answers: { 200: { description: "The group", schema: ModifierGroup } },
    errors: ["NOT_FOUND", "MODIFIER_UNKNOWN"],
  },
  async (scope, { params, body }) =>
    replyOf(await updateModifierGroup(scope, params.modifier_group_id, body).catch((failure) => refuse(scope, scope.db, failure))),
);

const attach = endpoint(
  {
    method: "put",
    path: "/api/v1/products/{product_id}/modifier-groups",
    tag,
    summary: "Say which modifier groups a product has",
    description: "In order; those not named are taken off it. Yours from then on, until `follow_provider`.",
    access: ["catalog"],
    idempotency: "accepted",
    params: z.strictObject({ product_id: Id }),
    body: SetProductGroups,
    answers: { 200: { description: "The product", schema: Product } },
    errors: ["NOT_FOUND", "MODIFIER_GROUP_UNKNOWN"],
  },
  async (scope, { params, body }) =>
    replyOf(await setProductGroups(scope, params.product_id, body.groups).catch((failure) => refuse(scope, scope.db, failure))),
);

export const modifierRoutes: Endpoint[] = [list, group, create, edit, attach];
