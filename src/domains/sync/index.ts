export { terminalRoutes } from "./terminals/terminal-routes.ts";
