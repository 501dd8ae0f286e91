import { z } from "zod";
import { type Access, type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id, PageQuery } from "../../platform/http/fields.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { restoreVersion } from "./restore-version.ts";
import { Product } from "./schemas.ts";
import { listVersions } from "./version-reader.ts";
import { VersionPage } from "./version-schemas.ts";

const tag = "Catalogue";
const READERS: Access = ["catalog", "menu", "inventory", "pos", "read"];
const description = "What each version changed against the one before it, by whom and when.";

const ofVariant = endpoint(
  {
    method: "get",
    path: "/api/v1/variants/{variant_id}/versions",
    tag,
    summary: "A variant's versions, newest first",
    description,
    access: READERS,
    idempotency: "none",
    params: z.strictObject({ variant_id: Id }),
    query: PageQuery,
    answers: { 200: { description: "A page of versions", schema: VersionPage } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params, query }) => ok(await listVersions(scope.db, params, query)),
);

const ofProduct = endpoint(
  {
    method: "get",
    path: "/api/v1/products/{product_id}/versions",
    tag,
    summary: "The versions of all of a product's variants, newest first",
    description,
    access: READERS,
    idempotency: "none",
    params: z.strictObject({ product_id: Id }),
    query: PageQuery,
    answers: { 200: { description: "A page of versions", schema: VersionPage } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params, query }) => ok(await listVersions(scope.db, params, query)),
);

const restore = endpoint(
  {
    method: "post",
    path: "/api/v1/variants/{variant_id}/versions/{version_no}/restore",
    tag,
    summary: "Put an item back as it was",
    description:
      "Name, description, tags, allergens, tax rate, barcode, components and hiding as they were at that version, as your own from now on and as a new " +
      "version; the product's for all of its variants. Where it is so already, nothing is written.",
    access: ["catalog"],
    idempotency: "required",
    params: z.strictObject({ variant_id: Id, version_no: z.coerce.number().int().min(1).meta({ example: 1 }) }),
    answers: { 200: { description: "The product", schema: Product } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) =>
    replyOf(await restoreVersion(scope, params.variant_id, params.version_no).catch((failure) => refuse(scope, scope.db, failure))),
);

export const versionRoutes: Endpoint[] = [ofVariant, ofProduct, restore];
