import type { Row, Statement } from "../../../platform/db/statement.ts";
import { statement } from "../../../platform/db/statement.ts";
import { wantEach } from "../../../platform/writer/wanted.ts";
import type { CanonicalStock } from "../canonical.ts";

/** What a run's payload said of stock, in statements of one variant at one place. */
export interface StockCounts {
  stated: number;
  /** Said something new; becomes a count in the ledger. */
  changed: number;
  /** At a place that no setting names, or of a variant that this source system never brought. */
  left_out: number;
}

export const noStock = (): StockCounts => ({ stated: 0, changed: 0, left_out: 0 });

export const addStock = (a: StockCounts, b: StockCounts): StockCounts => ({
  stated: a.stated + b.stated,
  changed: a.changed + b.changed,
  left_out: a.left_out + b.left_out,
});

/** Where a source system's places are with us. */
export interface StockPlaces {
  /** Location of what names no place, and of every place that `locations` does not name. */
  location_id?: string | undefined;
  /** Locations by what the provider calls them. */
  locations?: Record<string, string> | undefined;
}

interface PlacedStock {
  external_id: string;
  location_id: string;
  quantity_e4: number;
  counted_at_ms: number | null;
}

/** The statements with the locations they are of, several of one location as one sum; the others are only counted. */
export function placeStock(stock: readonly CanonicalStock[], places: StockPlaces): { placed: PlacedStock[]; unplaced: number } {
  const placed = new Map<string, PlacedStock>();
  let unplaced = 0;
  for (const { variant_external_id, location_external_id, quantity_e4, counted_at_ms } of stock) {
    const named = location_external_id === null ? undefined : places.locations?.[location_external_id];
    const location_id = named ?? places.location_id;
    if (location_id === undefined) {
      unplaced += 1;
      continue;
    }
    const key = JSON.stringify([variant_external_id, location_id]);
    const other = placed.get(key);
    placed.set(key, {
      external_id: variant_external_id,
      location_id,
      quantity_e4: quantity_e4 + (other?.quantity_e4 ?? 0),
      counted_at_ms: other?.counted_at_ms == null ? counted_at_ms : Math.max(other.counted_at_ms, counted_at_ms ?? 0),
    });
  }
  return { placed: [...placed.values()], unplaced };
}

/** Rows of `e` (a statement), `s` (its variant; null where unknown), `l` (its location), `held` (what was said before). */
const OFFERED = `json_each(?) AS e
  LEFT JOIN source_entities AS s ON s.source_system_id = ? AND s.entity_type = 'variant' AND s.external_id = e.value ->> 'external_id'
  LEFT JOIN locations AS l ON l.location_id = e.value ->> 'location_id'
  LEFT JOIN stated_stock AS held ON held.source_system_id = s.source_system_id AND held.variant_id = s.canonical_id
    AND held.location_id = l.location_id`;

/** Whether `e` says something new: an older count than the last does not. */
const IS_NEWS = `(held.variant_id IS NULL
  OR (held.quantity_e4 IS NOT e.value ->> 'quantity_e4' AND (held.counted_at_ms IS NULL OR e.value ->> 'counted_at_ms' IS NULL))
  OR e.value ->> 'counted_at_ms' > held.counted_at_ms)`;

