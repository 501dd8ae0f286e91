import { AppError } from "../../kernel/errors.ts";
import type { CellAdmin } from "../db/namespaces.ts";
import { statement } from "../db/statement.ts";
import type { Database, Replica } from "../db/tenant.ts";
import type { PlatformScope } from "../http/endpoint.ts";

/** A primary and its replicas, home of many databases. */
export interface Cell {
  cell_id: string;
  admin: CellAdmin;
  primary_url: string;
  replicas: Replica[];
}

/** What the nodes of the central database are called where a cell is asked for. */
export const CENTRAL_CELL = "central";

/** Throws NOT_FOUND. */
export async function readCell(scope: PlatformScope, cellId: string): Promise<Cell> {
  const { CENTRAL, SQLD_ADMIN_KEY } = scope.config;
  const row = cellId === CENTRAL_CELL ? { ...CENTRAL, replicas: JSON.stringify(CENTRAL.replicas) } : await cellRow(scope, cellId);
  if (!row) throw new AppError("NOT_FOUND", { detail: `There is no cell ${cellId}.` });
  return {
    cell_id: cellId,
    admin: { url: String(row["admin_url"]), key: SQLD_ADMIN_KEY },
    primary_url: String(row["primary_url"]),
    replicas: JSON.parse(String(row["replicas"])),
  };
}

async function cellRow(scope: PlatformScope, cellId: string) {
  const [rows] = await scope.central.read([statement("SELECT primary_url, admin_url, replicas FROM cells WHERE cell_id = ?", cellId)], {
    fresh: true,
  });
  return rows?.[0];
}

/** A database in a cell, whoever's it is; for looking into it. */
export const databaseIn = ({ primary_url, replicas }: Cell, namespace: string): Database => ({
  id: namespace,
  namespace,
  primary_url,
  replicas,
  placed_at_ms: 0,
});
