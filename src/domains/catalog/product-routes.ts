import { z } from "zod";
import { type Access, type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id } from "../../platform/http/fields.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { listProducts } from "./catalog-lists.ts";
import { readProduct } from "./catalog-reader.ts";
import { createProduct } from "./create-product.ts";
import { createVariant } from "./create-variant.ts";
import { ProductQuery } from "./item-queries.ts";
import { CreateProduct, CreateVariant, UpdateProduct } from "./product-edit-schemas.ts";
import { Product, ProductPage, Variant } from "./schemas.ts";
import { updateProduct } from "./update-product.ts";

const tag = "Catalogue";
const READERS: Access = ["catalog", "menu", "inventory", "pos", "read"];
const ProductParams = z.strictObject({ product_id: Id });

const list = endpoint(
  {
    method: "get",
    path: "/api/v1/products",
    tag,
    summary: "Products with their variants, oldest first",
    description: "`item_code` finds the product of that variant.",
    access: READERS,
    idempotency: "none",
    query: ProductQuery,
    answers: { 200: { description: "A page of products", schema: ProductPage } },
  },
  async (scope, { query }) => ok(await listProducts(scope.db, query)),
);

const product = endpoint(
  {
    method: "get",
    path: "/api/v1/products/{product_id}",
    tag,
    summary: "One product",
    access: READERS,
    idempotency: "none",
    params: ProductParams,
    answers: { 200: { description: "The product", schema: Product } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => ok(await readProduct(scope.db, params.product_id)),
);

const create = endpoint(
  {
    method: "post",
    path: "/api/v1/products",
    tag,
    summary: "Make a product that no provider has",
    description: "A variant is what is sold: a product without choices has one. `item_code` is unique over all of the tenant's sources.",
    access: ["catalog"],
    idempotency: "required",
    body: CreateProduct,
    answers: { 201: { description: "The product", schema: Product } },
    errors: ["ITEM_CODE_TAKEN", "CATEGORY_UNKNOWN"],
  },
  async (scope, { body }) => replyOf(await createProduct(scope, body)),
);

const edit = endpoint(
  {
    method: "patch",
    path: "/api/v1/products/{product_id}",
    tag,
    summary: "Rename, describe, hide or show a product",
    description:
      "What you set is yours from then on, field by field (`fields`): a re-sync leaves it alone and names it in its report. `follow_provider` gives " +
      "fields back. Storefronts show the change with the next publish.",
    access: ["catalog"],
    idempotency: "accepted",
    params: ProductParams,
    body: UpdateProduct,
    answers: { 200: { description: "The product", schema: Product } },
    errors: ["NOT_FOUND", "CATEGORY_UNKNOWN"],
  },
  async (scope, { params, body }) =>
    replyOf(await updateProduct(scope, params.product_id, body).catch((failure) => refuse(scope, scope.db, failure))),
);

const addVariant = endpoint(
  {
    method: "post",
    path: "/api/v1/products/{product_id}/variants",
    tag,
    summary: "Make one more variant of a product",
    description: "Also of a provider's product: the variant is yours.",
    access: ["catalog"],
    idempotency: "required",
    params: ProductParams,
    body: CreateVariant,
    answers: { 201: { description: "The variant", schema: Variant } },
    errors: ["NOT_FOUND", "ITEM_CODE_TAKEN"],
  },
  async (scope, { params, body }) =>
    replyOf(await createVariant(scope, params.product_id, body).catch((failure) => refuse(scope, scope.db, failure))),
);

export const productRoutes: Endpoint[] = [list, product, create, edit, addVariant];
