import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle } from "../db/database.ts";
import { isWriteBlocked } from "../db/namespaces.ts";
import { statement } from "../db/statement.ts";
import type { Tenant } from "../db/tenant.ts";
import type { PlatformScope } from "../http/endpoint.ts";
import { writerClient } from "../writer/client.ts";
import { databaseIn, readCell } from "./cells.ts";
import { changeCentral } from "./change-central.ts";
import { forgetDirectory, readTenant } from "./directory.ts";
import { type Move, requireMove } from "./move.ts";

/**
 * From here on the tenant lives in `toNamespace` of the new cell. Throws CONFLICT where the move was begun anew with another database
 * meanwhile, where the old database takes writes, or where the new one does not hold the same commits under an epoch of its own. Done
 * again it only tells the writer again.
 */
export async function switchMove(scope: PlatformScope, tenant: Tenant, toNamespace: string): Promise<Move> {
  const move = await requireMove(scope.central, tenant.tenant_id);
  if (move.state === "cancelling") throw new AppError("CONFLICT", { detail: "The move is being cancelled." });
  if (move.to_namespace !== toNamespace) throw new AppError("CONFLICT", { detail: "The move was begun again by somebody else." });
  if (move.state === "copying") {
    await assertCopied(scope, move);
    await recordSwitch(scope, move);
  }
  forgetDirectory();
  const moved = await readTenant(scope.central, tenant.tenant_id);
  // Its alarm and what waits for it go to the new place at once, not with the next request.
  if (moved) await writerClient(scope.bindings.TENANT_WRITER, scope.config).sweep(moved.database);
  return requireMove(scope.central, tenant.tenant_id);
}

async function assertCopied(scope: PlatformScope, move: Move): Promise<void> {
  const [from, to] = [await readCell(scope, move.from_cell_id), await readCell(scope, move.to_cell_id)];
  if ((await isWriteBlocked(from.admin, move.from_namespace)) !== true)
    throw new AppError("CONFLICT", { detail: "The old database is open to writes: begin the move again." });
  const old = await readPosition(scope.open(databaseIn(from, move.from_namespace)));
  const copy = await readPosition(scope.open(databaseIn(to, move.to_namespace)));
  if (old.commits !== copy.commits) throw new AppError("CONFLICT", { detail: "The new database does not hold what the old one does." });
  if (old.epoch === copy.epoch) throw new AppError("CONFLICT", { detail: "The new database has the old one's epoch." });
}

async function readPosition(database: DatabaseHandle): Promise<{ epoch: string; commits: string }> {
  const [rows] = await database.read(
    [
      statement(
        `SELECT epoch, json_array(commit_seq, last_event_sequence, (SELECT count(*) FROM schema_migrations),
           (SELECT count(*) FROM receipts), (SELECT count(*) FROM batches)) AS commits FROM commit_state`,
      ),
    ],
    { fresh: true },
  );
  return { epoch: String(rows?.[0]?.["epoch"]), commits: String(rows?.[0]?.["commits"]) };
}

const recordSwitch = (scope: PlatformScope, move: Move): Promise<void> =>
  changeCentral(scope, [
    statement(
      "UPDATE moves SET state = 'switched', switched_at_ms = ? WHERE tenant_id = ? AND state = 'copying' AND to_namespace = ?",
      scope.clock.now(),
      move.tenant_id,
      move.to_namespace,
    ),
    { guard: "CONFLICT" },
    statement(
      "UPDATE tenants SET cell_id = ?, namespace = ?, placed_at_ms = max(placed_at_ms + 1, ?) WHERE tenant_id = ? AND namespace = ?",
      move.to_cell_id,
      move.to_namespace,
      scope.clock.now(),
      move.tenant_id,
      move.from_namespace,
    ),
    { guard: "CONFLICT" },
  ]);
