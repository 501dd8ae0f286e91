import { createRxDatabase, type RxCollection, type RxJsonSchema } from "rxdb";
import { type RxReplicationState, replicateRxCollection } from "rxdb/plugins/replication";
import { getRxStorageDexie } from "rxdb/plugins/storage-dexie";
import { wrappedValidateZSchemaStorage } from "rxdb/plugins/validate-z-schema";
import { Subject } from "rxjs";
import { type Place, rxFeed } from "../../src/client/rxdb-replication.ts";

export type Doc = Record<string, unknown> & { id: string };

const text = { type: "string" };
const maybeText = { type: ["string", "null"] };
const id = { type: "string", maxLength: 300 };
const maybeNumber = { type: ["number", "null"] };
const list = { type: "array" };

/** As docs/sync.md has them, and nothing else: the storage refuses what the schema does not name. */
const properties = {
  product: {
    id,
    name: text,
    description: maybeText,
    image_url: maybeText,
    visible: { type: "boolean" },
    tags: list,
    allergens: list,
    tax_rate: maybeNumber,
    categories: list,
    modifier_groups: list,
  },
  variant: {
    id,
    product_id: text,
    item_code: text,
    name: text,
    option_name: maybeText,
    barcode: maybeText,
    visible: { type: "boolean" },
    position: { type: "number" },
    attributes: {},
    bundle: list,
  },
  price: {
    id,
    variant_id: text,
    location_id: maybeText,
    channel: maybeText,
    currency: text,
    price: { type: "number" },
    mrp: maybeNumber,
    tax_rate: maybeNumber,
    effective_from: maybeText,
    effective_to: maybeText,
  },
  customer: { id, version: { type: "number" }, fields: { type: "object" } },
};

export type CollectionName = keyof typeof properties;
const names = Object.keys(properties) as CollectionName[];

export interface RxTillOptions {
  name: string;
  base_url: string;
  token: string;
  batch: number;
  /** Where there is none of the browser's. */
  indexed_db?: { indexedDB: unknown; IDBKeyRange: unknown };
}

export interface Seen {
  pulls: number;
  streamed: number;
  /** Their codes, as docs/errors.md has them. */
  errors: unknown[];
}

/** RxDB as it comes, over IndexedDB, replicating with src/client's wrapper. Everything it answers can leave a page. */
export async function openRxTill(options: RxTillOptions) {
  let { token } = options;
  const ending = new AbortController();
  const database = await createRxDatabase({
    name: options.name,
    storage: wrappedValidateZSchemaStorage({ storage: getRxStorageDexie((options.indexed_db ?? {}) as never) }),
    multiInstance: false,
  });
  const schemaOf = (name: CollectionName): RxJsonSchema<Doc> =>
    ({ version: 0, primaryKey: "id", type: "object", properties: properties[name], additionalProperties: false }) as never;
  const collections = (await database.addCollections(
    Object.fromEntries(names.map((name) => [name, { schema: schemaOf(name) }])),
  )) as unknown as Record<CollectionName, RxCollection<Doc>>;
  const seen = Object.fromEntries(names.map((name) => [name, { pulls: 0, streamed: 0, errors: [] }])) as unknown as Record<
    CollectionName,
    Seen
  >;
  const running: RxReplicationState<Doc, Place>[] = [];
  const listening: Promise<void>[] = [];
  const replicate = (name: CollectionName) => {
    const news = new Subject<never>();
    const of = seen[name];
    news.subscribe((item) => {
      if (item !== "RESYNC") of.streamed++;
    });
    const feed = rxFeed<Doc>({
      url: `${options.base_url}/api/v1/sync/rxdb/${name}/0`,
      fetch: (input, init) => {
        if (String(input).includes("/pull?")) of.pulls++;
        return fetch(input, init);
      },
      token: () => token,
      news: news as never,
      signal: ending.signal,
      wait: (ms) => new Promise((done) => setTimeout(done, ms)),
    });
    const state = replicateRxCollection<Doc, Place>({
      collection: collections[name],
      replicationIdentifier: `servery-${name}`,
      retryTime: 500,
      pull: { ...feed.pull, batchSize: options.batch },
      ...(name === "customer" ? { push: feed.push } : {}),
    });
    state.error$.subscribe(({ parameters }) => {
      // RxDB makes plain objects of what a handler threw, with its code.
      const [cause] = (parameters as { errors?: { code?: unknown }[] }).errors ?? [];
      of.errors.push(cause?.code);
    });
    running.push(state);
    listening.push(feed.listen());
  };
  names.forEach(replicate);
  return {
    /** Until each was pulled to its end once. */
    ready: async (): Promise<void> => {
      await Promise.all(running.map((state) => state.awaitInitialReplication()));
    },
    documents: async (name: CollectionName): Promise<Doc[]> =>
      (await collections[name].find().exec()).map((document) => document.toJSON() as Doc),
    write: async (name: CollectionName, document: Doc): Promise<void> => {
      await collections[name].upsert(document);
    },
    seen: async (name: CollectionName): Promise<Seen> => seen[name],
    use: async (other: string): Promise<void> => {
      token = other;
    },
    stop: async (): Promise<void> => {
      ending.abort();
      await Promise.all(listening);
      await database.close();
    },
  };
}

export type RxTill = Awaited<ReturnType<typeof openRxTill>>;
