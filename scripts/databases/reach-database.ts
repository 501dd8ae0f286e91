import type { ApiClient } from "../api-client.ts";
import type { DatabaseAccess } from "./connection.ts";

/** The path of a database among the operator's routes. `central` is a cell id too. */
export const databasePath = (cellId: string, namespace: string): string =>
  `/internal/cells/${encodeURIComponent(cellId)}/databases/${encodeURIComponent(namespace)}`;

/** Where a database is, with a token that is good for two minutes at least. */
export const reachDatabase = (operator: ApiClient, cellId: string, namespace: string, access: "ro" | "rw"): Promise<DatabaseAccess> =>
  operator.post<DatabaseAccess>(`${databasePath(cellId, namespace)}/access`, { access });
