import { sha256Hex } from "../../kernel/bytes.ts";
import { type DbEndpoint, DbError, runBatch, runScript } from "./hrana.ts";
import { statement } from "./statement.ts";

export interface Migration {
  name: string;
  sql: string;
}

export interface MigrationReport {
  from_version: number;
  to_version: number;
  applied: string[];
}

const DEADLINE_MS = 60_000;

/**
 * Brings one database to the end of a stream. Each file is one transaction together with its record, so a run that was cut goes on where
 * it stopped. Throws DbError `refused` where an applied file has changed since, is missing from the stream, or fails.
 */
export async function migrate(endpoint: DbEndpoint, stream: readonly Migration[], nowMs: number): Promise<MigrationReport> {
  const known = await runBatch(
    endpoint,
    [
      {
        stmt: statement(
          "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, applied_at_ms INTEGER NOT NULL) STRICT",
        ),
      },
      { stmt: statement("SELECT version, name, sha256 FROM schema_migrations ORDER BY version") },
    ],
    DEADLINE_MS,
  );
  const error = known.errors.find((message) => message !== null);
  if (error) throw new DbError("refused", error.message);
  const done = known.results[1]?.rows ?? [];
  if (done.length > stream.length)
    throw new DbError("refused", `the database is at version ${done.length}, newer than this Worker's ${stream.length}`);

  const applied: string[] = [];
  for (const [index, migration] of stream.entries()) {
    const sha256 = await sha256Hex(migration.sql);
    const row = done[index];
    if (row) {
      if (row["name"] !== migration.name)
        throw new DbError("refused", `version ${index + 1} is ${row["name"]} here and ${migration.name} in the stream`);
      if (row["sha256"] !== sha256) throw new DbError("refused", `${migration.name} was changed after it was applied`);
      continue;
    }
    // Names are file names of ours and hashes are hex: nothing to quote.
    const record = `INSERT INTO schema_migrations VALUES (${index + 1}, '${migration.name}', '${sha256}', ${nowMs})`;
    try {
      await runScript(endpoint, `${migration.sql}\n;${record}`, DEADLINE_MS);
    } catch (cause) {
      if (cause instanceof DbError) throw new DbError(cause.kind, `${migration.name}: ${cause.message}`, cause.status, cause);
      throw cause;
    }
    applied.push(migration.name);
  }
  return { from_version: done.length, to_version: stream.length, applied };
}
