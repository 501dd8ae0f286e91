import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { QueueEntry } from "./queue-entry.ts";
import type { Change } from "./wire-types.ts";

/** The terminal that this device is. */
export interface Credentials {
  terminal_id: string;
  store_id: string;
  location_id: string;
  name: string;
  device_id: string;
  token: string;
}

export interface KeptDocument {
  url: string;
  etag: string | null;
  body: unknown;
  fetched_at_ms: number;
}

/** What `meta` holds, by key. */
export interface Meta {
  credentials: Credentials;
  device_id: string;
  /** Every terminal that this device has been at the store, the present one last. */
  terminal_ids: string[];
  cursor: string;
  /** Of the last push: a pull that carries it sees what the push did. */
  consistency_token: string;
  /** Rejections that a person has seen and the server does not know of yet. */
  acknowledge: string[];
  /** The last number given to an order on this device. */
  order_number: number;
}

export type MetaKey = keyof Meta;

export interface TillSchema extends DBSchema {
  queue: { key: number; value: QueueEntry; indexes: { status: string; id: string } };
  /** The copy of the feed. */
  records: { key: [string, string]; value: Change; indexes: { entity: string } };
  documents: { key: string; value: KeptDocument };
  /** What the till wants to keep beside an operation: written in the same transaction. */
  journal: { key: string; value: { key: string; at_ms: number; value: unknown }; indexes: { at_ms: number } };
  meta: { key: string; value: unknown };
}

export type TillDatabase = IDBPDatabase<TillSchema>;

const VERSION = 1;

/** Opens the device's database, made where there is none. Throws where the browser allows none. */
export function openTillDatabase(name: string): Promise<TillDatabase> {
  return openDB<TillSchema>(name, VERSION, {
    upgrade(database) {
      const queue = database.createObjectStore("queue", { keyPath: "seq", autoIncrement: true });
      queue.createIndex("status", "status");
      queue.createIndex("id", "id", { unique: true });
      const records = database.createObjectStore("records", { keyPath: ["entity", "id"] });
      records.createIndex("entity", "entity");
      database.createObjectStore("documents", { keyPath: "url" });
      database.createObjectStore("journal", { keyPath: "key" }).createIndex("at_ms", "at_ms");
      database.createObjectStore("meta");
    },
    // A newer version of the page waits in another tab: let it.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase | null)?.close(),
  });
}

export async function readMeta<K extends MetaKey>(database: TillDatabase, key: K): Promise<Meta[K] | null> {
  return ((await database.get("meta", key)) as Meta[K] | undefined) ?? null;
}

export async function writeMeta<K extends MetaKey>(database: TillDatabase, key: K, value: Meta[K] | null): Promise<void> {
  const transaction = database.transaction("meta", "readwrite", { durability: "strict" });
  await Promise.all([value === null ? transaction.store.delete(key) : transaction.store.put(value, key), transaction.done]);
}
