import { type Statement, statement } from "../../platform/db/statement.ts";

/** A new version of each variant, for a change that a person made. */
export function newVersions(variantIds: readonly string[], payload: string, hash: string, nowMs: number): Statement[] {
  const ids = JSON.stringify(variantIds);
  return [
    statement(
      "UPDATE variants SET version_no = version_no + 1, updated_at_ms = ?2 WHERE variant_id IN (SELECT value FROM json_each(?1))",
      ids,
      nowMs,
    ),
    statement(
      `INSERT INTO catalog_item_versions (variant_id, version_no, source_system_id, payload, normalized_hash, created_at_ms)
       SELECT variant_id, version_no, NULL, ?2, ?3, ?4 FROM variants WHERE variant_id IN (SELECT value FROM json_each(?1))`,
      ids,
      payload,
      hash,
      nowMs,
    ),
  ];
}
