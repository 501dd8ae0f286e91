export type SqlValue = null | number | string | Uint8Array;

/** One SQL statement and its positional arguments. */
export interface Statement {
  sql: string;
  args: SqlValue[];
}

export const statement = (sql: string, ...args: SqlValue[]): Statement => ({ sql, args });

/** A drizzle query's `.toSQL()`, as a statement. */
export const fromDrizzle = (query: { sql: string; params: unknown[] }): Statement => ({ sql: query.sql, args: query.params as SqlValue[] });

export type Row = Record<string, SqlValue>;
