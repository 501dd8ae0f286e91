export { rxdbRoutes } from "./rxdb-routes.ts";
export { syncRoutes } from "./sync-routes.ts";
export { terminalRoutes } from "./terminals/terminal-routes.ts";
