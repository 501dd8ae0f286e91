import { z } from "zod";
import { type Access, type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id } from "../../platform/http/fields.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { listVariants } from "./catalog-lists.ts";
import { readVariant } from "./catalog-reader.ts";
import { VariantQuery } from "./item-queries.ts";
import { SetBundle, UpdateVariant } from "./product-edit-schemas.ts";
import { Variant, VariantPage } from "./schemas.ts";
import { updateVariant } from "./update-variant.ts";

const tag = "Catalogue";
const READERS: Access = ["catalog", "menu", "inventory", "pos", "read"];
const VariantParams = z.strictObject({ variant_id: Id });

const list = endpoint(
  {
    method: "get",
    path: "/api/v1/variants",
    tag,
    summary: "Variants, oldest first",
    description: "`item_code` finds one.",
    access: READERS,
    idempotency: "none",
    query: VariantQuery,
    answers: { 200: { description: "A page of variants", schema: VariantPage } },
  },
  async (scope, { query }) => ok(await listVariants(scope.db, query)),
);

const variant = endpoint(
  {
    method: "get",
    path: "/api/v1/variants/{variant_id}",
    tag,
    summary: "One variant",
    access: READERS,
    idempotency: "none",
    params: VariantParams,
    answers: { 200: { description: "The variant", schema: Variant } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => ok(await readVariant(scope.db, params.variant_id)),
);

const edit = endpoint(
  {
    method: "patch",
    path: "/api/v1/variants/{variant_id}",
    tag,
    summary: "Name, hide or show a variant",
    description: "Storefronts show the change with the next publish.",
    access: ["catalog"],
    idempotency: "accepted",
    params: VariantParams,
    body: UpdateVariant,
    answers: { 200: { description: "The variant", schema: Variant } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params, body }) =>
    replyOf(await updateVariant(scope, params.variant_id, body).catch((failure) => refuse(scope, scope.db, failure))),
);

const Bundle = Variant.pick({ item_code: true, bundle: true, fields: true }).meta({ id: "Bundle" });

const bundle = endpoint(
  {
    method: "get",
    path: "/api/v1/variants/{variant_id}/bundle",
    tag,
    summary: "What a variant is made of",
    access: READERS,
    idempotency: "none",
    params: VariantParams,
    answers: { 200: { description: "Its components; none where it is no bundle", schema: Bundle } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => ok(Bundle.parse(await readVariant(scope.db, params.variant_id))),
);

const setBundle = endpoint(
  {
    method: "put",
    path: "/api/v1/variants/{variant_id}/bundle",
    tag,
    summary: "Say what a variant is made of",
    description: "Orders of it take its components out of stock. A component is named by code and may come later than its bundle.",
    access: ["catalog"],
    idempotency: "accepted",
    params: VariantParams,
    body: SetBundle,
    answers: { 200: { description: "The variant", schema: Variant } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params, body }) =>
    replyOf(await updateVariant(scope, params.variant_id, body).catch((failure) => refuse(scope, scope.db, failure))),
);

export const variantRoutes: Endpoint[] = [list, variant, edit, bundle, setBundle];
