import type { CanonicalRows } from "./canonical-rows.ts";
import { statedQuantity } from "./stated-amounts.ts";
import { type Json, statedId, statedTime, text } from "./stated-values.ts";

/** An object of the payload and where it stands. */
export interface Placed {
  value: Json;
  position: string;
}

/** Whether Shopify counts the variant; older answers say who does, newer ones leave that to the inventory item. */
const isCounted = ({ inventory_management }: Json): boolean => text(inventory_management) !== null;

/**
 * Stock by location, from inventory levels whose item is a variant of this payload: the variant names the item, or the item's SKU is the
 * variant's. A counted variant without any has the sum that it states itself, at the one place.
 */
export function mapStock(rows: CanonicalRows, variants: readonly Placed[], levels: readonly Placed[], items: readonly Json[]): void {
  const variantOf = new Map<string, string>();
  const bySku = new Map<string, string>();
  const untracked = new Set<string>();
  for (const { value } of variants) {
    const [id, item, sku] = [statedId(value.id), statedId(value.inventory_item_id), statedId(value.sku)];
    if (id === null) continue;
    if (item !== null && !variantOf.has(item)) variantOf.set(item, id);
    if (sku !== null && !bySku.has(sku)) bySku.set(sku, id);
    if (value.inventory_management === null) untracked.add(id);
  }
  for (const { id, sku, tracked } of items) {
    const [item, code] = [statedId(id), statedId(sku)];
    const variant = item === null ? undefined : (variantOf.get(item) ?? bySku.get(code ?? ""));
    if (item === null || variant === undefined) continue;
    variantOf.set(item, variant);
    if (tracked === false) untracked.add(variant);
  }
  const located = new Set<string>();
  for (const { value, position } of levels) {
    const variant = variantOf.get(statedId(value.inventory_item_id) ?? "");
    const location = statedId(value.location_id);
    const quantity = statedQuantity(value.available);
    if (variant === undefined || location === null || quantity === null || untracked.has(variant)) continue;
    located.add(variant);
    rows.addStock({
      position,
      variant_external_id: variant,
      location_external_id: location,
      quantity_e4: quantity,
      counted_at_ms: statedTime(value.updated_at),
    });
  }
  for (const { value, position } of variants) {
    const id = statedId(value.id);
    const quantity = statedQuantity(value.inventory_quantity);
    if (id === null || quantity === null || !isCounted(value) || located.has(id) || untracked.has(id)) continue;
    rows.addStock({ position, variant_external_id: id, location_external_id: null, quantity_e4: quantity, counted_at_ms: null });
  }
}
