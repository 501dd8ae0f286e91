import { join } from "node:path";
import type { ApiClient } from "../api-client.ts";
import { inLanes } from "../in-lanes.ts";
import { type CellTenant, type Dump, type Progress, readManifest, tenantsOf } from "./backup-cell.ts";
import { type DatabaseAccess, DatabaseError, query } from "./connection.ts";
import { readDump } from "./dump-file.ts";
import { loadDatabase, renewEpoch, verifyDatabase } from "./load-database.ts";
import { databasePath, reachDatabase } from "./reach-database.ts";

export type RestoreReport = {
  cell_id: string;
  central: "restored" | "left";
  /** Slugs: put in place; there already and left so; living elsewhere, by the directory, or not at all; of the cell and not in the backup. */
  restored: string[];
  left: string[];
  elsewhere: string[];
  not_in_backup: string[];
  failed: { slug: string; problem: string }[];
};

export type RestoreOptions = {
  /** Default: the cell that was dumped. */
  cell_id?: string;
  /** Also over databases that are there; never over a central database that has tenants. */
  replace?: boolean;
  /** This tenant alone. */
  only?: string;
  onProgress?: Progress;
};

/**
 * Puts a backup's databases back where they are missing: the central one where it is lost, then each tenant's that the directory says lives
 * in the cell. Each is filled and verified under another name and takes its place whole, with a new epoch. May be run again.
 */
export async function restoreCell(operator: ApiClient, dir: string, options: RestoreOptions = {}): Promise<RestoreReport> {
  const manifest = readManifest(dir);
  const cell_id = options.cell_id ?? manifest.cell_id;
  const report: RestoreReport = { cell_id, central: "left", restored: [], left: [], elsewhere: [], not_in_backup: [], failed: [] };
  const { namespace } = await operator.get<{ namespace: string }>("/internal/central");
  if (await isCentralLost(operator, namespace)) {
    await putInPlace(operator, "central", namespace, dir, manifest.central, true);
    report.central = "restored";
  }
  // The backup may be older than this Worker.
  await operator.post("/internal/central/migrate");

  const living = new Map((await tenantsOf(operator, cell_id)).map((tenant) => [tenant.tenant_id, tenant]));
  const held = new Set(manifest.tenants.map(({ tenant_id }) => tenant_id));
  const wanted = manifest.tenants.filter(({ slug }) => options.only === undefined || options.only === slug);
  if (wanted.length === 0 && options.only !== undefined) throw new Error(`${options.only} is not in ${dir}`);
  if (!options.only) report.not_in_backup = [...living.values()].filter(({ tenant_id }) => !held.has(tenant_id)).map(({ slug }) => slug);
  let done = 0;
  await inLanes(wanted, async (dump) => {
    try {
      const outcome = await restoreTenant(operator, living.get(dump.tenant_id), dir, dump, options.replace ?? false);
      report[outcome].push(dump.slug);
    } catch (error) {
      report.failed.push({ slug: dump.slug, problem: error instanceof Error ? error.message : String(error) });
    }
    options.onProgress?.(++done, wanted.length);
  });
  return report;
}

async function restoreTenant(
  operator: ApiClient,
  tenant: CellTenant | undefined,
  dir: string,
  dump: Dump,
  replace: boolean,
): Promise<"restored" | "left" | "elsewhere"> {
  // A copy of it beside the one that is lived in would be written to by nobody, or worse, by somebody.
  if (!tenant) return "elsewhere";
  const { cell_id, namespace } = tenant;
  if (!replace && (await isThere(await reachDatabase(operator, cell_id, namespace, "ro")))) return "left";
  await putInPlace(operator, cell_id, namespace, dir, dump, replace);
  return "restored";
}

async function putInPlace(
  operator: ApiClient,
  cellId: string,
  namespace: string,
  dir: string,
  dump: Dump,
  replace: boolean,
): Promise<void> {
  const filling = `restoring-${namespace}`;
  const path = databasePath(cellId, filling);
  // What an earlier run was killed over.
  await operator.delete(path);
  await operator.put(path);
  const reach = () => reachDatabase(operator, cellId, filling, "rw");
  await loadDatabase(reach, readDump(join(dir, dump.file)));
  await verifyDatabase(await reach(), dump.fingerprint);
  await renewEpoch(await reach());
  await operator.post(`${databasePath(cellId, namespace)}/restore`, { from: filling, replace });
  await operator.delete(path);
}

/** It is not there, or it is new: tables at most, made by a Worker that found none. */
async function isCentralLost(operator: ApiClient, namespace: string): Promise<boolean> {
  const access = await reachDatabase(operator, "central", namespace, "ro");
  if (!(await isThere(access))) return true;
  const tables = await query(access, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'tenants'");
  return tables.length === 0 || (await query(access, "SELECT 1 FROM tenants LIMIT 1")).length === 0;
}

/** Throws where the node does not answer. */
async function isThere(access: DatabaseAccess): Promise<boolean> {
  try {
    await query(access, "SELECT 1");
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.status === 404) return false;
    throw error;
  }
}