/** The steps by which a chunk's stock waits for the ledger, in the unit of work that applies the chunk, after its variants. */
export function stateStock(
  run: { run_id: string; source_system_id: string },
  stock: readonly CanonicalStock[],
  places: StockPlaces,
  nowMs: number,
): Statement[] {
  if (stock.length === 0) return [];
  const { placed, unplaced } = placeStock(stock, places);
  const offered = [JSON.stringify(placed), run.source_system_id] as const;
  return [
    statement(
      `INSERT INTO stated_stock (source_system_id, variant_id, location_id, quantity_e4, counted_at_ms, stated_at_ms, run_id, is_pending)
       SELECT s.source_system_id, s.canonical_id, l.location_id, e.value ->> 'quantity_e4', e.value ->> 'counted_at_ms', ?, ?, 1
       FROM ${OFFERED} WHERE s.canonical_id IS NOT NULL AND l.location_id IS NOT NULL AND ${IS_NEWS}
       ON CONFLICT (source_system_id, variant_id, location_id) DO UPDATE SET quantity_e4 = excluded.quantity_e4,
         counted_at_ms = excluded.counted_at_ms, stated_at_ms = excluded.stated_at_ms, run_id = excluded.run_id, is_pending = 1`,
      nowMs,
      run.run_id,
      ...offered,
    ),
    // Next to the insert: `changes()` is of that.
    statement(
      `UPDATE ingestion_runs SET stock = json_object('stated', (stock ->> 'stated') + ?, 'changed', (stock ->> 'changed') + changes(),
         'left_out', (stock ->> 'left_out') + ? + (SELECT count(*) FROM ${OFFERED} WHERE s.canonical_id IS NULL OR l.location_id IS NULL))
       WHERE run_id = ?`,
      placed.length + unplaced,
      unplaced,
      ...offered,
      run.run_id,
    ),
    wantEach(
      "count_stock",
      statement(
        "SELECT ? AS key, '{}' AS payload WHERE EXISTS (SELECT 1 FROM stated_stock WHERE source_system_id = ? AND is_pending = 1)",
        run.source_system_id,
        run.source_system_id,
      ),
      nowMs,
    ),
  ];
}

/** A SELECT of what `stockOfRows` counts: what a run would state now, and write nothing. */
export const offeredStock = (sourceSystemId: string, placed: readonly PlacedStock[]): Statement =>
  statement(
    `SELECT e.value ->> 'external_id' AS external_id, s.canonical_id IS NOT NULL AS is_known, l.location_id IS NOT NULL AS is_placed,
       ${IS_NEWS} AS is_news FROM ${OFFERED}`,
    JSON.stringify(placed),
    sourceSystemId,
  );

/** Counts the rows of `offeredStock`. `isBrought`: whether this run itself would bring the variant. */
export function stockOfRows(rows: readonly Row[], unplaced: number, isBrought: (externalId: string) => boolean): StockCounts {
  const left = rows.filter((row) => row["is_placed"] !== 1 || (row["is_known"] !== 1 && !isBrought(String(row["external_id"]))));
  const changed = rows.filter((row) => row["is_news"] === 1 && !left.includes(row)).length;
  return { stated: rows.length + unplaced, changed, left_out: left.length + unplaced };
}

/** A SELECT of the statements that are not in the ledger yet, the first `limit`. */
export const pendingStock = (sourceSystemId: string, limit: number): Statement =>
  statement(
    `SELECT variant_id, location_id, quantity_e4, counted_at_ms, stated_at_ms, run_id FROM stated_stock INDEXED BY stated_stock_pending
     WHERE is_pending = 1 AND source_system_id = ? ORDER BY variant_id, location_id LIMIT ?`,
    sourceSystemId,
    limit,
  );

export interface PendingStock {
  variant_id: string;
  location_id: string;
  quantity_e4: number;
  counted_at_ms: number | null;
  stated_at_ms: number;
  run_id: string;
}

/** Marks statements as written to the ledger; refuses with CONFLICT where one of them was, or says something else by now. */
export const stockCounted = (sourceSystemId: string, taken: readonly PendingStock[]) => [
  {
    guard: "CONFLICT" as const,
    holds: `NOT EXISTS (SELECT 1 FROM json_each(?) AS e LEFT JOIN stated_stock AS s ON s.source_system_id = ?
      AND s.variant_id = e.value ->> 'variant_id' AND s.location_id = e.value ->> 'location_id'
      WHERE s.is_pending IS NOT 1 OR s.run_id IS NOT e.value ->> 'run_id')`,
    args: [JSON.stringify(taken), sourceSystemId],
  },
  statement(
    `UPDATE stated_stock SET is_pending = 0 WHERE source_system_id = ?1 AND (variant_id, location_id) IN
       (SELECT value ->> 'variant_id', value ->> 'location_id' FROM json_each(?2))`,
    sourceSystemId,
    JSON.stringify(taken),
  ),
];
