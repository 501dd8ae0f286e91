import type { DatabaseHandle } from "../../platform/db/database.ts";
import type { Row, SqlValue } from "../../platform/db/statement.ts";
import { statement } from "../../platform/db/statement.ts";
import { ACTIVE_RESERVED_SQL, ledgerFoldSql } from "./ledger-fold.ts";

/** Few: a place that was never counted is read from its first movement on. */
export const PLACES_A_PAGE = 100;

export interface Place {
  location_id: string;
  variant_id: string;
}

/** Where a check goes on: positions come first, then what the ledger knows and no position does. */
export interface CheckCursor extends Place {
  phase: "positions" | "ledger";
}

export const CHECK_FROM_START: CheckCursor = { phase: "positions", location_id: "", variant_id: "" };

export interface CheckedPage {
  checked: number;
  /** To be looked at again by the unit that repairs: this read is not part of it. */
  drifted: Place[];
  next: CheckCursor | null;
}

/** One bounded step of holding positions against the ledger: one round trip to the primary, outside the writer, so that no sale waits for it. */
export async function findDrift(db: DatabaseHandle, cursor: CheckCursor, locationId: string | null): Promise<CheckedPage> {
  const isPositions = cursor.phase === "positions";
  const ofOneLocation = locationId !== null;
  const page = isPositions ? POSITIONS_PAGE(ofOneLocation) : LEDGER_PAGE(ofOneLocation);
  const pageArgs = isPositions ? positionsArgs(cursor, locationId) : ledgerArgs(cursor, locationId);
  const [places = [], drifted = []] = await db.read(
    [
      statement(`SELECT page.location_id, page.variant_id FROM (${page}) AS page`, ...pageArgs),
      statement(isPositions ? DRIFTED(page) : UNKNOWN(page), ...pageArgs),
    ],
    { fresh: true, snapshot: true },
  );
  const last = places.at(-1);
  return { checked: isPositions ? places.length : 0, drifted: drifted.map(placeOf), next: nextOf(cursor, places.length, last) };
}

const placeOf = (row: Row): Place => ({ location_id: String(row["location_id"]), variant_id: String(row["variant_id"]) });

function nextOf(cursor: CheckCursor, found: number, last: Row | undefined): CheckCursor | null {
  if (last && found === PLACES_A_PAGE) return { phase: cursor.phase, ...placeOf(last) };
  return cursor.phase === "positions" ? { ...CHECK_FROM_START, phase: "ledger" } : null;
}

const POSITIONS_PAGE = (ofOneLocation: boolean): string => `SELECT location_id, variant_id FROM stock_positions
  WHERE ${ofOneLocation ? "location_id = ? AND variant_id > ?" : "(location_id, variant_id) > (?, ?)"} ORDER BY location_id, variant_id LIMIT ?`;

const positionsArgs = (cursor: Place, locationId: string | null): SqlValue[] => [
  locationId ?? cursor.location_id,
  cursor.variant_id,
  PLACES_A_PAGE,
];

const DRIFTED = (page: string): string => `SELECT f.location_id, f.variant_id FROM (${ledgerFoldSql(page)}) AS f
  CROSS JOIN stock_positions AS p ON p.location_id = f.location_id AND p.variant_id = f.variant_id
  WHERE p.on_hand_e4 <> f.on_hand_e4 OR p.counted_at_ms IS NOT f.counted_at_ms OR p.reserved_e4 <> ${ACTIVE_RESERVED_SQL}`;

const UNKNOWN = (page: string): string => `SELECT page.location_id, page.variant_id FROM (${page}) AS page
  WHERE NOT EXISTS (SELECT 1 FROM stock_positions AS p WHERE p.location_id = page.location_id AND p.variant_id = page.variant_id)`;

/**
 * The places of the ledger, from one to the next without reading the movements between. SQLite seeks rows at or after a tuple: a time after
 * all others takes it past the place that it knows.
 */
function LEDGER_PAGE(ofOneLocation: boolean): string {
  const after = ofOneLocation
    ? "m.location_id = ? AND m.variant_id > place.variant_id"
    : "(m.location_id, m.variant_id, m.occurred_at_ms) > (place.location_id, place.variant_id, 9000000000000000)";
  const next = (column: string) => `(SELECT m.${column} FROM stock_movements AS m
    WHERE ${after} ORDER BY m.location_id, m.variant_id LIMIT 1)`;
  return `WITH RECURSIVE place (location_id, variant_id) AS (
      SELECT ?, ?
      UNION ALL SELECT ${next("location_id")}, ${next("variant_id")} FROM place WHERE place.location_id IS NOT NULL LIMIT ?)
    SELECT location_id, variant_id FROM place WHERE location_id IS NOT NULL LIMIT -1 OFFSET 1`;
}

const ledgerArgs = (cursor: Place, locationId: string | null): SqlValue[] => {
  const own = locationId === null ? [] : [locationId];
  return [cursor.location_id, cursor.variant_id, ...own, ...own, PLACES_A_PAGE + 1];
};
