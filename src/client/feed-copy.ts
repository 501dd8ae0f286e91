import { type Api, CallFailed } from "./api.ts";
import { readMeta, type TillDatabase } from "./till-database.ts";
import type { Change } from "./wire-types.ts";

const PAGE = 500;

export type FeedCopy = ReturnType<typeof createFeedCopy>;

/** The device's copy of the feed: the latest state of every row of its store. */
export function createFeedCopy(database: TillDatabase, api: Api) {
  /** Changes and cursor together: after a crash the copy is as it was at one cursor, never between two. */
  const apply = async (changes: readonly Change[], cursor: string): Promise<void> => {
    const transaction = database.transaction(["records", "meta"], "readwrite");
    const records = transaction.objectStore("records");
    await Promise.all([
      ...changes.map((change) => (change.deleted ? records.delete([change.entity, change.id]) : records.put(change))),
      transaction.objectStore("meta").put(cursor, "cursor"),
      transaction.done,
    ]);
  };

  const drop = async (): Promise<void> => {
    const transaction = database.transaction(["records", "meta"], "readwrite");
    await Promise.all([transaction.objectStore("records").clear(), transaction.objectStore("meta").delete("cursor"), transaction.done]);
  };

  return {
    drop,

    /**
     * Brings the copy to where the feed is; answers how many changes there were. Where the server says that the copy is of no use any more
     * it is dropped and pulled anew; the queue is another matter and stays. Throws `CallFailed`; what came before is kept.
     */
    async pull(): Promise<number> {
      let changed = 0;
      let dropped = false;
      const token = await readMeta(database, "consistency_token");
      for (;;) {
        const cursor = await readMeta(database, "cursor");
        try {
          const { body } = await api.call("GET /api/v1/sync/pull", {
            query: { limit: PAGE, ...(cursor === null ? {} : { cursor }) },
            headers: token === null ? {} : { "consistency-token": token },
          });
          await apply(body.changes, body.cursor);
          changed += body.changes.length;
          if (!body.has_more) return changed;
        } catch (error) {
          if (dropped || !isCopyOfNoUse(error, cursor)) throw error;
          await drop();
          dropped = true;
        }
      }
    },

    async get<T>(entity: string, id: string): Promise<T | null> {
      return ((await database.get("records", [entity, id]))?.data as T | undefined) ?? null;
    },

    async list<T>(entity: string): Promise<T[]> {
      const records = await database.getAllFromIndex("records", "entity", entity);
      return records.flatMap(({ data }) => (data === null || data === undefined ? [] : [data as T]));
    },
  };
}

/** The server says so, or cannot read the cursor (any more). */
const isCopyOfNoUse = (error: unknown, cursor: string | null): boolean =>
  error instanceof CallFailed && (error.code === "RESYNC_REQUIRED" || (error.status === 400 && cursor !== null));
