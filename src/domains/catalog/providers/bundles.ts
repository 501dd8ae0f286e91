import type { CanonicalVariant } from "../canonical.ts";
import type { CanonicalRows, Refusal } from "./canonical-rows.ts";

/**
 * Refuses bundles of bundles, so that no refusal here can cause another, and with `"refused"` also bundles of what was not taken in from this
 * payload; with `"earlier"` that may have come before.
 */
export function settleBundles(rows: CanonicalRows, unknown: "refused" | "earlier"): void {
  const isBundle = new Map(rows.catalog.products.flatMap(({ variants }) => variants.map((one) => [one.item_code, one.bundle.length > 0])));
  const refusalOf = (variant: CanonicalVariant): Refusal | null => {
    for (const { item_code } of variant.bundle) {
      const component = isBundle.get(item_code);
      if (component === undefined && unknown === "refused") {
        return { reason: "BUNDLE_ITEM_UNKNOWN", message: `The bundle holds "${item_code}", which was not taken in from this payload.` };
      }
      if (component) return { reason: "BUNDLE_NESTED", message: `The bundle holds "${item_code}", which is a bundle itself.` };
    }
    return null;
  };
  for (const product of rows.catalog.products) {
    product.variants = product.variants.filter((variant) => {
      const refusal = refusalOf(variant);
      if (refusal !== null) rows.refuse(variant, refusal);
      return refusal === null;
    });
  }
  rows.catalog.products = rows.catalog.products.filter(({ variants }) => variants.length > 0);
}
