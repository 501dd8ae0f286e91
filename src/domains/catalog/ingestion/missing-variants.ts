import { type Row, type Statement, statement } from "../../../platform/db/statement.ts";
import type { IngestionPlan } from "./ingestion-plan.ts";

/** Above this share of a source's variants, hiding waits until a person has confirmed it. */
const HIDDEN_SHARE = 0.2;
export const HIDE_AT_ONCE = 500;

export interface Missing {
  revision: number;
  /** All variants that came from the source. */
  known: number;
  /** Those of them that are active and not in the payload. */
  missing: number;
  /** The next of the missing. */
  variant_ids: string[];
}

/** What of the source's variants the payload does not have. Three statements, one round trip. */
export function missingStatements({ source, offered }: IngestionPlan): Statement[] {
  const args = [source.id, JSON.stringify([...offered.external_ids]), JSON.stringify([...offered.item_codes])];
  const missing = `FROM source_entities AS e CROSS JOIN variants AS v ON v.variant_id = e.canonical_id
    WHERE e.source_system_id = ?1 AND e.entity_type = 'variant' AND v.provider_active = 1
      AND e.external_id NOT IN (SELECT value FROM json_each(?2)) AND v.item_code NOT IN (SELECT value FROM json_each(?3))`;
  return [
    statement("SELECT revision FROM catalog_state"),
    statement(
      `SELECT (SELECT count(*) FROM source_entities WHERE source_system_id = ?1 AND entity_type = 'variant') AS known,
         (SELECT count(*) ${missing}) AS missing`,
      ...args,
    ),
    statement(`SELECT v.variant_id ${missing} ORDER BY v.variant_id LIMIT ${HIDE_AT_ONCE}`, ...args),
  ];
}

export function readMissing([state = [], counts = [], ids = []]: Row[][]): Missing {
  return {
    revision: Number(state[0]?.["revision"]),
    known: Number(counts[0]?.["known"]),
    missing: Number(counts[0]?.["missing"]),
    variant_ids: ids.map((row) => String(row["variant_id"])),
  };
}

/**
 * Why hiding what is missing has to wait for a person; null where it need not. A truncated feed must not empty a shop.
 * `inserted`: how many of the known variants this run brought.
 */
export function hidingDoubt(plan: IngestionPlan, missing: Pick<Missing, "known" | "missing">, inserted: number): string | null {
  if (plan.confirm || missing.missing === 0) return null;
  const before = missing.known - inserted;
  if (plan.received === 0) return `The payload is empty; it would hide all ${missing.missing} active variants of this source.`;
  if (missing.missing > before * HIDDEN_SHARE) {
    return `It would hide ${missing.missing} of ${before} variants, more than ${HIDDEN_SHARE * 100} %.`;
  }
  if (plan.unnamed_errors > 0) {
    return `${plan.unnamed_errors} rows failed and name no item code; they may be among the ${missing.missing} variants it would hide.`;
  }
  return null;
}
