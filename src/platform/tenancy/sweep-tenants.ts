import { statement } from "../db/statement.ts";
import type { Runtime } from "../http/runtime.ts";
import { logEvent } from "../observability/log.ts";
import { writerClient } from "../writer/client.ts";
import { TENANT_COLUMNS, tenantOf } from "./directory.ts";

const MINUTES = 60;
const TENANTS_PER_MINUTE = 500;

/**
 * Every minute a sixtieth of the tenants, and the central database: their writers remove what has expired and send what is wanted. The
 * writers' own alarms do the same sooner; this is for the alarm that was lost with its object.
 */
export async function sweepTenants(runtime: Runtime, scheduledMs: number): Promise<void> {
  const minute = Math.floor(scheduledMs / 60_000) % MINUTES;
  const [rows = []] = await runtime.central.read([
    statement(
      `SELECT ${TENANT_COLUMNS}
       FROM tenants t JOIN cells c ON c.cell_id = t.cell_id
       WHERE t.status = 'active' AND (unicode(substr(t.tenant_id, -1)) * 16 + unicode(substr(t.tenant_id, -2, 1))) % ? = ? ORDER BY t.tenant_id LIMIT ?`,
      MINUTES,
      minute,
      TENANTS_PER_MINUTE,
    ),
  ]);
  const writer = writerClient(runtime.bindings.TENANT_WRITER, runtime.config);
  const databases = [runtime.central.database, ...rows.map((row) => tenantOf(row).database)];
  let failed = 0;
  for (const database of databases) {
    try {
      await writer.sweep(database);
    } catch (error) {
      failed += 1;
      logEvent("sweep.tenant_failed", { tenant: database.id, reason: String(error) });
    }
  }
  logEvent("sweep.done", { minute, tenants: databases.length - 1, failed });
}
