export { menuWantedHandlers } from "./consumer.ts";
export { menuEvents } from "./events.ts";
export { menuRoutes } from "./routes.ts";
export { namedByMenus } from "./show-images.ts";
export { StoredDocument } from "./stored-document.ts";
export { cachedMenu, currentMenu, dropCachedMenu, isCurrentMenu, remeasureMenu, type StoreMenu } from "./storefront-cache.ts";
export type { StorefrontCategory, StorefrontDocument, StorefrontItem, StorefrontModifierGroup } from "./storefront-document.ts";
