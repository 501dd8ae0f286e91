import { z } from "zod";
import { type Access, type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id } from "../../platform/http/fields.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { listCategories, readCategory } from "./category-reader.ts";
import { Category, CategoryPage, CategoryQuery, CreateCategory, UpdateCategory } from "./category-schemas.ts";
import { createCategory, updateCategory } from "./edit-category.ts";

const tag = "Catalogue";
const READERS: Access = ["catalog", "menu", "inventory", "pos", "read"];
const CategoryParams = z.strictObject({ category_id: Id });

const list = endpoint(
  {
    method: "get",
    path: "/api/v1/categories",
    tag,
    summary: "Categories in their order: the providers' and your own",
    access: READERS,
    idempotency: "none",
    query: CategoryQuery,
    answers: { 200: { description: "A page of categories", schema: CategoryPage } },
  },
  async (scope, { query }) => ok(await listCategories(scope.db, query)),
);

const category = endpoint(
  {
    method: "get",
    path: "/api/v1/categories/{category_id}",
    tag,
    summary: "One category",
    access: READERS,
    idempotency: "none",
    params: CategoryParams,
    answers: { 200: { description: "The category", schema: Category } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => ok(await readCategory(scope.db, params.category_id)),
);

const create = endpoint(
  {
    method: "post",
    path: "/api/v1/categories",
    tag,
    summary: "Make a category",
    access: ["catalog"],
    idempotency: "required",
    body: CreateCategory,
    answers: { 201: { description: "The category", schema: Category } },
    errors: ["CATEGORY_UNKNOWN"],
  },
  async (scope, { body }) => replyOf(await createCategory(scope, body)),
);

const edit = endpoint(
  {
    method: "patch",
    path: "/api/v1/categories/{category_id}",
    tag,
    summary: "Rename or move a category",
    description: "A provider's category that you rename or move stays so; `follow_provider` gives it back, from its next change on.",
    access: ["catalog"],
    idempotency: "accepted",
    params: CategoryParams,
    body: UpdateCategory,
    answers: { 200: { description: "The category", schema: Category } },
    errors: ["NOT_FOUND", "CATEGORY_UNKNOWN"],
  },
  async (scope, { params, body }) =>
    replyOf(await updateCategory(scope, params.category_id, body).catch((failure) => refuse(scope, scope.db, failure))),
);

export const categoryRoutes: Endpoint[] = [list, category, create, edit];
