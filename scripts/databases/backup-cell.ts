import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type ApiClient, pages } from "../api-client.ts";
import { inLanes } from "../in-lanes.ts";
import { writeDump } from "./dump-file.ts";
import { reachDatabase } from "./reach-database.ts";
import { dumpDatabase } from "./read-database.ts";

const Dump = z.object({
  namespace: z.string(),
  /** Beside the manifest. */
  file: z.string(),
  bytes: z.int(),
  fingerprint: z.object({
    schema_sha256: z.string(),
    tables: z.record(z.string(), z.object({ rows: z.int(), sha256: z.string() })),
  }),
});

export const Manifest = z.object({
  format: z.literal("servery-cell/1"),
  cell_id: z.string(),
  begun_at: z.iso.datetime(),
  ended_at: z.iso.datetime(),
  central: Dump,
  tenants: z.array(Dump.extend({ tenant_id: z.string(), slug: z.string() })),
  failed: z.array(z.object({ slug: z.string(), problem: z.string() })),
});

export type Dump = z.infer<typeof Dump>;
export type Manifest = z.infer<typeof Manifest>;

export type CellTenant = { tenant_id: string; slug: string; cell_id: string; namespace: string; status: string };

export type Progress = (done: number, all: number) => void;

const manifestName = "manifest.json";

/** Tenants of one cell whose databases stand, by slug. */
export async function tenantsOf(operator: ApiClient, cellId: string): Promise<CellTenant[]> {
  const tenants: CellTenant[] = [];
  for await (const page of pages<CellTenant>(operator, "/internal/tenants", 500)) {
    tenants.push(...page.filter((tenant) => tenant.cell_id === cellId && tenant.status === "active"));
  }
  return tenants;
}

/**
 * Dumps the central database and every tenant's database of a cell into `dir`, which must not hold anything, each as of one moment of its
 * own, while they are read and written. A tenant that fails is named in the manifest and holds up nobody. Without its manifest, which is
 * written last, a directory is no backup.
 */
export async function backupCell(
  operator: ApiClient,
  cellId: string,
  dir: string,
  now: () => Date,
  onProgress?: Progress,
): Promise<Manifest> {
  if (existsSync(dir) && readdirSync(dir).length > 0) throw new Error(`${dir} is not empty`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const begunAt = now();
  const central = await operator.get<{ namespace: string }>("/internal/central");
  const dump = async (cell: string, namespace: string, file: string): Promise<Dump> => {
    const path = join(dir, file);
    const fingerprint = await writeDump(path, dumpDatabase(await reachDatabase(operator, cell, namespace, "ro")));
    return { namespace, file, bytes: statSync(path).size, fingerprint };
  };
  const tenants = await tenantsOf(operator, cellId);
  const dumped: Manifest["tenants"] = [];
  const failed: Manifest["failed"] = [];
  await inLanes(tenants, async ({ tenant_id, slug, namespace }) => {
    try {
      dumped.push({ tenant_id, slug, ...(await dump(cellId, namespace, `${namespace}.sql.gz`)) });
    } catch (error) {
      failed.push({ slug, problem: error instanceof Error ? error.message : String(error) });
    }
    onProgress?.(dumped.length + failed.length, tenants.length);
  });
  // Last: a key or a domain that was made meanwhile is in it.
  const centralDump = await dump("central", central.namespace, "central.sql.gz");
  const manifest: Manifest = {
    format: "servery-cell/1",
    cell_id: cellId,
    begun_at: begunAt.toISOString(),
    ended_at: now().toISOString(),
    central: centralDump,
    tenants: dumped.sort((a, b) => (a.slug < b.slug ? -1 : 1)),
    failed,
  };
  const path = join(dir, manifestName);
  writeFileSync(`${path}.part`, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.part`, path);
  return manifest;
}

/** Throws where `dir` is no backup, or not one of this format. */
export function readManifest(dir: string): Manifest {
  const path = join(dir, manifestName);
  if (!existsSync(path)) throw new Error(`${dir} holds no ${manifestName}: it is no backup, or one that was cut`);
  const manifest = Manifest.parse(JSON.parse(readFileSync(path, "utf8")));
  for (const { file, bytes } of [manifest.central, ...manifest.tenants]) {
    const found = existsSync(join(dir, file)) ? statSync(join(dir, file)).size : 0;
    if (found !== bytes) throw new Error(`${join(dir, file)} has ${found} bytes, not ${bytes}`);
  }
  return manifest;
}
