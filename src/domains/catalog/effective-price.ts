/** A row of `variant_prices`, of the variant that is asked about. */
export interface PriceRow {
  variant_price_id: string;
  /** null: everywhere. */
  location_id: string | null;
  channel: string;
  currency: string;
  price_minor: number;
  effective_from_ms: number;
  /** Not in effect any more at this time; null: no end. */
  effective_to_ms: number | null;
}

/** Where and when somebody pays. `currency` is the store's: a price of another does not count there. */
export interface PricePlace {
  location_id: string;
  channel: string;
  currency: string;
  at_ms: number;
}

export interface EffectivePrice {
  price_minor: number;
  source: "menu" | "location_price" | "price";
  /** null for a menu's price. */
  variant_price_id: string | null;
  effective_from_ms: number | null;
  /** When this is not the price any more, by its own end or because another takes its place; null: nothing is planned. */
  effective_to_ms: number | null;
}

const counts = (row: PriceRow, { location_id, channel, currency }: PricePlace): boolean =>
  (row.location_id === null || row.location_id === location_id) && row.channel === channel && row.currency === currency;

const holdsAt = (row: PriceRow, atMs: number): boolean =>
  row.effective_from_ms <= atMs && (row.effective_to_ms === null || row.effective_to_ms > atMs);

/** Whether `other` goes before `row` where both are in effect: the location's own before the one for everywhere, then what began later. */
const goesBefore = (other: PriceRow, row: PriceRow): boolean =>
  (other.location_id === null) === (row.location_id === null)
    ? other.effective_from_ms > row.effective_from_ms
    : other.location_id !== null;

/**
 * What a variant costs at a place and time (architecture.md, decision 9): the live menu's price; else the price in effect for the location and
 * channel; else the one for everywhere; else null, and it cannot be ordered. Its twin in SQL is `priceInEffectSql` in the order
 * of `PRICE_ORDER_SQL`; a test holds them alike.
 */
export function effectivePrice(menuPriceMinor: number | null, rows: readonly PriceRow[], place: PricePlace): EffectivePrice | null {
  if (menuPriceMinor !== null) {
    return { price_minor: menuPriceMinor, source: "menu", variant_price_id: null, effective_from_ms: null, effective_to_ms: null };
  }
  const counted = rows.filter((row) => counts(row, place));
  const first = counted
    .filter((row) => holdsAt(row, place.at_ms))
    .reduce<PriceRow | null>((best, row) => (best === null || goesBefore(row, best) ? row : best), null);
  if (first === null) return null;
  const replacedAt = counted.filter((row) => row.effective_from_ms > place.at_ms && goesBefore(row, first));
  const ends = [...replacedAt.map((row) => row.effective_from_ms), ...(first.effective_to_ms === null ? [] : [first.effective_to_ms])];
  return {
    price_minor: first.price_minor,
    source: first.location_id === null ? "price" : "location_price",
    variant_price_id: first.variant_price_id,
    effective_from_ms: first.effective_from_ms,
    effective_to_ms: ends.length === 0 ? null : Math.min(...ends),
  };
}

/** In SQL: whether `variant_prices AS vp` counts for the default channel at a location with a currency, and is in effect. Argument: now, twice. */
export const priceInEffectSql = (location: string, currency: string): string =>
  `(vp.location_id IS NULL OR vp.location_id = ${location}) AND vp.channel = 'default' AND vp.currency = ${currency}
    AND vp.effective_from_ms <= ? AND (vp.effective_to_ms IS NULL OR vp.effective_to_ms > ?)`;

/** Of several prices in effect the one that is paid comes first. */
export const PRICE_ORDER_SQL = "vp.location_id IS NULL, vp.effective_from_ms DESC";
