import type { DatabaseHandle, ReadOptions } from "../../platform/db/database.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import { type Condition, containsSql, listPage } from "./catalog-lists.ts";
import { readOne } from "./catalog-reader.ts";
import type { Category, CategoryQuery } from "./category-schemas.ts";

const CATEGORY_JSON = `json_object('id', c.category_id, 'name', c.name, 'parent_id', c.parent_id, 'position', c.position,
  'source_system_id', c.source_system_id,
  'product_count', (SELECT count(*) FROM product_categories AS pc WHERE pc.category_id = c.category_id),
  'fields', json_object(
    'name', json_object('owner', CASE WHEN c.name = c.original_name THEN 'provider' ELSE 'ours' END, 'offered', nullif(c.original_name, '')),
    'place', json_object('owner', c.place_owner)),
  'created_at', ${timestampSql("c.created_at_ms")}, 'updated_at', ${timestampSql("c.updated_at_ms")})`;

/** A SELECT of one JSON text: the category as the API gives it. */
export const categoryAnswer = (categoryId: string): Statement =>
  statement(`SELECT ${CATEGORY_JSON} AS row FROM categories AS c WHERE c.category_id = ?`, categoryId);

/** The category; throws NOT_FOUND. */
export const readCategory = (db: DatabaseHandle, categoryId: string, options: ReadOptions = {}): Promise<Category> =>
  readOne(db, categoryAnswer(categoryId), "category", options);

/** A page of categories in their order. */
export function listCategories(db: DatabaseHandle, query: CategoryQuery) {
  const where: Condition[] = [];
  if (query.q !== undefined) where.push(containsSql("c.name", query.q));
  if (query.parent_id !== undefined) where.push(["c.parent_id = ?", query.parent_id]);
  if (query.source_system_id !== undefined) where.push(["c.source_system_id = ?", query.source_system_id]);
  return listPage<Category>(db, { json: CATEGORY_JSON, from: "categories AS c", sort: ["c.position", "c.category_id"], where }, query);
}
