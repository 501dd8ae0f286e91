import type { WantedHandlers } from "../../platform/queues/handlers.ts";
import { copyImages } from "./images/copy-images.ts";
import { type NamesImage, sweepImages } from "./images/sweep-images.ts";
import { turnDuePrices } from "./price-turns.ts";
import { runQueuedIngestion } from "./run-queued-ingestion.ts";
import { gatherNotifications } from "./webhooks/gather-notifications.ts";

export { ALLERGENS } from "./canonical.ts";
export type { Category } from "./category-schemas.ts";
export { effectivePrice, PRICE_ORDER_SQL, type PriceRow, priceInEffectSql } from "./effective-price.ts";
export { catalogEvents } from "./events.ts";
export { type PendingStock, pendingStock, stockCounted } from "./ingestion/stated-stock.ts";
export { PRICES_AN_EVENT, PriceUpdated } from "./price-events.ts";
export { catalogRoutes } from "./routes.ts";
export type { Product, Variant } from "./schemas.ts";
export {
  bundleComponents,
  catalogState,
  categories,
  modifierGroups,
  modifierOptions,
  productCategories,
  productModifierGroups,
  products,
  variantPrices,
  variants,
} from "./tables.ts";
export { VARIANT_DISPLAY_NAME_SQL, VARIANT_VISIBLE_SQL, variantDisplayName } from "./variant-name.ts";

export type { NamesImage };

/** `namesImage`: what else than the catalogue names images, so that the sweep leaves them. */
export const catalogWantedHandlers = (...namesImage: NamesImage[]): WantedHandlers => ({
  run_ingestion: runQueuedIngestion,
  gather_notifications: gatherNotifications,
  turn_prices: turnDuePrices,
  copy_images: copyImages,
  sweep_images: sweepImages(namesImage),
});
