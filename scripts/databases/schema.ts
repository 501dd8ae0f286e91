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

/** What a database is made of, in the order in which it can be made: tables, then their rows, then the rest. */
export type Schema = { tables: Table[]; rest: string[] };

/** Throws where the database has something that a copy by rows would not carry over. */
export async function readSchema(ask: (sql: string) => Promise<Cell[][]>): Promise<Schema> {
  const objects = (
    await ask("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid")
  ).map((row) => row.map(textOf) as [type: string, name: string, sql: string]);
  const columns = (
    await ask(
      `SELECT m.name, x.name, x.pk, x.hidden FROM sqlite_schema m, pragma_table_xinfo(m.name) x WHERE m.type = 'table' ORDER BY m.rowid, x.cid`,
    )
  ).map((row) => row.map(textOf) as [table: string, name: string, pk: string, hidden: string]);
  for (const [, name, sql] of objects) {
    if (/^CREATE VIRTUAL/i.test(sql) || /\bAUTOINCREMENT\b/i.test(sql)) throw new Error(`${name} cannot be copied: ${sql.slice(0, 80)}`);
    if (sql.includes(STATEMENT_END.trimEnd())) throw new Error(`${name} cannot be dumped: a line of its SQL begins with a semicolon`);
  }
  const tables = objects
    .filter(([type]) => type === "table")
    .map(([, name, sql]) => {
      const own = columns.filter(([table, , , hidden]) => table === name && hidden === "0");
      const key = own.filter(([, , pk]) => pk !== "0").sort((a, b) => Number(a[2]) - Number(b[2]));
      const names = own.map(([, column]) => column);
      const order = key.length > 0 ? key.map(([, column]) => quotedName(column)) : ["rowid"];
      const select_sql = `SELECT ${names.map(quotedName).join(", ")} FROM ${quotedName(name)} ORDER BY ${order.join(", ")}`;
      return { name, sql, columns: names, select_sql };
    });
  return { tables, rest: objects.filter(([type]) => type !== "table").map(([, , sql]) => sql) };
}

export const textOf = (cell: Cell): string => (cell.type === "null" ? "" : cell.type === "blob" ? cell.base64 : String(cell.value));
