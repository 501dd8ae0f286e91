import type { DatabaseHandle, ReadOptions } from "../../platform/db/database.ts";
import { jsonListSql } from "../../platform/db/json-list-sql.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import { type Condition, containsSql, listPage } from "./catalog-lists.ts";
import { bool, readOne } from "./catalog-reader.ts";
import type { ModifierGroup, ModifierGroupQuery } from "./modifier-schemas.ts";

const OPTIONS = jsonListSql(
  `json_object('id', o.modifier_option_id, 'name', o.name, 'price', o.price_delta_minor, 'item_code', o.item_code,
    'active', ${bool("o.provider_active AND NOT o.merchant_hidden")}, 'hidden', ${bool("o.merchant_hidden")}, 'default', ${bool("o.is_default")},
    'fields', json_object('name', json_object('owner', o.name_owner)))`,
  "modifier_options AS o WHERE o.modifier_group_id = g.modifier_group_id",
  "o.position, o.modifier_option_id",
);

const GROUP_JSON = `json_object('id', g.modifier_group_id, 'name', g.name, 'min', g.min_select, 'max', g.max_select,
  'source_system_id', (SELECT e.source_system_id FROM source_entities AS e WHERE e.canonical_id = g.modifier_group_id LIMIT 1),
  'product_count', (SELECT count(*) FROM product_modifier_groups AS pg WHERE pg.modifier_group_id = g.modifier_group_id),
  'fields', json_object(
    'name', json_object('owner', CASE WHEN g.name = g.original_name THEN 'provider' ELSE 'ours' END, 'offered', nullif(g.original_name, '')),
    'bounds', json_object('owner', g.bounds_owner)),
  'options', ${OPTIONS}, 'created_at', ${timestampSql("g.created_at_ms")}, 'updated_at', ${timestampSql("g.updated_at_ms")})`;

/** A SELECT of one JSON text: the group with its options as the API gives it. */
export const groupAnswer = (groupId: string): Statement =>
  statement(`SELECT ${GROUP_JSON} AS row FROM modifier_groups AS g WHERE g.modifier_group_id = ?`, groupId);

/** The group; throws NOT_FOUND. */
export const readGroup = (db: DatabaseHandle, groupId: string, options: ReadOptions = {}): Promise<ModifierGroup> =>
  readOne(db, groupAnswer(groupId), "modifier group", options);

/** A page of modifier groups, oldest first. */
export function listGroups(db: DatabaseHandle, query: ModifierGroupQuery) {
  const where: Condition[] = [];
  if (query.q !== undefined) where.push(containsSql("g.name", query.q));
  if (query.product_id !== undefined) {
    where.push([
      "g.modifier_group_id IN (SELECT f.modifier_group_id FROM product_modifier_groups AS f WHERE f.product_id = ?)",
      query.product_id,
    ]);
  }
  const sort: [string, string] = ["g.created_at_ms", "g.modifier_group_id"];
  return listPage<ModifierGroup>(db, { json: GROUP_JSON, from: "modifier_groups AS g", sort, where }, query);
}
