import type { StandTenant } from "../stand.ts";

const copyDeadlineMs = 60_000;

/** What is copied for each store: a table with one row a store, by the store's id or its location's. `values`: where other than the columns. */
export type StoreDocument = { table: string; key: "store_id" | "location_id"; columns: string; values?: string };

/** So many more stores with the same document, made in SQL, waited for at the replica. Answers their ids. */
export async function copyStores(
  { primary, replica }: StandTenant,
  storeId: string,
  count: number,
  { table, key, columns, values = columns }: StoreDocument,
): Promise<string[]> {
  const numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)";
  const id = "printf('019aa000-0000-7000-8000-%012x', n)";
  await primary.query(
    `${numbers} INSERT INTO locations (location_id, kind, name, created_at_ms)
     SELECT ${id}, l.kind, l.name, l.created_at_ms FROM numbers, stores AS s JOIN locations AS l USING (location_id) WHERE s.store_id = ?2`,
    count,
    storeId,
  );
  await primary.query(
    `${numbers} INSERT INTO stores (store_id, location_id, name, timezone, currency, locale, address, created_at_ms, updated_at_ms)
     SELECT ${id}, ${id}, name, timezone, currency, locale, address, created_at_ms, updated_at_ms FROM numbers, stores WHERE store_id = ?2`,
    count,
    storeId,
  );
  await primary.query(
    `${numbers} INSERT INTO ${table} (${key}, ${columns})
     SELECT ${id}, ${values} FROM numbers, ${table} WHERE ${key} = (SELECT ${key} FROM stores WHERE store_id = ?2)`,
    count,
    storeId,
  );
  const last = Number(count).toString(16).padStart(12, "0");
  const deadline = Date.now() + copyDeadlineMs;
  for (;;) {
    const found = await replica.query(`SELECT 1 FROM ${table} WHERE ${key} = ?1`, `019aa000-0000-7000-8000-${last}`);
    if (found.length > 0) break;
    if (Date.now() > deadline) throw new Error("the replica did not take over the copied stores");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return Array.from({ length: count }, (_, index) => `019aa000-0000-7000-8000-${(index + 1).toString(16).padStart(12, "0")}`);
}
