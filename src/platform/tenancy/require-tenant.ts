import { AppError } from "../../kernel/errors.ts";
import type { Tenant } from "../db/tenant.ts";
import type { PlatformScope } from "../http/endpoint.ts";
import { readTenant } from "./directory.ts";

/** By slug or id, as the central database's primary has it. Throws TENANT_UNKNOWN. */
export async function requireTenant(scope: PlatformScope, reference: string): Promise<Tenant> {
  const tenant = await readTenant(scope.central, reference);
  if (!tenant) throw new AppError("TENANT_UNKNOWN", { detail: `There is no tenant ${reference}.` });
  return tenant;
}
