import { isUnsent, newEntry, type QueueEntry, type QueueError, refused, replaying, settled, unanswered } from "./queue-entry.ts";
import type { TillDatabase } from "./till-database.ts";
import type { Operation, OperationResult } from "./wire-types.ts";

/** Sent entries that are kept, to be looked at. Unsent and failed ones are never dropped. */
const SENT_KEPT = 100;

export interface JournalEntry {
  key: string;
  value: unknown;
}

export interface QueueCounts {
  unsent: number;
  failed: number;
}

export type OfflineQueue = ReturnType<typeof createOfflineQueue>;

const byOrder = (a: QueueEntry, b: QueueEntry): number => a.seq - b.seq;

/** The queue of one device, shared by its tabs: first in, first out, on disk before anything is said to have happened. */
export function createOfflineQueue(database: TillDatabase, now: () => number) {
  /** Strict: done means that it is on disk, not in a buffer that a power cut empties. */
  const strict = { durability: "strict" } as const;

  const add = async (operations: readonly Operation[], journal: readonly JournalEntry[]): Promise<void> => {
    const transaction = database.transaction(["queue", "journal"], "readwrite", strict);
    const at_ms = now();
    const queue = transaction.objectStore("queue");
    await Promise.all([
      // Without `seq`: the database counts.
      ...operations.map((operation) => queue.add(newEntry(operation, at_ms) as QueueEntry)),
      ...journal.map(({ key, value }) => transaction.objectStore("journal").put({ key, at_ms, value })),
      transaction.done,
    ]);
  };

  const change = async (entries: readonly QueueEntry[], changed: (entry: QueueEntry) => QueueEntry): Promise<void> => {
    const transaction = database.transaction("queue", "readwrite", strict);
    await Promise.all([...entries.map((entry) => transaction.store.put(changed(entry))), transaction.done]);
  };

  return {
    /**
     * Resolves when the operations and what is written beside them are on disk: only then may the screen say that it happened. All or none
     * of them. Where the disk is full it makes room from what can be had again, and tries once more.
     */
    async enqueue(operations: readonly Operation[], journal: readonly JournalEntry[] = []): Promise<void> {
      try {
        await add(operations, journal);
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== "QuotaExceededError") throw error;
        await this.prune(0);
        await database.clear("documents");
        await add(operations, journal);
      }
    },

    /**
     * The oldest entries that the server is not known to have, in order. Asked by the one that sends, between two pushes: what is on its way
     * then was sent by a tab that is no more, and nobody knows what became of it.
     */
    async waiting(most: number): Promise<QueueEntry[]> {
      const { store } = database.transaction("queue");
      const some = (status: string) => store.index("status").getAll(status, most);
      const [left, pending] = await Promise.all([some("REPLAYING"), some("PENDING")]);
      return [...left, ...pending].sort(byOrder).slice(0, most);
    },

    /** Everything that is kept, in order. */
    all: (): Promise<QueueEntry[]> => database.getAll("queue"),

    async unsent(): Promise<QueueEntry[]> {
      return (await database.getAll("queue")).filter(isUnsent).sort(byOrder);
    },

    async counts(): Promise<QueueCounts> {
      const { store } = database.transaction("queue");
      const count = (status: string) => store.index("status").count(status);
      const [pending, replaying, failed] = await Promise.all([count("PENDING"), count("REPLAYING"), count("FAILED")]);
      return { unsent: pending + replaying, failed };
    },

    begin: (entries: readonly QueueEntry[]): Promise<void> => change(entries, replaying),

    /** Takes note of the server's results, one an entry. */
    async settle(entries: readonly QueueEntry[], results: readonly OperationResult[]): Promise<void> {
      const byId = new Map(results.map((result) => [result.id, result]));
      const at_ms = now();
      await change(entries.map(asBegun), (entry) => settled(entry, byId.get(entry.id) as OperationResult, at_ms));
    },

    /** They wait again. */
    putBack: (entries: readonly QueueEntry[], error: QueueError): Promise<void> =>
      change(entries.map(asBegun), (entry) => unanswered(entry, error)),

    /** The server will never take this one as it is. */
    giveUp: (entry: QueueEntry, error: QueueError): Promise<void> => change([asBegun(entry)], (each) => refused(each, error)),

    /** The copy of the feed now has what was sent up to here. */
    async markInCopy(upToSeq: number): Promise<void> {
      const transaction = database.transaction("queue", "readwrite");
      const sent = await transaction.store.index("status").getAll("SUCCESS");
      const fresh = sent.filter((entry) => !entry.in_copy && entry.seq <= upToSeq);
      await Promise.all([...fresh.map((entry) => transaction.store.put({ ...entry, in_copy: true })), transaction.done]);
    },

    /** The last entry that the server has, by order; 0 where there is none. */
    async lastSent(): Promise<number> {
      const cursor = await database.transaction("queue").store.index("status").openKeyCursor("SUCCESS", "prev");
      return cursor?.primaryKey ?? 0;
    },

    /** A person has seen why it failed: it goes, and the server is told with the next push. */
    async acknowledge(ids: readonly string[]): Promise<void> {
      const transaction = database.transaction(["queue", "meta"], "readwrite", strict);
      const queue = transaction.objectStore("queue");
      for (const id of ids) {
        const entry = await queue.index("id").get(id);
        if (entry?.status === "FAILED") await queue.delete(entry.seq);
      }
      const meta = transaction.objectStore("meta");
      const before = ((await meta.get("acknowledge")) as string[] | undefined) ?? [];
      await meta.put([...new Set([...before, ...ids])], "acknowledge");
      await transaction.done;
    },

    /** Lets go of sent entries that the copy has, but for the newest. */
    async prune(kept = SENT_KEPT): Promise<void> {
      const transaction = database.transaction("queue", "readwrite");
      const sent = (await transaction.store.index("status").getAll("SUCCESS")).filter(({ in_copy }) => in_copy);
      const old = sent.slice(0, Math.max(0, sent.length - kept));
      await Promise.all([...old.map(({ seq }) => transaction.store.delete(seq)), transaction.done]);
    },

    /** Lets go of what was written beside operations before a time; of nothing while something is unsent. */
    async pruneJournal(beforeMs: number): Promise<void> {
      const transaction = database.transaction(["queue", "journal"], "readwrite");
      const status = transaction.objectStore("queue").index("status");
      const [pending, left] = await Promise.all([status.count("PENDING"), status.count("REPLAYING")]);
      const old =
        pending + left > 0
          ? null
          : await transaction.objectStore("journal").index("at_ms").openCursor(IDBKeyRange.upperBound(beforeMs, true));
      for (let cursor = old; cursor; cursor = await cursor.continue()) await cursor.delete();
      await transaction.done;
    },
  };
}

/** `begin` wrote this attempt; the caller's entries are from before it. */
const asBegun = (entry: QueueEntry): QueueEntry => ({ ...entry, attempts: entry.attempts + 1 });
