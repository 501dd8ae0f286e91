import { type DatabaseAccess, query, runStatements } from "./connection.ts";
import { differences, type Fingerprint } from "./fingerprint.ts";
import { fingerprintDatabase } from "./read-database.ts";
import { indexChecks } from "./schema.ts";

/** One transaction of the load: writes nothing that a request could not carry, holds the lock for well under a second. */
const mostCharacters = 1_000_000;
/** Tokens are good for two minutes. */
const tokenRenewalMs = 60_000;

/** Fills an empty database. `reach` gives its address with a fresh token. Throws at the first statement that is refused; what was loaded stays. */
export async function loadDatabase(reach: () => Promise<DatabaseAccess>, statements: AsyncIterable<string>): Promise<void> {
  let access = await reach();
  let reachedMs = performance.now();
  let waiting: string[] = [];
  let length = 0;
  const send = async () => {
    if (waiting.length === 0) return;
    if (performance.now() - reachedMs > tokenRenewalMs) {
      access = await reach();
      reachedMs = performance.now();
    }
    // Rows come table by table, so a reference may come before what it refers to.
    await runStatements(access, `PRAGMA foreign_keys = OFF;\nBEGIN IMMEDIATE;\n${waiting.join(";\n")};\nCOMMIT;`);
    waiting = [];
    length = 0;
  };
  for await (const statement of statements) {
    if (length + statement.length > mostCharacters) await send();
    waiting.push(statement);
    length += statement.length;
  }
  await send();
}

/** Throws, saying what differs, where the database is not what it should be. `access` may write: SQLite's check of a search index asks for it. */
export async function verifyDatabase(access: DatabaseAccess, wanted: Fingerprint): Promise<void> {
  const wrong = differences(wanted, await fingerprintDatabase(access));
  if (wrong.length > 0) throw new Error(`${access.namespace} is not what it was: ${wrong.join("; ")}`);
  const broken = await query(access, "PRAGMA foreign_key_check");
  if (broken.length > 0) throw new Error(`${access.namespace} has ${broken.length} rows that refer to nothing`);
  for (const check of await indexChecks((sql) => query(access, sql))) await runStatements(access, check);
}

/** From now on no version that a client was promised before is this database's. */
export async function renewEpoch(access: DatabaseAccess): Promise<void> {
  await runStatements(access, "UPDATE commit_state SET epoch = lower(hex(randomblob(8)))");
}
