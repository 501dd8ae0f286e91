import { jsonListSql } from "../../../platform/db/json-list-sql.ts";
import { type Row, type Statement, statement } from "../../../platform/db/statement.ts";
import type { PreparedChunk } from "./prepare-chunk.ts";
import type { EntityType } from "./run-counts.ts";

/** Which of our things a provider's id means, and what of it was applied last. */
export interface KnownEntity {
  canonical_id: string;
  content_hash: string;
  provider_version: number | null;
}

export interface CurrentOption {
  modifier_option_id: string;
  external_id: string;
  price_delta_minor: number;
  provider_active: number;
}

type Owner = "provider" | "ours";

export interface CurrentProduct {
  product_id: string;
  name: string;
  name_owner: Owner;
  /** Only where it is ours. */
  description: string | null;
  description_owner: Owner;
  external_image_url: string | null;
  tax_rate_e4: number | null;
  tax_rate_owner: Owner;
  /** JSON lists, only where they are ours. */
  tags: string | null;
  allergens: string | null;
  main_image_url: string | null;
  image_owner: Owner;
  provider_active: number;
  variant_count: number;
  /** JSON text, in order: category ids; [group id, min, max]. */
  categories: string;
  links: string;
  /** What they are called, only where they are ours. */
  own_categories: string | null;
  own_groups: string | null;
}

export interface CurrentVariant {
  variant_id: string;
  product_id: string;
  item_code: string;
  own_name: string | null;
  /** Only where it is ours. */
  own_barcode: string | null;
  barcode_owner: Owner;
  own_bundle: string | null;
  provider_active: number;
  position: number;
  /** Where it comes from; null for one that no source offers. */
  source_system_id: string | null;
  source_name: string | null;
  external_id: string | null;
}

/** All of the catalogue that a chunk's decision looks at. */
export interface ChunkState {
  revision: number;
  entities: Map<string, KnownEntity>;
  /** By category id. */
  parents: Map<string, string | null>;
  /** Categories that stand where we put them. */
  placed: Set<string>;
  /** By group id. */
  options: Map<string, CurrentOption[]>;
  products: Map<string, CurrentProduct>;
  /** Those the chunk names and those that hold an item code it names. */
  variants: Map<string, CurrentVariant>;
}

export const entityKey = (type: EntityType, externalId: string): string => `${type}\n${externalId}`;

/** Texts in order, for people. */
const namesSql = (name: string, from: string, orderBy: string): string =>
  `(SELECT coalesce(group_concat(named.name, ', '), '') FROM (SELECT ${name} AS name FROM ${from} ORDER BY ${orderBy}) AS named)`;

/** Every entity that the chunk writes or refers to. */
function askedEntities(chunk: PreparedChunk): [EntityType, string][] {
  const keys = new Map<string, [EntityType, string]>();
  const ask = (type: EntityType, externalId: string | null): void => {
    if (externalId !== null) keys.set(entityKey(type, externalId), [type, externalId]);
  };
  for (const { row } of chunk.categories) {
    ask("category", row.external_id);
    ask("category", row.parent_external_id);
  }
  for (const { row } of chunk.modifier_groups) ask("modifier_group", row.external_id);
  for (const { row } of chunk.products) {
    ask("product", row.external_id);
    for (const id of row.category_external_ids) ask("category", id);
    for (const group of row.modifier_groups) ask("modifier_group", group.external_id);
    for (const variant of row.variants) ask("variant", variant.external_id);
  }
  return [...keys.values()];
}

