import { type ApiClient, pages } from "./api-client.ts";
import { inLanes } from "./in-lanes.ts";

export type FleetTenant = {
  tenant_id: string;
  slug: string;
  schema_version: number;
};

export type MigratedTenant = { tenant_id: string; from_version: number; to_version: number; applied: string[] };

export type FleetReport = {
  seen: number;
  up_to_date: number;
  migrated: (MigratedTenant & { slug: string })[];
  failed: { slug: string; problem: string }[];
};

export type FleetOptions = {
  /** Also those whose registered version is the newest already. */
  all?: boolean;
  onProgress?: (report: FleetReport) => void;
};

/**
 * Brings every tenant database to the Worker's newest version, four at a time. A tenant that fails is in nobody's way and is
 * reported; running again takes up what is left, since tenants at the newest version are passed over.
 */
export async function migrateFleet(operator: ApiClient, options: FleetOptions): Promise<FleetReport> {
  const report: FleetReport = { seen: 0, up_to_date: 0, migrated: [], failed: [] };
  // What "newest" is, the Worker knows: it says so in its first answer.
  let newest: number | undefined;
  const bringUp = async (tenant: FleetTenant) => {
    report.seen++;
    if (!options.all && tenant.schema_version === newest) report.up_to_date++;
    else {
      try {
        const done = await operator.post<MigratedTenant>(`/internal/tenants/${tenant.slug}/migrate`);
        newest = Math.max(newest ?? 0, done.to_version);
        if (done.applied.length > 0) report.migrated.push({ ...done, slug: tenant.slug });
        else report.up_to_date++;
      } catch (error) {
        report.failed.push({ slug: tenant.slug, problem: error instanceof Error ? error.message : String(error) });
      }
    }
    options.onProgress?.(report);
  };
  for await (const page of pages<FleetTenant>(operator, "/internal/tenants")) {
    await inLanes(page, bringUp);
  }
  return report;
}
