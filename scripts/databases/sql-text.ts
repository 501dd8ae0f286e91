import type { Cell } from "./connection.ts";

/** What ends a statement in a dump: a line of its own. */
export const STATEMENT_END = "\n;\n";

/** sqld reads no longer statement. */
const longestStatement = 7_000_000;

export const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A value as SQL text that gives exactly this value back. Throws RangeError for a number that SQL cannot write. */
export function literal(cell: Cell): string {
  switch (cell.type) {
    case "null":
      return "NULL";
    case "integer":
      return cell.value;
    case "float":
      if (!Number.isFinite(cell.value)) throw new RangeError(`${cell.value} cannot be written as SQL`);
      return /[.e]/.test(String(cell.value)) ? String(cell.value) : `${cell.value}.0`;
    case "blob":
      return `X'${Buffer.from(cell.base64, "base64").toString("hex")}'`;
    default:
      // SQL text ends at a NUL, and our own statements at STATEMENT_END.
      return cell.value.includes("\0") || cell.value.includes("\n;")
        ? `CAST(X'${Buffer.from(cell.value).toString("hex")}' AS TEXT)`
        : `'${cell.value.replaceAll("'", "''")}'`;
  }
}

/** Rows of one table as statements, each of a bounded number of characters. */
export class InsertWriter {
  readonly #head: string;
  readonly #most: number;
  #values: string[] = [];
  #length = 0;

  constructor(table: string, columns: string[], mostCharacters = 100_000) {
    this.#head = `INSERT INTO ${quotedName(table)} (${columns.map(quotedName).join(", ")}) VALUES\n`;
    this.#most = mostCharacters;
  }

  /** The statement that is full with this row, or null. */
  add(row: Cell[]): string | null {
    const value = `(${row.map(literal).join(", ")})`;
    if (value.length > longestStatement) throw new RangeError(`a row of ${value.length} characters is more than one statement can hold`);
    this.#values.push(value);
    this.#length += value.length;
    return this.#length >= this.#most ? this.rest() : null;
  }

  /** The statement of the rows that are left, or null. */
  rest(): string | null {
    if (this.#values.length === 0) return null;
    const statement = this.#head + this.#values.join(",\n");
    this.#values = [];
    this.#length = 0;
    return statement;
  }
}
