import { AppError } from "../../kernel/errors.ts";
import { createNamespace, deleteNamespace } from "../db/namespaces.ts";
import { statement } from "../db/statement.ts";
import type { Tenant } from "../db/tenant.ts";
import type { PlatformScope } from "../http/endpoint.ts";
import { writerClient } from "../writer/client.ts";
import { readCell } from "./cells.ts";
import { changeCentral } from "./change-central.ts";
import { type Move, readMove, requireMove } from "./move.ts";
import { tenantNamespace } from "./tenant-namespace.ts";

/**
 * Makes an empty database in the new cell and closes the old one to writes: what can be read there now is everything, for whoever copies it.
 * Done again before the switch it starts over, with another empty database; after the switch it changes nothing. Throws CONFLICT where
 * the tenant cannot move now.
 */
export async function beginMove(scope: PlatformScope, tenant: Tenant, toCellId: string): Promise<Move> {
  const known = await readMove(scope.central, tenant.tenant_id);
  if (known) {
    assertSameMove(known, tenant, toCellId);
    if (known.state === "switched") return known;
  } else if (tenant.cell_id === toCellId || tenant.status !== "active") {
    const why = tenant.status === "active" ? `lives in cell ${toCellId} already` : "is not made yet: create it again";
    throw new AppError("CONFLICT", { detail: `${tenant.slug} ${why}.` });
  }
  const [from, to] = [await readCell(scope, tenant.cell_id), await readCell(scope, toCellId)];
  if (from.primary_url === to.primary_url)
    throw new AppError("CONFLICT", { detail: `Cells ${from.cell_id} and ${to.cell_id} have the same primary.` });

  const namespace = tenantNamespace(tenant.slug, scope.clock.now());
  if (known) {
    // First the record: then nobody switches to the database that goes.
    await startOver(scope, known, namespace);
    await deleteNamespace(to.admin, known.to_namespace);
  } else {
    await recordMove(scope, tenant, toCellId, namespace);
  }
  await createNamespace(to.admin, namespace);
  await writerClient(scope.bindings.TENANT_WRITER, scope.config).fence(tenant.database, from.admin.url, `moving to cell ${toCellId}`);
  return requireMove(scope.central, tenant.tenant_id);
}

function assertSameMove(known: Move, tenant: Tenant, toCellId: string): void {
  if (known.to_cell_id === toCellId && known.state !== "cancelling") return;
  const what = {
    copying: `is on its way to cell ${known.to_cell_id}: finish that or cancel it`,
    cancelling: `has a move to cell ${known.to_cell_id} half cancelled: cancel it again`,
    switched: `still has a copy in cell ${known.from_cell_id}: drop that first`,
  }[known.state];
  throw new AppError("CONFLICT", { detail: `${tenant.slug} ${what}.` });
}

const startOver = (scope: PlatformScope, known: Move, namespace: string): Promise<void> =>
  changeCentral(scope, [
    statement(
      "UPDATE moves SET to_namespace = ? WHERE tenant_id = ? AND state = 'copying' AND to_namespace = ?",
      namespace,
      known.tenant_id,
      known.to_namespace,
    ),
    { guard: "CONFLICT" },
  ]);

const recordMove = (scope: PlatformScope, tenant: Tenant, toCellId: string, namespace: string): Promise<void> =>
  changeCentral(scope, [
    statement(
      `INSERT INTO moves (tenant_id, from_cell_id, from_namespace, to_cell_id, to_namespace, state, started_at_ms)
       SELECT tenant_id, cell_id, namespace, ?, ?, 'copying', ? FROM tenants WHERE tenant_id = ? AND cell_id = ? ON CONFLICT DO NOTHING`,
      toCellId,
      namespace,
      scope.clock.now(),
      tenant.tenant_id,
      tenant.cell_id,
    ),
    { guard: "CONFLICT" },
  ]);
