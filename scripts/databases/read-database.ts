import { type DatabaseAccess, Snapshot } from "./connection.ts";
import { type Fingerprint, schemaSha256, TableFingerprint } from "./fingerprint.ts";
import { readSchema, textOf } from "./schema.ts";
import { InsertWriter, quotedName } from "./sql-text.ts";

/** A database as of one moment, as the statements that make it again; at the end, what it held. Throws where it was not read whole. */
export async function* dumpDatabase(access: DatabaseAccess): AsyncGenerator<string, Fingerprint> {
  return yield* readAll(access, true);
}

/** What a database holds at one moment. */
export async function fingerprintDatabase(access: DatabaseAccess): Promise<Fingerprint> {
  const reading = readAll(access, false);
  for (;;) {
    const { done, value } = await reading.next();
    if (done) return value;
  }
}

async function* readAll(access: DatabaseAccess, asStatements: boolean): AsyncGenerator<string, Fingerprint> {
  const snapshot = await Snapshot.open(access);
  try {
    const schema = await readSchema((sql) => snapshot.query(sql));
    const fingerprint: Fingerprint = { schema_sha256: schemaSha256(schema), tables: {} };
    if (asStatements) for (const { sql } of schema.tables) yield sql;
    const statements = schema.tables.flatMap(({ name, select_sql }) => [`SELECT count(*) FROM ${quotedName(name)}`, select_sql]);
    const reading = schema.tables.map((table) => ({
      ...table,
      found: new TableFingerprint(),
      inserts: new InsertWriter(table.name, table.columns),
    }));
    let count = "";
    for await (const { statement, row } of snapshot.rows(statements)) {
      const table = reading[Math.floor(statement / 2)] as (typeof reading)[number];
      const isCount = statement % 2 === 0;
      if (isCount && row) count = row.map(textOf)[0] ?? "";
      if (isCount) continue;
      if (row) table.found.add(row);
      const full = row ? (asStatements ? table.inserts.add(row) : null) : table.inserts.rest();
      if (full !== null) yield full;
      if (row) continue;
      const ended = table.found.end();
      if (String(ended.rows) !== count) throw new Error(`${access.namespace}: ${table.name} was not read whole`);
      fingerprint.tables[table.name] = ended;
    }
    if (asStatements) yield* [...schema.rest, ...schema.computed];
    return fingerprint;
  } finally {
    await snapshot.close().catch(() => {});
  }
}
