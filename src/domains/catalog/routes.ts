import type { Endpoint } from "../../platform/http/endpoint.ts";
import { categoryRoutes } from "./category-routes.ts";
import { imageRoutes } from "./images/image-routes.ts";
import { modifierRoutes } from "./modifier-routes.ts";
import { priceRoutes } from "./price-routes.ts";
import { productRoutes } from "./product-routes.ts";
import { sourceRoutes } from "./source-routes.ts";
import { variantRoutes } from "./variant-routes.ts";
import { versionRoutes } from "./version-routes.ts";
import { webhookRoutes } from "./webhooks/routes.ts";

export const catalogRoutes: Endpoint[] = [
  ...sourceRoutes,
  ...imageRoutes,
  ...webhookRoutes,
  ...productRoutes,
  ...variantRoutes,
  ...versionRoutes,
  ...categoryRoutes,
  ...modifierRoutes,
  ...priceRoutes,
];
