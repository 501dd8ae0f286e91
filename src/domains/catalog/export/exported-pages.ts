import type { DatabaseHandle } from "../../../platform/db/database.ts";
import { jsonListSql } from "../../../platform/db/json-list-sql.ts";
import { type Row, type Statement, statement } from "../../../platform/db/statement.ts";
import type { CanonicalCategory, CanonicalModifierGroup, CanonicalProduct } from "../canonical.ts";
import { categoryHash, groupHash, productHashes } from "../ingestion/prepare-chunk.ts";

/** What is held in memory at once: so many rows, each with all that belongs to it. */
const PAGE_ROWS = 100;

export type ExportedPage =
  | { of: "categories"; rows: CanonicalCategory[] }
  | { of: "modifier_groups"; rows: CanonicalModifierGroup[] }
  | { of: "products"; rows: CanonicalProduct[] };

/**
 * What a source system's provider has told us, in its own ids and without anything of ours: categories, modifier groups, products. A page
 * at a time, each read when it is asked for; a page is of one moment, and never of an earlier one than the page before. Throws where the
 * database is replaced meanwhile.
 */
export async function* exportedPages(db: DatabaseHandle, sourceSystemId: string): AsyncGenerator<ExportedPage, void, undefined> {
  const read = forwardReader(db);
  for await (const rows of keyset(read, sourceSystemId, categoriesAfter))
    yield { of: "categories", rows: await Promise.all(rows.map(categoryOf)) };
  for await (const rows of keyset(read, sourceSystemId, groupsAfter))
    yield { of: "modifier_groups", rows: await Promise.all(rows.map(groupOf)) };
  for await (const rows of keyset(read, sourceSystemId, productsAfter)) {
    const products = await Promise.all(rows.map(productOf));
    yield { of: "products", rows: products.filter(({ variants }) => variants.length > 0) };
  }
}

type ForwardReader = (page: Statement) => Promise<Row[]>;

/** Each read at least as new as the one before, from whatever node. */
function forwardReader(db: DatabaseHandle): ForwardReader {
  let last: { epoch: unknown; commit_seq: number } | null = null;
  return async (page) => {
    // First, so that the data is at least as new as the version it is judged by.
    const statements = [statement("SELECT epoch, commit_seq FROM commit_state"), page];
    let [state, rows = []] = await db.read(statements);
    if (last !== null && Number(state?.[0]?.["commit_seq"]) < last.commit_seq)
      [state, rows = []] = await db.read(statements, { fresh: true });
    const now = { epoch: state?.[0]?.["epoch"], commit_seq: Number(state?.[0]?.["commit_seq"]) };
    if (last !== null && now.epoch !== last.epoch) throw new Error("the database was replaced while it was exported");
    last = now;
    return rows;
  };
}

async function* keyset(
  read: ForwardReader,
  sourceSystemId: string,
  pageAfter: (sourceSystemId: string, after: string) => Statement,
): AsyncGenerator<Row[], void, undefined> {
  for (let after = ""; ; ) {
    const rows = await read(pageAfter(sourceSystemId, after));
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    if (rows.length < PAGE_ROWS) return;
    after = String(last["external_id"]);
  }
}

const entities = (type: string): string =>
  `FROM source_entities AS e WHERE e.source_system_id = ?1 AND e.entity_type = '${type}' AND e.external_id > ?2 ORDER BY e.external_id LIMIT ${PAGE_ROWS}`;

const externalId = (type: string, canonicalId: string): string =>
  `(SELECT x.external_id FROM source_entities AS x WHERE x.canonical_id = ${canonicalId} AND x.source_system_id = ?1 AND x.entity_type = '${type}' LIMIT 1)`;

const categoriesAfter = (id: string, after: string): Statement =>
  statement(
    `SELECT e.external_id, e.content_hash, c.original_name, c.position, ${externalId("category", "c.parent_id")} AS parent
     FROM (SELECT * ${entities("category")}) AS e JOIN categories AS c ON c.category_id = e.canonical_id ORDER BY e.external_id`,
    id,
    after,
  );

async function categoryOf(row: Row): Promise<CanonicalCategory> {
  const category: CanonicalCategory = {
    external_id: String(row["external_id"]),
    name: String(row["original_name"]),
    parent_external_id: row["parent"] as string | null,
    position: Number(row["position"]),
  };
  return { ...category, ...appliedAs(await categoryHash(category), row["content_hash"]) };
}

/** Only where it was applied looking otherwise: with what is not kept, or no longer. */
const appliedAs = (of: string, hash: unknown) => (of === hash ? {} : { applied: { of, hash: String(hash) } });

const groupsAfter = (id: string, after: string): Statement =>
  statement(
    `SELECT e.external_id, e.content_hash, e.provider_version, g.original_name, g.min_select, g.max_select, ${jsonListSql(
      "json_array(o.external_id, o.name, o.price_delta_minor, o.item_code, o.provider_active, o.is_default)",
      "modifier_options AS o WHERE o.modifier_group_id = g.modifier_group_id",
      "o.position, o.external_id",
    )} AS options
     FROM (SELECT * ${entities("modifier_group")}) AS e JOIN modifier_groups AS g ON g.modifier_group_id = e.canonical_id ORDER BY e.external_id`,
    id,
    after,
  );

