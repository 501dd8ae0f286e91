import { AppError } from "../../kernel/errors.ts";
import { deleteNamespace } from "../db/namespaces.ts";
import { statement } from "../db/statement.ts";
import type { Tenant } from "../db/tenant.ts";
import type { PlatformScope } from "../http/endpoint.ts";
import { readCell } from "./cells.ts";
import { changeCentral } from "./change-central.ts";
import { type Move, requireMove } from "./move.ts";

/** Longer than any isolate goes on looking for a tenant at its old place. */
const GRACE_MS = 60_000;

/** Drops what a move left in the old cell. `now`: even where somebody may still read it. Throws CONFLICT where that is the tenant's home. */
export async function dropCopy(scope: PlatformScope, tenant: Tenant, now: boolean): Promise<Move> {
  const move = await requireMove(scope.central, tenant.tenant_id);
  if (move.state !== "switched" || tenant.database.namespace === move.from_namespace)
    throw new AppError("CONFLICT", { detail: `${tenant.slug} lives in cell ${move.from_cell_id}: there is no copy to drop.` });
  const leftMs = Number(move.switched_at_ms) + GRACE_MS - scope.clock.now();
  if (leftMs > 0 && !now)
    throw new AppError("CONFLICT", { detail: `The copy may still be read from. Drop it in ${Math.ceil(leftMs / 1000)} s.` });
  const from = await readCell(scope, move.from_cell_id);
  await deleteNamespace(from.admin, move.from_namespace);
  await changeCentral(scope, [
    statement("DELETE FROM moves WHERE tenant_id = ? AND from_namespace = ? AND state = 'switched'", move.tenant_id, move.from_namespace),
  ]);
  return move;
}
