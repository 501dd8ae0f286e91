import type { WantedHandlers } from "../../platform/queues/handlers.ts";
import { copyImages } from "./images/copy-images.ts";
import { type NamesImage, sweepImages } from "./images/sweep-images.ts";
import { runQueuedIngestion } from "./run-queued-ingestion.ts";

export { ALLERGENS } from "./canonical.ts";
export { catalogEvents } from "./events.ts";
export { catalogRoutes } from "./routes.ts";
export type { Category, Product, Variant } from "./schemas.ts";
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
  copy_images: copyImages,
  sweep_images: sweepImages(namesImage),
});
