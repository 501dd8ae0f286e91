/**
 * What the ledger comes to, in SQL: the newest count (by when it was made, then by id) plus what came after it, whatever order it
 * all arrived in. A SELECT of location_id, variant_id, on_hand_e4, counted_at_ms and counted_movement_id over `places`, a SELECT
 * of distinct location_id and variant_id. Reads the movements after each newest count and no others.
 */
export const ledgerFoldSql = (places: string): string => `SELECT k.location_id, k.variant_id, k.counted_at_ms, k.counted_movement_id,
    coalesce((SELECT c.quantity_e4 FROM stock_movements AS c WHERE c.location_id = k.location_id AND c.variant_id = k.variant_id
      AND c.occurred_at_ms = k.counted_at_ms AND c.movement_id = k.counted_movement_id), 0)
    + coalesce((SELECT sum(m.quantity_e4) FROM stock_movements AS m WHERE m.location_id = k.location_id AND m.variant_id = k.variant_id
      AND (m.occurred_at_ms, m.movement_id) > (coalesce(k.counted_at_ms, -9000000000000000), coalesce(k.counted_movement_id, ''))), 0)
      AS on_hand_e4
  FROM (SELECT p.location_id, p.variant_id, ${newestCount("occurred_at_ms")} AS counted_at_ms, ${newestCount("movement_id")} AS counted_movement_id
    FROM (${places}) AS p LIMIT -1) AS k`;

// LIMIT keeps the planner from folding the inner SELECT into the outer one, which would look for the count once for each mention.
function newestCount(column: string): string {
  return `(SELECT n.${column} FROM stock_movements AS n INDEXED BY stock_movements_counts
    WHERE n.location_id = p.location_id AND n.variant_id = p.variant_id AND n.movement_type = 'count'
    ORDER BY n.occurred_at_ms DESC, n.movement_id DESC LIMIT 1)`;
}

/** The sum of a place's active reservations, over a row `p` with location_id and variant_id. */
export const ACTIVE_RESERVED_SQL = `(SELECT coalesce(sum(r.reserved_e4), 0) FROM stock_reservations AS r INDEXED BY stock_reservations_live
    WHERE r.location_id = p.location_id AND r.variant_id = p.variant_id AND r.status = 'active')`;

/** Of those, the sum that has expired by a time, which is its one argument. */
export const DUE_RESERVED_SQL = `(SELECT coalesce(sum(r.reserved_e4), 0) FROM stock_reservations AS r INDEXED BY stock_reservations_live
    WHERE r.location_id = p.location_id AND r.variant_id = p.variant_id AND r.status = 'active' AND r.expires_at_ms <= ?)`;
