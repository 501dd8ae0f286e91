export { syncRoutes } from "./sync-routes.ts";
export { terminalRoutes } from "./terminals/terminal-routes.ts";
