import { z } from "zod";
import { type Access, type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id, ItemCode, PageQuery } from "../../platform/http/fields.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { listCategories, listProducts, listVariants, readProduct, readVariant } from "./catalog-reader.ts";
import { imageRoutes } from "./images/image-routes.ts";
import { CategoryPage, Product, ProductPage, UpdateProduct, UpdateVariant, Variant, VariantPage } from "./schemas.ts";
import { sourceRoutes } from "./source-routes.ts";
import { updateProduct } from "./update-product.ts";
import { updateVariant } from "./update-variant.ts";

const tag = "Catalogue";
const READERS: Access = ["catalog", "menu", "inventory", "pos", "read"];

const ProductParams = z.strictObject({ product_id: Id });
const VariantParams = z.strictObject({ variant_id: Id });
const ItemQuery = PageQuery.extend({ item_code: ItemCode.optional() });

const products = endpoint(
  {
    method: "get",
    path: "/api/v1/products",
    tag,
    summary: "Products with their variants, oldest first",
    description: "`item_code` finds the product of that variant.",
    access: READERS,
    idempotency: "none",
    query: ItemQuery,
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

const editProduct = endpoint(
  {
    method: "patch",
    path: "/api/v1/products/{product_id}",
    tag,
    summary: "Rename, describe, hide or show a product",
    description: "A name or description of your own stays over re-syncs. Storefronts show the change with the next publish.",
    access: ["catalog"],
    idempotency: "accepted",
    params: ProductParams,
    body: UpdateProduct,
    answers: { 200: { description: "The product", schema: Product } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params, body }) =>
    replyOf(await updateProduct(scope, params.product_id, body).catch((failure) => refuse(scope, scope.db, failure))),
);

const variants = endpoint(
  {
    method: "get",
    path: "/api/v1/variants",
    tag,
    summary: "Variants, oldest first",
    description: "`item_code` finds one.",
    access: READERS,
    idempotency: "none",
    query: ItemQuery,
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

const editVariant = endpoint(
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

const categories = endpoint(
  {
    method: "get",
    path: "/api/v1/categories",
    tag,
    summary: "The providers' categories",
    access: READERS,
    idempotency: "none",
    query: PageQuery,
    answers: { 200: { description: "A page of categories", schema: CategoryPage } },
  },
  async (scope, { query }) => ok(await listCategories(scope.db, query)),
);

export const catalogRoutes: Endpoint[] = [
  ...sourceRoutes,
  ...imageRoutes,
  products,
  product,
  editProduct,
  variants,
  variant,
  editVariant,
  categories,
];