/** The reads of a chunk's state, in the order in which `readState` takes their rows. One round trip, whatever the chunk holds. */
export function stateStatements(chunk: PreparedChunk, sourceSystemId: string): Statement[] {
  const asked = JSON.stringify(askedEntities(chunk));
  const codes = JSON.stringify(chunk.products.flatMap(({ row }) => row.variants.map(({ item_code }) => item_code)));
  const known = `json_each(?1) AS asked CROSS JOIN source_entities AS e
    ON e.source_system_id = ?2 AND e.entity_type = asked.value ->> 0 AND e.external_id = asked.value ->> 1`;
  return [
    statement("SELECT revision FROM catalog_state"),
    statement(
      `SELECT e.entity_type, e.external_id, e.canonical_id, e.content_hash, e.provider_version FROM ${known}`,
      asked,
      sourceSystemId,
    ),
    statement(
      `SELECT c.category_id, c.parent_id, c.place_owner FROM ${known} CROSS JOIN categories AS c ON c.category_id = e.canonical_id
       WHERE e.entity_type = 'category'`,
      asked,
      sourceSystemId,
    ),
    statement(
      `SELECT o.modifier_group_id, o.modifier_option_id, o.external_id, o.price_delta_minor, o.provider_active
       FROM ${known} CROSS JOIN modifier_options AS o ON o.modifier_group_id = e.canonical_id
         AND o.external_id <> o.modifier_option_id WHERE e.entity_type = 'modifier_group'`,
      asked,
      sourceSystemId,
    ),
    statement(
      `SELECT p.product_id, p.name, p.name_owner, CASE p.description_owner WHEN 'ours' THEN p.description END AS description,
         p.description_owner, p.external_image_url, p.tax_rate_e4, p.tax_rate_owner,
         CASE p.tags_owner WHEN 'ours' THEN p.tags END AS tags, CASE p.allergens_owner WHEN 'ours' THEN p.allergens END AS allergens, p.main_image_url, p.image_owner, p.provider_active, p.variant_count,
         ${jsonListSql("json_quote(pc.category_id)", "product_categories AS pc WHERE pc.product_id = p.product_id", "pc.position")} AS categories,
         ${jsonListSql(
           "json_array(pg.modifier_group_id, pg.min_select, pg.max_select)",
           "product_modifier_groups AS pg WHERE pg.product_id = p.product_id",
           "pg.position",
         )} AS links,
         CASE p.categories_owner WHEN 'ours' THEN ${namesSql("c.name", "product_categories AS pc CROSS JOIN categories AS c ON c.category_id = pc.category_id WHERE pc.product_id = p.product_id", "pc.position")} END AS own_categories,
         CASE p.modifier_groups_owner WHEN 'ours' THEN ${namesSql("g.name", "product_modifier_groups AS pg CROSS JOIN modifier_groups AS g ON g.modifier_group_id = pg.modifier_group_id WHERE pg.product_id = p.product_id", "pg.position")} END AS own_groups
       FROM ${known} CROSS JOIN products AS p ON p.product_id = e.canonical_id WHERE e.entity_type = 'product'`,
      asked,
      sourceSystemId,
    ),
    statement(
      `WITH looked_at AS (
         SELECT e.canonical_id AS variant_id FROM ${known} WHERE e.entity_type = 'variant'
         UNION SELECT v.variant_id FROM json_each(?3) AS code CROSS JOIN variants AS v ON v.item_code = code.value
       )
       SELECT v.variant_id, v.product_id, v.item_code, v.own_name, v.provider_active, v.position, v.barcode_owner,
         CASE v.barcode_owner WHEN 'ours' THEN v.barcode END AS own_barcode,
         CASE v.bundle_owner WHEN 'ours' THEN ${namesSql("b.item_code || ' × ' || (b.quantity_e4 / 10000.0)", "bundle_components AS b WHERE b.bundle_variant_id = v.variant_id", "b.position")} END AS own_bundle,
         origin.source_system_id, origin.external_id, s.name AS source_name
       FROM looked_at CROSS JOIN variants AS v ON v.variant_id = looked_at.variant_id
         LEFT JOIN source_entities AS origin ON origin.canonical_id = v.variant_id AND origin.entity_type = 'variant'
         LEFT JOIN source_systems AS s ON s.source_system_id = origin.source_system_id`,
      asked,
      sourceSystemId,
      codes,
    ),
  ];
}

export function readState(results: Row[][]): ChunkState {
  const [state = [], entities = [], categories = [], options = [], products = [], variants = []] = results;
  return {
    revision: Number(state[0]?.["revision"]),
    entities: new Map(
      entities.map((row) => [entityKey(row["entity_type"] as EntityType, String(row["external_id"])), row as unknown as KnownEntity]),
    ),
    parents: new Map(categories.map((row) => [String(row["category_id"]), row["parent_id"] as string | null])),
    placed: new Set(categories.flatMap((row) => (row["place_owner"] === "ours" ? [String(row["category_id"])] : []))),
    options: Map.groupBy(options as unknown as (CurrentOption & { modifier_group_id: string })[], (row) => row.modifier_group_id),
    products: new Map(products.map((row) => [String(row["product_id"]), row as unknown as CurrentProduct])),
    variants: new Map(variants.map((row) => [String(row["variant_id"]), row as unknown as CurrentVariant])),
  };
}
