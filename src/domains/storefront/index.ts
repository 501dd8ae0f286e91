export { STOREFRONT_CACHE_CONTROL } from "./document-response.ts";
export { findMenu } from "./find-menu.ts";
export { storefrontRoutes } from "./routes.ts";
