import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../api-client.ts";
import { query, runStatements } from "../databases/connection.ts";
import { reachDatabase } from "../databases/reach-database.ts";
import { textOf } from "../databases/schema.ts";
import { inLanes } from "../in-lanes.ts";
import { type FleetReport, migrateFleet } from "../migrate-fleet.ts";
import type { FleetTenant } from "./provision-tenant.ts";

export type FleetMigration = {
  from_version: number;
  to_version: number;
  /** How many were migrated when the first run was killed. */
  migrated_when_killed: number;
  /** The run after it: past one that fails. */
  resumed: Pick<FleetReport, "seen" | "up_to_date" | "failed"> & { migrated: number; seconds: number };
  /** The next one, with nothing left but the one that fails, and the last one, when it was mended. */
  again: Pick<FleetReport, "up_to_date" | "failed"> & { migrated: number; seconds: number };
  mended: { slug: string; migrated: number; failed: number };
};

const root = resolve(import.meta.dirname, "../..");
const namespaceOf = (slug: string): string => `t-${slug}`;
const cell = "local";

/**
 * Takes every tenant back by one file, as if the Worker had just been deployed with it, and migrates them: a first run is killed half way, a
 * second goes on and passes one tenant whose record was altered by hand, a third has nothing to do, a fourth takes the one that was mended.
 */
export async function migrateRun(
  operator: ApiClient,
  operatorKey: string,
  tenants: readonly FleetTenant[],
  onStep: (line: string) => void,
): Promise<FleetMigration> {
  const rw = (slug: string) => reachDatabase(operator, cell, namespaceOf(slug), "rw");
  const { namespace } = await operator.get<{ namespace: string }>("/internal/central");
  const central = () => reachDatabase(operator, "central", namespace, "rw");
  const broken = tenants[Math.floor(tenants.length / 2)] as FleetTenant;
  const [newest] = await query(await rw(broken.slug), "SELECT version, name FROM schema_migrations ORDER BY version DESC LIMIT 1");
  const [toVersion = "", name = ""] = (newest ?? []).map(textOf);
  const undo = undoing(readFileSync(join(root, `migrations/${name}.sql`), "utf8"), Number(toVersion));
  await inLanes(tenants, async ({ slug }) => runStatements(await rw(slug), undo));
  await runStatements(await central(), `UPDATE tenants SET schema_version = ${Number(toVersion) - 1}`);
  onStep(`all are back at version ${Number(toVersion) - 1}`);

  const alter = async (change: string) =>
    runStatements(await rw(broken.slug), `UPDATE schema_migrations SET sha256 = ${change} WHERE version = 2`);
  await alter("'altered ' || sha256");

  const migrated = async () => {
    const [row] = await query(await central(), `SELECT count(*) FROM tenants WHERE schema_version = ${toVersion}`);
    return Number(row?.map(textOf)[0]);
  };
  const first = spawn(
    process.execPath,
    [join(root, "scripts/migrate.ts"), "--base-url", operator.base_url, "--operator-key", operatorKey],
    {
      stdio: "ignore",
    },
  );
  const ended = new Promise((resolve) => first.once("exit", resolve));
  while (first.exitCode === null && (await migrated()) < tenants.length / 2) await sleep(20);
  first.kill("SIGKILL");
  await ended;
  const migrated_when_killed = await migrated();
  onStep(`the first run was killed with ${migrated_when_killed} of ${tenants.length} migrated`);

  const run = async () => {
    const startedMs = performance.now();
    const report = await migrateFleet(operator, {});
    return { ...report, migrated: report.migrated.length, seconds: (performance.now() - startedMs) / 1000 };
  };
  const resumed = await run();
  onStep(
    `the second migrated ${resumed.migrated}, passed ${resumed.up_to_date}, and reports ${resumed.failed.map(({ slug }) => slug).join(", ")}`,
  );
  const again = await run();
  onStep(`the third migrated ${again.migrated} and passed ${again.up_to_date} in ${again.seconds.toFixed(1)} s`);
  await alter("substr(sha256, 9)");
  const last = await run();
  onStep(`mended, ${broken.slug} was migrated`);
  return {
    from_version: Number(toVersion) - 1,
    to_version: Number(toVersion),
    migrated_when_killed,
    resumed,
    again,
    mended: { slug: broken.slug, migrated: last.migrated, failed: last.failed.length },
  };
}

/** The statements that take back a migration which only adds tables, indexes and columns. Throws for one that does more. */
function undoing(sql: string, version: number): string {
  const drops = sql
    .replaceAll(/--.*$/gm, "")
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "")
    .map((statement) => {
      const [, table] = /^CREATE TABLE (\w+)/i.exec(statement) ?? [];
      const [, index] = /^CREATE (?:UNIQUE )?INDEX (\w+)/i.exec(statement) ?? [];
      const [, altered, column] = /^ALTER TABLE (\w+) ADD COLUMN (\w+)/i.exec(statement) ?? [];
      if (table) return `DROP TABLE ${table};`;
      if (index) return `DROP INDEX ${index};`;
      if (altered) return `ALTER TABLE ${altered} DROP COLUMN ${column};`;
      throw new Error(`version ${version} cannot be taken back: ${statement.slice(0, 100)}`);
    });
  const record = `DELETE FROM schema_migrations WHERE version = ${version};`;
  return `PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE; ${drops.reverse().join(" ")} ${record} COMMIT;`;
}
