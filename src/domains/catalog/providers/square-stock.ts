import type { CanonicalRows } from "./canonical-rows.ts";
import { statedQuantity } from "./stated-amounts.ts";
import { type Json, list, record, statedTime, text } from "./stated-values.ts";

interface CountList {
  values: readonly unknown[];
  position: string;
}

/** The payload's inventory counts, as an answer or inside the webhook that brings them; null where it has no such list. */
function locateCounts(payload: unknown): CountList | null {
  const whole = record(payload);
  const inside = record(record(whole.data).object);
  const places: [Json, string, string][] = [
    [whole, "counts", "counts"],
    [whole, "inventory_counts", "inventory_counts"],
    [inside, "inventory_counts", "data.object.inventory_counts"],
  ];
  for (const [holder, field, position] of places) {
    if (Array.isArray(holder[field])) return { values: list(holder[field]), position };
  }
  return null;
}

/** Whether the payload speaks of stock, though it may hold no catalogue. */
export const hasCounts = (payload: unknown): boolean => locateCounts(payload) !== null;

/**
 * What is in stock of each variation at each location; snake_case or camelCase. Other states (sold, in transit, waste) are nothing that can be
 * sold. A variation without a count is not counted by Square, which is not zero.
 */
export function mapCounts(rows: CanonicalRows, payload: unknown): void {
  const counts = locateCounts(payload);
  for (const [index, value] of (counts?.values ?? []).entries()) {
    const count = record(value);
    const type = text(count.catalog_object_type ?? count.catalogObjectType);
    const id = text(count.catalog_object_id ?? count.catalogObjectId);
    const quantity = statedQuantity(count.quantity);
    if (id === null || quantity === null || count.state !== "IN_STOCK" || (type !== null && type !== "ITEM_VARIATION")) continue;
    rows.addStock({
      position: `${counts?.position}[${index}]`,
      variant_external_id: id,
      location_external_id: text(count.location_id ?? count.locationId),
      quantity_e4: quantity,
      counted_at_ms: statedTime(count.calculated_at ?? count.calculatedAt),
    });
  }
}
