import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle } from "../../platform/db/database.ts";
import { type Row, type SqlValue, statement } from "../../platform/db/statement.ts";
import type { Page } from "./catalog-lists.ts";
import { type VersionContent, versionDifference } from "./version-difference.ts";
import type { Version } from "./version-schemas.ts";

const BEFORE =
  "FROM catalog_item_versions AS o WHERE o.variant_id = ver.variant_id AND o.version_no < ver.version_no AND o.source_system_id";

/** Versions `ver` of `page`, each with what it stands on: a few look-ups by key, however long the history. */
const CONTENT = `ver.variant_id, ver.version_no, ver.created_at_ms, ver.source_system_id, ver.payload,
  (SELECT o.payload ${BEFORE} IS NOT NULL AND o.payload -> '$.product' IS NOT NULL ORDER BY o.version_no DESC LIMIT 1) AS offered_before,
  (SELECT o.payload -> '$.product' IS NULL ${BEFORE} IS NOT NULL ORDER BY o.version_no DESC LIMIT 1) AS was_missing,
  (SELECT o.payload -> '$.ours' ${BEFORE} IS NULL ORDER BY o.version_no DESC LIMIT 1) AS ours_before`;

const parsed = (text: unknown) => (typeof text === "string" ? JSON.parse(text) : null);

function contents(row: Row): { before: VersionContent; after: VersionContent; restored: number | null } {
  const payload = parsed(row["payload"]);
  const before: VersionContent = {
    offered: parsed(row["offered_before"]),
    is_missing: row["was_missing"] === 1,
    ours: parsed(row["ours_before"]),
  };
  const restores = payload.edit?.restores;
  const restored = restores?.variant_id === row["variant_id"] ? Number(restores.version_no) : null;
  if (row["source_system_id"] === null) return { before, after: { ...before, ours: payload.ours ?? null }, restored };
  const isMissing = payload.product === undefined;
  return { before, after: { ...before, offered: isMissing ? before.offered : payload, is_missing: isMissing }, restored };
}

function versionOf(row: Row): Version {
  const { before, after, restored } = contents(row);
  const sourceSystemId = row["source_system_id"] as string | null;
  return {
    variant_id: String(row["variant_id"]),
    item_code: String(row["item_code"]),
    version_no: Number(row["version_no"]),
    at: new Date(Number(row["created_at_ms"])).toISOString(),
    by: {
      kind: sourceSystemId === null ? "edit" : "source_system",
      source_system_id: sourceSystemId,
      name: row["source_name"] as string | null,
    },
    restored_version: restored,
    changes: versionDifference(before, after) as Version["changes"],
  };
}

/** Whose versions: a variant's, or of all of a product's variants. */
export type VersionsOf = { variant_id: string } | { product_id: string };

/** A page of versions, newest first. Throws NOT_FOUND. */
export async function listVersions(
  db: DatabaseHandle,
  of: VersionsOf,
  page: Page,
): Promise<{ data: Version[]; next_cursor: string | null }> {
  const [column, id] = "variant_id" in of ? ["variant_id", of.variant_id] : ["product_id", of.product_id];
  const key: SqlValue[] = page.cursor === undefined ? [Number.MAX_SAFE_INTEGER, "", 0] : decodeCursor(page.cursor, 3);
  const [known, rows = []] = await db.read([
    statement(`SELECT 1 FROM ${column === "variant_id" ? "variants" : "products"} WHERE ${column} = ?`, id),
    statement(
      `SELECT ${CONTENT}, page.item_code, s.name AS source_name
       FROM (SELECT k.variant_id, k.version_no, v.item_code FROM variants AS v CROSS JOIN catalog_item_versions AS k ON k.variant_id = v.variant_id
           WHERE v.${column} = ? AND (k.created_at_ms, k.variant_id, k.version_no) < (?, ?, ?)
           ORDER BY k.created_at_ms DESC, k.variant_id DESC, k.version_no DESC LIMIT ?) AS page
         CROSS JOIN catalog_item_versions AS ver ON ver.variant_id = page.variant_id AND ver.version_no = page.version_no
         LEFT JOIN source_systems AS s ON s.source_system_id = ver.source_system_id
       ORDER BY ver.created_at_ms DESC, ver.variant_id DESC, ver.version_no DESC`,
      id,
      ...key,
      page.limit + 1,
    ),
  ]);
  if (!known?.[0]) throw new AppError("NOT_FOUND", { detail: `There is no such ${column.slice(0, -3)}.` });
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: shown.map(versionOf),
    next_cursor:
      rows.length > page.limit && last
        ? encodeCursor([Number(last["created_at_ms"]), String(last["variant_id"]), Number(last["version_no"])])
        : null,
  };
}

/** An item as it was at a version. Throws NOT_FOUND. */
export async function readVersion(db: DatabaseHandle, variantId: string, versionNo: number): Promise<VersionContent> {
  const [rows] = await db.read(
    [
      statement(
        `SELECT ${CONTENT} FROM catalog_item_versions AS ver WHERE ver.variant_id = ? AND ver.version_no = ?`,
        variantId,
        versionNo,
      ),
    ],
    { fresh: true },
  );
  const row = rows?.[0];
  if (!row) throw new AppError("NOT_FOUND", { detail: "There is no such version." });
  return contents(row).after;
}
