import { createHash } from "node:crypto";
import type { Cell } from "./connection.ts";
import type { Schema } from "./schema.ts";

/** What a database holds, so that two can be told apart: per table its rows and a SHA-256 over their values in the order of the key. */
export type Fingerprint = {
  schema_sha256: string;
  tables: Record<string, { rows: number; sha256: string }>;
};

export class TableFingerprint {
  readonly #hash = createHash("sha256");
  #rows = 0;

  add(row: Cell[]): void {
    this.#rows += 1;
    this.#hash.update(`${row.map(canonical).join(",")}\n`);
  }

  end(): { rows: number; sha256: string } {
    return { rows: this.#rows, sha256: this.#hash.digest("hex") };
  }
}

/** Type and value; what two versions of sqld might write differently is the same here. */
function canonical(cell: Cell): string {
  switch (cell.type) {
    case "null":
      return "n";
    case "integer":
      return `i${cell.value}`;
    case "float":
      return `f${cell.value}`;
    case "blob":
      return `b${cell.base64.replace(/=+$/, "")}`;
    default:
      return `t${JSON.stringify(cell.value)}`;
  }
}

export function schemaSha256({ tables, rest }: Schema): string {
  return createHash("sha256")
    .update(JSON.stringify([tables.map(({ sql }) => sql), rest]))
    .digest("hex");
}

/** What differs, a line each; none: the same. */
export function differences(wanted: Fingerprint, found: Fingerprint): string[] {
  const names = [...new Set([...Object.keys(wanted.tables), ...Object.keys(found.tables)])].sort();
  const lines = names.flatMap((name) => {
    const [want, have] = [wanted.tables[name], found.tables[name]];
    if (!want) return [`${name} should not be there`];
    if (!have) return [`${name} is missing`];
    if (want.rows !== have.rows) return [`${name} has ${have.rows} rows, not ${want.rows}`];
    return want.sha256 === have.sha256 ? [] : [`${name} has other values`];
  });
  return wanted.schema_sha256 === found.schema_sha256 ? lines : ["the schema differs", ...lines];
}
