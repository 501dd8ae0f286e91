import { AppError } from "../../kernel/errors.ts";
import { deleteNamespace } from "../db/namespaces.ts";
import { statement } from "../db/statement.ts";
import type { PlatformScope } from "../http/endpoint.ts";
import type { Cell } from "./cells.ts";
import { isTenantNamespace } from "./tenant-namespace.ts";

/** Drops a database that nobody lives in and no move knows; one that is not there is no error. Throws CONFLICT. */
export async function dropDatabase(scope: PlatformScope, cell: Cell, namespace: string): Promise<void> {
  if (namespace === scope.config.CENTRAL.namespace)
    throw new AppError("CONFLICT", { detail: `${namespace} is what the central database is called.` });
  // Others are nobody's, and may be in the way while the central database itself is being restored.
  if (isTenantNamespace(namespace)) await assertNobodyLives(scope, namespace);
  await deleteNamespace(cell.admin, namespace);
}

async function assertNobodyLives(scope: PlatformScope, namespace: string): Promise<void> {
  const [rows] = await scope.central.read(
    [
      statement(
        `SELECT t.slug FROM tenants t LEFT JOIN moves m ON m.tenant_id = t.tenant_id
         WHERE ? IN (t.namespace, m.from_namespace, m.to_namespace) LIMIT 1`,
        namespace,
      ),
    ],
    { fresh: true },
  );
  const slug = rows?.[0]?.["slug"];
  if (slug !== undefined)
    throw new AppError("CONFLICT", { detail: `${namespace} is where ${slug} lives, or what its move copied or left.` });
}
