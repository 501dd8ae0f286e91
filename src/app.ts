import { Hono } from "hono";
import { catalogEvents, catalogRoutes, catalogWantedHandlers } from "./domains/catalog/index.ts";
import { eventRoutes, eventsConsumer } from "./domains/events/index.ts";
import {
  inventoryEvents,
  inventoryRoutes,
  inventoryWantedHandlers,
  orderabilityRebuild,
  packOrderability,
  projectOrderability,
  snoozeRoutes,
} from "./domains/inventory/index.ts";
import { mediaRoutes } from "./domains/media/index.ts";
import { menuEvents, menuRoutes, menuWantedHandlers, namedByMenus } from "./domains/menu/index.ts";
import { orderRoutes } from "./domains/orders/index.ts";
import {
  catalogViewRoutes,
  darkStoreProjection,
  orderabilityRoutes,
  pricePreviewRoute,
  projectDarkStores,
  storefrontRoutes,
} from "./domains/storefront/index.ts";
import { darkStoreEvents, darkStoreRoutes, storeEvents, storeRoutes, tradingRoutes } from "./domains/stores/index.ts";
import { rxdbRoutes, syncRoutes, terminalRoutes } from "./domains/sync/index.ts";
import { failurePage } from "./pages/failure-page.ts";
import { referencePageRoutes } from "./pages/reference-page.ts";
import { storefrontPageRoutes } from "./pages/storefront-routes.ts";
import { tillPageRoutes } from "./pages/till-page.ts";
import type { Endpoint } from "./platform/http/endpoint.ts";
import { healthRoutes } from "./platform/http/health.ts";
import { notFound, preflight } from "./platform/http/not-found.ts";
import { referenceRoutes } from "./platform/http/reference.ts";
import { serve } from "./platform/http/serve.ts";
import type { QueueHandlers } from "./platform/queues/dispatch.ts";
import { queueRoutes } from "./platform/queues/routes.ts";
import { tenancyRoutes } from "./platform/tenancy/routes.ts";

const slices: Endpoint[] = [
  ...storefrontRoutes,
  ...mediaRoutes,
  ...orderabilityRoutes,
  ...catalogViewRoutes,
  pricePreviewRoute,
  ...eventRoutes([orderabilityRebuild, darkStoreProjection]),
  ...storeRoutes,
  ...tradingRoutes,
  ...darkStoreRoutes,
  ...inventoryRoutes,
  ...snoozeRoutes,
  ...catalogRoutes,
  ...menuRoutes,
  ...orderRoutes,
  ...terminalRoutes,
  ...syncRoutes,
  ...rxdbRoutes,
  ...queueRoutes,
  ...tenancyRoutes,
  ...healthRoutes,
  ...storefrontPageRoutes,
  ...referencePageRoutes,
  ...tillPageRoutes,
];

/** Every route there is: what is served, what /openapi.json says and what the contract suite runs over. */
export const endpoints: readonly Endpoint[] = [...slices, ...referenceRoutes(slices)];

export const queueHandlers: QueueHandlers = {
  wanted: { ...catalogWantedHandlers(namedByMenus), ...menuWantedHandlers, ...inventoryWantedHandlers },
  events: eventsConsumer({ ...storeEvents, ...darkStoreEvents, ...catalogEvents, ...menuEvents, ...inventoryEvents }, [
    projectOrderability,
    packOrderability,
    projectDarkStores,
  ]),
};

export const app = new Hono<{ Bindings: Env }>();
for (const endpoint of endpoints) serve(app, endpoint, failurePage);
app.options("*", preflight);
app.notFound(notFound(endpoints));
