import { AppError } from "../../kernel/errors.ts";
import { deleteNamespace, forkNamespace, isWriteBlocked } from "../db/namespaces.ts";
import { statement } from "../db/statement.ts";
import type { PlatformScope } from "../http/endpoint.ts";
import { type WriterClient, writerClient } from "../writer/client.ts";
import { CENTRAL_CELL, type Cell, databaseIn } from "./cells.ts";
import { changeCentral } from "./change-central.ts";
import { forgetDirectory, readTenant } from "./directory.ts";

export interface Restoring {
  namespace: string;
  /** The database beside it that holds what is to be in it, with an epoch of its own. */
  from: string;
  /** What is there now goes. Without it a database that is there is a CONFLICT. */
  replace: boolean;
}

/**
 * Puts a database that was filled under another name in its place, whole at once, so that nobody reads or writes half of it; the writer
 * forgets what it remembered of the one before. A central database that has tenants is never replaced. Throws NOT_FOUND for a name under which nobody lives.
 */
export async function restoreDatabase(scope: PlatformScope, cell: Cell, { namespace, from, replace }: Restoring): Promise<void> {
  const isCentral = cell.cell_id === CENTRAL_CELL && namespace === scope.config.CENTRAL.namespace;
  const tenantId = isCentral ? null : await tenantOf(scope, cell, namespace);
  if (from === namespace || (await isWriteBlocked(cell.admin, from)) === null)
    throw new AppError("NOT_FOUND", { detail: `Cell ${cell.cell_id} has no database ${from} to take.` });
  if (replace) {
    if (isCentral && (await hasTenants(scope, cell, namespace)))
      throw new AppError("CONFLICT", { detail: "The central database has tenants: it is not replaced." });
    await deleteNamespace(cell.admin, namespace);
  }
  if (!(await forkNamespace(cell.admin, from, namespace)))
    throw new AppError("CONFLICT", { detail: `Cell ${cell.cell_id} has a database ${namespace}.` });
  const writer = writerClient(scope.bindings.TENANT_WRITER, scope.config);
  if (tenantId === null) await writer.forget(scope.central.database);
  else await placeAnew(scope, writer, tenantId);
  forgetDirectory();
}

async function tenantOf(scope: PlatformScope, cell: Cell, namespace: string): Promise<string> {
  const [rows] = await scope.central.read(
    [
      statement(
        `SELECT t.tenant_id, m.state FROM tenants t LEFT JOIN moves m ON m.tenant_id = t.tenant_id
         WHERE t.namespace = ? AND t.cell_id = ?`,
        namespace,
        cell.cell_id,
      ),
    ],
    { fresh: true },
  );
  const row = rows?.[0];
  if (!row) throw new AppError("NOT_FOUND", { detail: `No tenant lives in ${namespace} of cell ${cell.cell_id}.` });
  if (row["state"] === "copying")
    throw new AppError("CONFLICT", { detail: `${namespace} is being copied by a move: finish or cancel that.` });
  return String(row["tenant_id"]);
}

async function hasTenants(scope: PlatformScope, cell: Cell, namespace: string): Promise<boolean> {
  if ((await isWriteBlocked(cell.admin, namespace)) === null) return false;
  const database = scope.open(databaseIn(cell, namespace));
  const [tables] = await database.read([statement("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'tenants'")], {
    fresh: true,
  });
  if (!tables?.[0]) return false;
  const [rows] = await database.read([statement("SELECT 1 FROM tenants LIMIT 1")], { fresh: true });
  return rows?.[0] !== undefined;
}

async function placeAnew(scope: PlatformScope, writer: WriterClient, tenantId: string): Promise<void> {
  await changeCentral(scope, [
    statement("UPDATE tenants SET placed_at_ms = max(placed_at_ms + 1, ?) WHERE tenant_id = ?", scope.clock.now(), tenantId),
    { guard: "NOT_FOUND" },
  ]);
  const tenant = await readTenant(scope.central, tenantId);
  if (!tenant) return;
  await writer.forget(tenant.database);
  await writer.sweep(tenant.database);
}
