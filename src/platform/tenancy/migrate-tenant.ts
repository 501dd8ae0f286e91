import { AppError } from "../../kernel/errors.ts";
import type { MigrationReport } from "../db/migrator.ts";
import { statement } from "../db/statement.ts";
import type { Tenant } from "../db/tenant.ts";
import type { PlatformScope } from "../http/endpoint.ts";
import { appliedAnswer } from "../http/reply.ts";
import { writerClient } from "../writer/client.ts";

/** Brings one tenant's database to this Worker's version and records how it went; a failure is recorded, then thrown. */
export async function migrateTenant(scope: PlatformScope, tenant: Tenant): Promise<MigrationReport> {
  const record = (assignments: string, ...args: (string | number | null)[]) =>
    scope.central.write({
      id: scope.clock.newId(),
      lane: "sale",
      wakes: false,
      steps: [statement(`UPDATE tenants SET ${assignments} WHERE tenant_id = ?`, ...args, tenant.tenant_id)],
      answer: { status: 200, select: statement("SELECT json_object()") },
    });
  let report: MigrationReport;
  try {
    report = await writerClient(scope.bindings.TENANT_WRITER, scope.config).migrate(tenant.database);
  } catch (error) {
    await record("last_migration_error = ?", error instanceof AppError ? (error.extras.detail ?? error.code) : String(error));
    throw error;
  }
  appliedAnswer(await record("schema_version = ?, status = 'active', last_migration_error = NULL", report.to_version));
  return report;
}
