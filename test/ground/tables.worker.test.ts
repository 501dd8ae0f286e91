import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import { expect, test } from "vitest";
import * as catalog from "../../src/domains/catalog/tables.ts";
import * as menu from "../../src/domains/menu/tables.ts";
import * as orders from "../../src/domains/orders/tables.ts";
import * as darkStores from "../../src/domains/stores/dark-store-tables.ts";
import * as stores from "../../src/domains/stores/tables.ts";
import * as sync from "../../src/domains/sync/tables.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { newTenant } from "../support/worker/tenant-fixture.ts";

const tables = [stores, darkStores, catalog, menu, orders, sync]
  .flatMap((module) => Object.values(module))
  .filter((value) => value instanceof SQLiteTable);

test("the tables that the slices declare are the ones that the migrations make", async () => {
  const db = await (await newTenant()).db();
  expect(tables.length).toBeGreaterThan(10);
  for (const table of tables) {
    const { name, columns } = getTableConfig(table);
    const [rows = []] = await db.read(
      [statement('SELECT name, type, "notnull" AS required FROM pragma_table_xinfo(?) ORDER BY name', name)],
      { fresh: true },
    );
    const declared = columns
      .map((column) => ({ name: column.name, type: column.getSQLType().toUpperCase() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(declared, name).toEqual(rows.map((row) => ({ name: row["name"], type: row["type"] })));
  }
});