async function groupOf(row: Row): Promise<CanonicalModifierGroup> {
  const options = JSON.parse(String(row["options"])) as [string, string, number, string | null, number, number][];
  const group: CanonicalModifierGroup = {
    external_id: String(row["external_id"]),
    name: String(row["original_name"]),
    min_select: Number(row["min_select"]),
    max_select: row["max_select"] as number | null,
    options: options.map(([external_id, name, price_delta_minor, item_code, active, isDefault]) => ({
      external_id,
      name,
      price_delta_minor,
      item_code,
      is_active: active === 1,
      is_default: isDefault === 1,
    })),
    provider_version: row["provider_version"] as number | null,
  };
  return { ...group, ...appliedAs(await groupHash(group), row["content_hash"]) };
}

const productsAfter = (id: string, after: string): Statement =>
  statement(
    `SELECT e.external_id, e.content_hash, e.provider_version, p.original_name, p.original_description, p.external_image_url, p.tags,
       p.allergens, p.tax_rate_e4, p.provider_active,
       ${jsonListSql(
         `json_quote(${externalId("category", "pc.category_id")})`,
         "product_categories AS pc WHERE pc.product_id = p.product_id",
         "pc.position",
       )} AS categories,
       ${jsonListSql(
         `json_array(${externalId("modifier_group", "pg.modifier_group_id")}, pg.min_select, pg.max_select)`,
         "product_modifier_groups AS pg WHERE pg.product_id = p.product_id",
         "pg.position",
       )} AS links,
       ${jsonListSql(
         `json_object('external_id', ve.external_id, 'hash', ve.content_hash, 'item_code', v.item_code, 'name', v.option_name, 'barcode', v.barcode,
           'base_price_minor', v.base_price_minor, 'currency', v.currency, 'attributes', json(v.attributes), 'active', v.provider_active,
           'position', v.position, 'bundle', json(${jsonListSql(
             "json_object('item_code', b.item_code, 'quantity_e4', b.quantity_e4)",
             "bundle_components AS b WHERE b.bundle_variant_id = v.variant_id",
             "b.position",
           )}))`,
         `variants AS v JOIN source_entities AS ve ON ve.canonical_id = v.variant_id AND ve.source_system_id = ?1 AND ve.entity_type = 'variant'
          WHERE v.product_id = p.product_id`,
         "v.position, ve.external_id",
       )} AS variants
     FROM (SELECT * ${entities("product")}) AS e JOIN products AS p ON p.product_id = e.canonical_id ORDER BY e.external_id`,
    id,
    after,
  );

interface VariantRow {
  external_id: string;
  hash: string;
  item_code: string;
  name: string | null;
  barcode: string | null;
  base_price_minor: number | null;
  currency: string | null;
  attributes: Record<string, string>;
  active: number;
  position: number;
  bundle: { item_code: string; quantity_e4: number }[];
}

async function productOf(row: Row): Promise<CanonicalProduct> {
  const isActive = row["provider_active"] === 1;
  const links = JSON.parse(String(row["links"])) as [string | null, number | null, number | null][];
  const variants = JSON.parse(String(row["variants"])) as VariantRow[];
  const product: CanonicalProduct = {
    external_id: String(row["external_id"]),
    name: String(row["original_name"]),
    description: row["original_description"] as string | null,
    category_external_ids: (JSON.parse(String(row["categories"])) as (string | null)[]).filter((one) => one !== null),
    image_url: row["external_image_url"] as string | null,
    is_active: isActive,
    tags: JSON.parse(String(row["tags"])),
    allergens: JSON.parse(String(row["allergens"])),
    tax_rate_e4: row["tax_rate_e4"] as number | null,
    modifier_groups: links.flatMap(([external_id, min_select, max]) =>
      external_id === null ? [] : { external_id, min_select, max_select: max === -1 ? ("unlimited" as const) : max },
    ),
    provider_version: row["provider_version"] as number | null,
    variants: variants.map((variant, index) => ({
      position: "",
      external_id: variant.external_id,
      item_code: variant.item_code,
      name: variant.name,
      barcode: variant.barcode,
      base_price_minor: variant.base_price_minor,
      currency: variant.base_price_minor === null ? null : variant.currency,
      // Of a product that is not sold, none is; what each would be by itself is not kept.
      is_active: variant.active === 1 || !isActive,
      attributes: variant.attributes,
      bundle: variant.bundle,
      ...(variant.position === index ? {} : { place: variant.position }),
    })),
  };
  const hashes = await productHashes(product);
  return {
    ...product,
    ...appliedAs(hashes.product, row["content_hash"]),
    variants: product.variants.map((variant, index) => ({
      ...variant,
      ...appliedAs(String(hashes.variants[index]), variants[index]?.hash),
    })),
  };
}
