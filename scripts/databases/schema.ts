import type { Cell } from "./connection.ts";
import { quotedName, STATEMENT_END } from "./sql-text.ts";

export type Table = {
  name: string;
  sql: string;
  /** Without the generated ones, which SQLite computes. */
  columns: string[];
  /** In the order of its key, so that two copies are read in one order. */
  select_sql: string;
};

/**
 * What a database is made of, in the order in which it can be made: tables, then their rows, then the rest, then what SQLite computes from
 * the rows. A search index over a table's rows (FTS5) is of the rest: its own tables are not copied.
 */
export type Schema = { tables: Table[]; rest: string[]; computed: string[] };

const isVirtual = (sql: string): boolean => /^CREATE VIRTUAL/i.test(sql);
/** An index of another table's rows, which SQLite can make from them again. */
const isSearchIndex = (sql: string): boolean => /\bUSING\s+fts5\b/i.test(sql) && /\bcontent\s*=\s*['"]?\w/i.test(sql);

/** Throws where the database has something that a copy by rows would not carry over. */
export async function readSchema(ask: (sql: string) => Promise<Cell[][]>): Promise<Schema> {
  const objects = (
    await ask(
      `SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
       AND name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow') ORDER BY rowid`,
    )
  ).map((row) => row.map(textOf) as [type: string, name: string, sql: string]);
  const columns = (
    await ask(
      `SELECT m.name, x.name, x.pk, x.hidden FROM sqlite_schema m, pragma_table_xinfo(m.name) x WHERE m.type = 'table' ORDER BY m.rowid, x.cid`,
    )
  ).map((row) => row.map(textOf) as [table: string, name: string, pk: string, hidden: string]);
  for (const [, name, sql] of objects) {
    if ((isVirtual(sql) && !isSearchIndex(sql)) || /\bAUTOINCREMENT\b/i.test(sql))
      throw new Error(`${name} cannot be copied: ${sql.slice(0, 80)}`);
    if (sql.includes(STATEMENT_END.trimEnd())) throw new Error(`${name} cannot be dumped: a line of its SQL begins with a semicolon`);
  }
  const isTable = ([type, , sql]: (typeof objects)[number]) => type === "table" && !isVirtual(sql);
  const indexes = objects.filter(([, , sql]) => isVirtual(sql)).map(([, name]) => name);
  for (const name of indexes) {
    const settings = await ask(`SELECT k FROM ${quotedName(`${name}_config`)} WHERE k <> 'version'`);
    if (settings.length > 0) throw new Error(`${name} cannot be copied: ${settings.flat().map(textOf).join(", ")} would be lost`);
  }
  const tables = objects.filter(isTable).map(([, name, sql]) => {
    const own = columns.filter(([table, , , hidden]) => table === name && hidden === "0");
    const key = own.filter(([, , pk]) => pk !== "0").sort((a, b) => Number(a[2]) - Number(b[2]));
    const names = own.map(([, column]) => column);
    const order = key.length > 0 ? key.map(([, column]) => quotedName(column)) : ["rowid"];
    const select_sql = `SELECT ${names.map(quotedName).join(", ")} FROM ${quotedName(name)} ORDER BY ${order.join(", ")}`;
    return { name, sql, columns: names, select_sql };
  });
  const rest = objects.filter((object) => !isTable(object)).map(([, , sql]) => sql);
  return { tables, rest, computed: indexes.map(quotedName).map((name) => `INSERT INTO ${name} (${name}) VALUES ('rebuild')`) };
}

/** Statements that fail where a search index does not hold what its table does. */
export async function indexChecks(ask: (sql: string) => Promise<Cell[][]>): Promise<string[]> {
  const indexes = await ask("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'virtual' ORDER BY name");
  return indexes.flat().map((cell) => {
    const name = quotedName(textOf(cell));
    return `INSERT INTO ${name} (${name}, rank) VALUES ('integrity-check', 1)`;
  });
}

export const textOf = (cell: Cell): string => (cell.type === "null" ? "" : cell.type === "blob" ? cell.base64 : String(cell.value));
