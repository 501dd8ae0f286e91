import type { DatabaseHandle, ReadOptions } from "../../platform/db/database.ts";
import { type Row, statement } from "../../platform/db/statement.ts";
import { type Trading, type TradingState, tradingOf } from "../stores/index.ts";
import { itemOf, type OrderabilityItem, type Reason, reasonAt, type StoredItems } from "./orderability-document.ts";
import { judgePlaces } from "./orderability-judgement.ts";

/** What is kept of a store's orderability. */
export interface StoreOrderability {
  location_id: string;
  trading: Trading;
  /** Of items and trading: any change of either raises it. */
  version: number;
  changed_at_ms: number;
  /** Changes of the store itself, as of its time zone. */
  store_updated_at_ms: number;
  /** The answer of an open store as it was packed for this version; null: there is none yet, `items` has it all. */
  packed: { gzip: Uint8Array; hash: string; until_ms: number | null } | null;
  items: StoredItems | null;
}

const VERSION = "coalesce(d.version, 0) + coalesce(t.version, 0)";
const CHANGED_AT = "max(coalesce(d.changed_at_ms, 0), coalesce(t.changed_at_ms, 0))";
/** The time too: a database that was restored has the same versions again. */
const IS_HELD = `?2 IS ${VERSION} AND ?5 = ${CHANGED_AT} AND ?3 = s.updated_at_ms`;

/** One row: the store's, with its document's and its trading's beside it. `packed` where it is of this version, else the items. */
const ROW = `SELECT s.location_id, s.timezone, s.updated_at_ms, t.hours, t.is_paused, t.paused_until_ms,
    ${VERSION} AS version, ${CHANGED_AT} AS changed_at_ms,
    d.packed_hash, d.packed_until_ms, d.packed_version IS d.version + coalesce(t.version, 0) AS is_packed,
    CASE WHEN ${IS_HELD} THEN 1 ELSE 0 END AS is_same,
    CASE WHEN ${IS_HELD} THEN NULL
      WHEN d.packed_version IS d.version + coalesce(t.version, 0) AND coalesce(d.packed_until_ms, ?4 + 1) > ?4 THEN d.packed ELSE d.items END AS body
  FROM stores AS s LEFT JOIN orderability_documents AS d ON d.location_id = s.location_id
    LEFT JOIN store_trading AS t ON t.store_id = s.store_id WHERE s.store_id = ?1`;

/**
 * A store's orderability from one row; `same` where it is what is held (only the version travels), null: there is no such store.
 */
export async function readOrderability(
  db: DatabaseHandle,
  storeId: string,
  held: StoreOrderability | undefined,
  nowMs: number,
  options: ReadOptions = {},
): Promise<StoreOrderability | "same" | null> {
  const known = [held?.version ?? null, held?.store_updated_at_ms ?? null, nowMs, held?.changed_at_ms ?? null];
  const [rows] = await db.read([statement(ROW, storeId, ...known)], options);
  const row = rows?.[0];
  if (!row) return null;
  return row["is_same"] === 1 ? "same" : orderabilityOf(row);
}

function orderabilityOf(row: Row): StoreOrderability {
  const body = row["body"];
  return {
    location_id: String(row["location_id"]),
    trading: tradingOf(row),
    version: Number(row["version"]),
    changed_at_ms: Number(row["changed_at_ms"]),
    store_updated_at_ms: Number(row["updated_at_ms"]),
    packed:
      body instanceof Uint8Array
        ? { gzip: body, hash: String(row["packed_hash"]), until_ms: row["packed_until_ms"] as number | null }
        : null,
    items: typeof body === "string" ? (JSON.parse(body) as StoredItems) : body === null || body === undefined ? {} : null,
  };
}

/**
 * These codes at a location as everything stands now, with how much there is where it is counted; past the projection, so also what was never
 * asked for there. Codes that are no variant's are left out.
 */
export async function judgeCodes(
  db: DatabaseHandle,
  locationId: string,
  codes: readonly string[],
  trading: TradingState["reason"],
  nowMs: number,
): Promise<[string, OrderabilityItem][]> {
  const places = statement(
    "SELECT ? AS location_id, v.variant_id FROM json_each(?) AS named CROSS JOIN variants AS v ON v.item_code = named.value",
    locationId,
    JSON.stringify(codes),
  );
  const [rows = []] = await db.read([judgePlaces(places, nowMs)]);
  return rows
    .map((row): [string, OrderabilityItem] => {
      const own = { reason: row["reason_code"] as Reason | null, snoozed_until_ms: null, reason_after: null };
      const item = itemOf(String(row["variant_id"]), reasonAt(own, trading, nowMs));
      return [String(row["item_code"]), row["available_e4"] === null ? item : { ...item, available: Number(row["available_e4"]) / 10_000 }];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
