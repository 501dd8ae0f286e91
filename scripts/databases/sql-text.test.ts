import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Cell } from "./connection.ts";
import { readDump, writeDump } from "./dump-file.ts";
import { differences, type Fingerprint, TableFingerprint } from "./fingerprint.ts";
import { linesOf } from "./lines.ts";
import { InsertWriter, STATEMENT_END } from "./sql-text.ts";

const awkward = fc.constantFrom("", "\0", "a\0b", "\n;\n", "it's", '"', "\r\n", "\u2028", "é😀", "COMMIT;", "BEGIN;\n");
const cell: fc.Arbitrary<Cell> = fc.oneof(
  fc.constant<Cell>({ type: "null" }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Cell => ({ type: "integer", value: String(value) })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value): Cell => ({ type: "float", value: value === 0 ? 0 : value })),
  fc.array(fc.oneof(awkward, fc.string({ unit: "grapheme" }))).map((parts): Cell => ({ type: "text", value: parts.join("") })),
  fc.uint8Array().map((bytes): Cell => ({ type: "blob", base64: Buffer.from(bytes).toString("base64") })),
);
const rows = fc.array(fc.tuple(cell, cell), { maxLength: 30 });

const createTable = 'CREATE TABLE "odd ""name" (a ANY, b ANY) STRICT';

function statementsOf(wanted: Cell[][], mostCharacters: number): string[] {
  const writer = new InsertWriter('odd "name', ["a", "b"], mostCharacters);
  return [...wanted.map((row) => writer.add(row)), writer.rest()].filter((statement) => statement !== null);
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What SQLite itself makes of the statements. */
function stored(statements: string[]): Cell[][] {
  const database = new DatabaseSync(":memory:");
  for (const statement of statements) database.exec(statement);
  const select = database.prepare('SELECT a, b FROM "odd ""name" ORDER BY rowid');
  select.setReadBigInts(true);
  const found = select.all().map((row) => [row["a"], row["b"]].map(cellOf));
  database.close();
  return found;
}

function cellOf(value: unknown): Cell {
  if (value === null) return { type: "null" };
  if (typeof value === "bigint") return { type: "integer", value: String(value) };
  if (typeof value === "number") return { type: "float", value };
  if (typeof value === "string") return { type: "text", value };
  return { type: "blob", base64: Buffer.from(value as Uint8Array).toString("base64") };
}

describe("rows as SQL text", () => {
  test("come back exactly as they were, however they are cut into statements", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 500 }), (wanted, mostCharacters) => {
        expect(stored([createTable, ...statementsOf(wanted, mostCharacters)])).toEqual(wanted);
      }),
      { numRuns: 200 },
    );
  });

  test("a number that SQL cannot write is refused, and so is a row that sqld could not read", () => {
    const writer = new InsertWriter("t", ["a"]);
    expect(() => writer.add([{ type: "float", value: Number.POSITIVE_INFINITY }])).toThrow(RangeError);
    expect(() => writer.add([{ type: "text", value: "x".repeat(8_000_000) }])).toThrow(/more than one statement can hold/);
  });
});

describe("a dump file", () => {
  test("gives back the statements it was written from, and not half of them", async () => {
    const dir = mkdtempSync(join(tmpdir(), "servery-dump-"));
    const path = join(dir, "t.sql.gz");
    const fingerprint: Fingerprint = { schema_sha256: "s", tables: {} };
    await fc.assert(
      fc.asyncProperty(rows, async (wanted) => {
        const statements = [createTable, ...statementsOf(wanted, 100)];
        expect(statements.some((statement) => statement.includes(STATEMENT_END))).toBe(false);
        async function* dump() {
          yield* statements;
          return fingerprint;
        }
        expect(await writeDump(path, dump())).toBe(fingerprint);
        expect(await allOf(readDump(path))).toEqual(statements);
      }),
      { numRuns: 50 },
    );
    truncateSync(path, 30);
    await expect(allOf(readDump(path))).rejects.toThrow();
    await expect(allOf(readDump(join(dir, "none.gz")))).rejects.toThrow("ENOENT");
    rmSync(dir, { recursive: true });
  });

  test("is read by lines that only a newline ends, wherever the bytes are cut", async () => {
    const text = "a\r\nb\u2028c\n\né\n😀 end";
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), async (size) => {
        const bytes = Buffer.from(text);
        async function* chunks() {
          for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
        }
        expect((await allOf(linesOf(chunks()))).join("\n")).toBe(text);
      }),
    );
  });
});

describe("fingerprints", () => {
  const of = (...rows: Cell[][]): Fingerprint => {
    const table = new TableFingerprint();
    for (const row of rows) table.add(row);
    return { schema_sha256: "s", tables: { t: table.end() } };
  };
  const text: Cell = { type: "text", value: "1" };
  const integer: Cell = { type: "integer", value: "1" };

  test("tell what differs: a type, an order, a row, a table, the schema", () => {
    expect(differences(of([text]), of([text]))).toEqual([]);
    expect(differences(of([text]), of([integer]))).toEqual(["t has other values"]);
    expect(differences(of([text], [integer]), of([integer], [text]))).toEqual(["t has other values"]);
    expect(differences(of([text]), of())).toEqual(["t has 0 rows, not 1"]);
    expect(differences(of([text]), { schema_sha256: "z", tables: {} })).toEqual(["the schema differs", "t is missing"]);
    expect(differences({ schema_sha256: "s", tables: {} }, of())).toEqual(["t should not be there"]);
  });
});
