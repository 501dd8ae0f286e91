import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import type { DatabaseHandle } from "../../platform/db/database.ts";
import { type SqlValue, statement } from "../../platform/db/statement.ts";
import { PRODUCT_JSON, VARIANT_JSON } from "./catalog-reader.ts";
import type { ProductQuery, VariantQuery } from "./item-queries.ts";
import type { Product, Variant } from "./schemas.ts";
import { VARIANT_DISPLAY_NAME_SQL, VARIANT_VISIBLE_SQL } from "./variant-name.ts";

export interface Page {
  limit: number;
  cursor?: string | undefined;
}

export type Condition = [sql: string, ...args: SqlValue[]];

interface Listing {
  json: string;
  from: string;
  /** A number and then the id: what the list is sorted by. */
  sort: [string, string];
  where?: Condition[];
}

/** A page of a list, in one statement. Throws BAD_REQUEST for another list's cursor. */
export async function listPage<T>(
  db: DatabaseHandle,
  { json, from, sort, where = [] }: Listing,
  page: Page,
): Promise<{ data: T[]; next_cursor: string | null }> {
  const [first, second] = page.cursor === undefined ? [-1, ""] : decodeCursor(page.cursor, 2);
  const conditions: Condition[] = [[`(${sort.join(", ")}) > (?, ?)`, first ?? -1, second ?? ""], ...where];
  const [rows = []] = await db.read([
    statement(
      `SELECT ${json} AS row, ${sort[0]} AS first, ${sort[1]} AS second FROM ${from}
       WHERE ${conditions.map(([sql]) => sql).join(" AND ")} ORDER BY ${sort.join(", ")} LIMIT ?`,
      ...conditions.flatMap(([, ...args]) => args),
      page.limit + 1,
    ),
  ]);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: shown.map((row) => JSON.parse(String(row["row"])) as T),
    next_cursor: rows.length > page.limit && last ? encodeCursor([Number(last["first"]), String(last["second"])]) : null,
  };
}

/** Any text is one to look for: `%` and `_` are themselves. */
export const containsSql = (expression: string, text: string): Condition => [
  `${expression} LIKE ? ESCAPE '!'`,
  `%${text.replaceAll(/[!%_]/g, "!$&")}%`,
];

const ofSource = (id: string, sourceSystemId: string): Condition => [
  `EXISTS (SELECT 1 FROM source_entities AS f WHERE f.canonical_id = ${id} AND f.source_system_id = ?)`,
  sourceSystemId,
];

/** A page of products, oldest first; `item_code` finds the product of that variant. */
export function listProducts(db: DatabaseHandle, query: ProductQuery) {
  const where: Condition[] = [];
  if (query.item_code !== undefined)
    where.push(["p.product_id = (SELECT n.product_id FROM variants AS n WHERE n.item_code = ?)", query.item_code]);
  if (query.q !== undefined) where.push(containsSql("p.name", query.q));
  if (query.category_id !== undefined) {
    where.push(["p.product_id IN (SELECT f.product_id FROM product_categories AS f WHERE f.category_id = ?)", query.category_id]);
  }
  if (query.source_system_id !== undefined) where.push(ofSource("p.product_id", query.source_system_id));
  if (query.visible !== undefined) where.push(["p.visible = ?", query.visible === "true" ? 1 : 0]);
  if (query.updated_after !== undefined) {
    const ms = Date.parse(query.updated_after);
    where.push([
      "(p.updated_at_ms > ? OR EXISTS (SELECT 1 FROM variants AS f WHERE f.product_id = p.product_id AND f.updated_at_ms > ?))",
      ms,
      ms,
    ]);
  }
  return listPage<Product>(db, { json: PRODUCT_JSON, from: "products AS p", sort: ["p.created_at_ms", "p.product_id"], where }, query);
}

/** A page of variants, oldest first; `item_code` finds one. */
export function listVariants(db: DatabaseHandle, query: VariantQuery) {
  const where: Condition[] = [];
  if (query.item_code !== undefined) where.push(["v.item_code = ?", query.item_code]);
  if (query.product_id !== undefined) where.push(["v.product_id = ?", query.product_id]);
  if (query.barcode !== undefined) where.push(["v.barcode = ?", query.barcode]);
  if (query.q !== undefined) where.push(containsSql(`(${VARIANT_DISPLAY_NAME_SQL})`, query.q));
  if (query.source_system_id !== undefined) where.push(ofSource("v.variant_id", query.source_system_id));
  if (query.visible !== undefined) where.push([`${VARIANT_VISIBLE_SQL} = ?`, query.visible === "true" ? 1 : 0]);
  if (query.updated_after !== undefined) where.push(["v.updated_at_ms > ?", Date.parse(query.updated_after)]);
  const from = "variants AS v JOIN products AS p ON p.product_id = v.product_id";
  return listPage<Variant>(db, { json: VARIANT_JSON, from, sort: ["v.created_at_ms", "v.variant_id"], where }, query);
}
