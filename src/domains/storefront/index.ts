export { catalogViewRoutes } from "./catalog-view-routes.ts";
export { darkStoreProjection, projectDarkStores } from "./dark-store-projection.ts";
export { STOREFRONT_CACHE_CONTROL } from "./document-response.ts";
export { findMenu } from "./find-menu.ts";
export { type FoundOrderability, findOrderability } from "./orderability-cache.ts";
export { orderabilityRoutes } from "./orderability-routes.ts";
export { pricePreviewRoute } from "./price-preview.ts";
export { storefrontRoutes } from "./routes.ts";
export { type FoundItem, findItems } from "./search-store.ts";
