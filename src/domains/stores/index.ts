export { storeEvents } from "./events.ts";
export { findStores, listStores, publicStore, readStore } from "./reader.ts";
export { storeRoutes } from "./routes.ts";
export { Address, PublicStore, Store } from "./schemas.ts";
export { locations, stores } from "./tables.ts";
