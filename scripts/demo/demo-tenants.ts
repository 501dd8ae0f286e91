import type { DemoTenant } from "./demo-tenant.ts";
import { grocer } from "./grocer.ts";
import { kopi } from "./kopi.ts";

/** What npm start brings in. */
export const demoTenants: readonly DemoTenant[] = [kopi, grocer];
