import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import type { Cell } from "./connection.ts";
import { indexChecks, readSchema } from "./schema.ts";

const notes = `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE VIRTUAL TABLE found USING fts5 (body, content = 'notes', content_rowid = 'id');
  CREATE TRIGGER notes_added AFTER INSERT ON notes BEGIN INSERT INTO found (rowid, body) VALUES (NEW.id, NEW.body); END;
  INSERT INTO notes VALUES (3, 'black tea'), (7, 'green tea');`;

const open = (sql = ""): DatabaseSync => {
  const database = new DatabaseSync(":memory:");
  database.exec(sql);
  return database;
};

const asking = (database: DatabaseSync) => async (sql: string) =>
  database
    .prepare(sql)
    .all()
    .map((row) => Object.values(row).map((value): Cell => (value === null ? { type: "null" } : { type: "text", value: String(value) })));

const found = (database: DatabaseSync, words: string) =>
  database
    .prepare("SELECT rowid FROM found WHERE found MATCH ? ORDER BY rowid")
    .all(words)
    .map((row) => row["rowid"]);

describe("a schema with a search index", () => {
  test("has the index without its own tables, which a copy makes from the rows, each once", async () => {
    const source = open(notes);
    const schema = await readSchema(asking(source));
    expect(schema.tables.map(({ name }) => name)).toEqual(["notes"]);
    const copy = open(schema.tables.map(({ sql }) => sql).join(";"));
    copy.exec("INSERT INTO notes VALUES (3, 'black tea'), (7, 'green tea')");
    for (const sql of schema.rest) copy.exec(sql);
    const checks = await indexChecks(asking(copy));
    expect(checks).toHaveLength(1);
    const check = () => copy.exec(checks.join(";"));
    expect(check).toThrow("malformed");
    for (const sql of schema.computed) copy.exec(sql);
    check();
    expect([found(copy, "tea"), found(copy, "green")]).toEqual([[3, 7], [7]]);
    copy.exec("INSERT INTO notes VALUES (9, 'mint tea')");
    expect(found(copy, "tea")).toEqual([3, 7, 9]);
    check();
    expect(await readSchema(asking(copy))).toEqual(schema);
    // Doubled, as a trigger would that was there before the rows.
    copy.exec("INSERT INTO found (rowid, body) VALUES (3, 'black tea')");
    expect(check).toThrow("malformed");
  });

  test("is refused where the index holds what no table does", async () => {
    const expectRefused = (sql: string, why: string) => expect(readSchema(asking(open(sql)))).rejects.toThrow(why);
    await expectRefused("CREATE VIRTUAL TABLE own USING fts5 (body)", "own cannot be copied");
    await expectRefused("CREATE VIRTUAL TABLE none USING fts5 (body, content = '')", "none cannot be copied");
    await expectRefused("CREATE VIRTUAL TABLE boxes USING rtree (id, low, high)", "boxes cannot be copied");
    await expectRefused("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)", "t cannot be copied");
    await expectRefused(`${notes} INSERT INTO found (found, rank) VALUES ('rank', 'bm25(2.0)')`, "rank would be lost");
  });

  test("is what a tenant's migrations make", async () => {
    const dir = resolve(import.meta.dirname, "../../migrations/tenant");
    const files = globSync("*.sql", { cwd: dir }).sort();
    const { tables, computed } = await readSchema(asking(open(files.map((file) => readFileSync(join(dir, file), "utf8")).join("\n"))));
    expect(tables.map(({ name }) => name).filter((name) => name.startsWith("catalog_search"))).toEqual(["catalog_search_rows"]);
    expect(computed).toEqual([`INSERT INTO "catalog_search" ("catalog_search") VALUES ('rebuild')`]);
  });
});
