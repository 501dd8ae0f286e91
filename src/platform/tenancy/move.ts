import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle } from "../db/database.ts";
import { statement } from "../db/statement.ts";

/**
 * A tenant's way to another cell. `copying`: nobody writes, reads come from the old cell. `switched`: it lives in the new cell and the old
 * one keeps a read-only copy until that is dropped. `cancelling`: it stays where it was; what the move made is being removed.
 */
export interface Move {
  tenant_id: string;
  from_cell_id: string;
  from_namespace: string;
  to_cell_id: string;
  to_namespace: string;
  state: "copying" | "cancelling" | "switched";
  started_at_ms: number;
  switched_at_ms: number | null;
}

export async function readMove(central: DatabaseHandle, tenantId: string): Promise<Move | null> {
  const [rows] = await central.read([statement("SELECT * FROM moves WHERE tenant_id = ?", tenantId)], { fresh: true });
  return (rows?.[0] as unknown as Move | undefined) ?? null;
}

/** Throws NOT_FOUND. */
export async function requireMove(central: DatabaseHandle, tenantId: string): Promise<Move> {
  const move = await readMove(central, tenantId);
  if (!move) throw new AppError("NOT_FOUND", { detail: "The tenant is not on the move, and no copy of it was left behind." });
  return move;
}
