import { AppError } from "../../kernel/errors.ts";
import { deleteNamespace, setWriteBlock } from "../db/namespaces.ts";
import { statement } from "../db/statement.ts";
import type { Tenant } from "../db/tenant.ts";
import type { PlatformScope } from "../http/endpoint.ts";
import { logEvent } from "../observability/log.ts";
import { readCell } from "./cells.ts";
import { changeCentral } from "./change-central.ts";
import { requireMove } from "./move.ts";

/** The tenant stays where it is and is written to again; what was copied goes. Throws CONFLICT once it has been switched. */
export async function cancelMove(scope: PlatformScope, tenant: Tenant): Promise<void> {
  const move = await requireMove(scope.central, tenant.tenant_id);
  if (move.state === "switched")
    throw new AppError("CONFLICT", { detail: `${tenant.slug} lives in cell ${move.to_cell_id} already; move it back.` });
  // First: no switch comes after this, so the old database may be opened again.
  await changeCentral(scope, [
    statement(
      "UPDATE moves SET state = 'cancelling' WHERE tenant_id = ? AND to_namespace = ? AND state <> 'switched'",
      move.tenant_id,
      move.to_namespace,
    ),
    { guard: "CONFLICT" },
  ]);
  const [from, to] = [await readCell(scope, move.from_cell_id), await readCell(scope, move.to_cell_id)];
  await setWriteBlock(from.admin, move.from_namespace, null);
  try {
    await deleteNamespace(to.admin, move.to_namespace);
  } catch (error) {
    // The new cell may be why the move is cancelled. Nobody comes to this name again.
    logEvent("move.copy_left", { tenant: move.tenant_id, cell: to.cell_id, namespace: move.to_namespace, reason: String(error) });
  }
  await changeCentral(scope, [
    statement("DELETE FROM moves WHERE tenant_id = ? AND to_namespace = ? AND state = 'cancelling'", move.tenant_id, move.to_namespace),
  ]);
}
