// npm run migrate: the central database, then every tenant. See usage below.
import { parseArgs } from "node:util";
import { operatorClient } from "./api-client.ts";
import { type FleetReport, migrateFleet } from "./migrate-fleet.ts";
import { operatorOptions, resolveOperator } from "./operator-options.ts";
import { showProgress } from "./show-progress.ts";

const usage = `npm run migrate -- [--all] [--json] [--base-url <url>] [--operator-key <key>]

Brings the central database and then every tenant database to the newest version that the Worker at --base-url knows,
four tenants at a time. A tenant that fails is reported at the end and does not hold up the others; run it again to go on
with what is left.

  --all                 ask every tenant's database, also where its registered version is the newest
  --json                print one JSON object: { central, seen, up_to_date, migrated, failed }
  --base-url <url>      the Worker (SERVERY_BASE_URL, else the one npm start runs)
  --operator-key <key>  the operator credential (SERVERY_OPERATOR_KEY, else the one npm start made)`;

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { ...operatorOptions, all: { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false } },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const { baseUrl, operatorKey } = resolveOperator(values);
  const operator = operatorClient(baseUrl, operatorKey);
  const central = await operator.post<{ applied: string[] }>("/internal/central/migrate");
  if (!values.json) console.log(`central: ${central.applied.length > 0 ? central.applied.join(", ") : "up to date"}`);
  const { data: cells } = await operator.get<{ data: { tenants: number }[] }>("/internal/cells");
  const all = cells.reduce((sum, { tenants }) => sum + tenants, 0);
  const progress = showProgress("tenants");
  const onProgress = ({ seen, migrated, failed }: FleetReport) =>
    progress.show(seen, all, `, ${migrated.length} migrated, ${failed.length} failed`);
  const report = await migrateFleet(operator, { all: values.all, ...(values.json ? {} : { onProgress }) });
  progress.end();
  if (values.json) console.log(JSON.stringify({ central, ...report }, null, 2));
  else summarise(report);
  if (report.failed.length > 0) process.exitCode = 1;
}

function summarise({ seen, up_to_date, migrated, failed }: FleetReport): void {
  for (const tenant of migrated)
    console.log(`${tenant.slug}: ${tenant.from_version} → ${tenant.to_version} (${tenant.applied.join(", ")})`);
  console.log(`${seen} tenants: ${migrated.length} migrated, ${up_to_date} already up to date, ${failed.length} failed`);
  for (const { slug, problem } of failed) console.error(`${slug}: ${problem}`);
}
