import { uuidV7 } from "../kernel/ids.ts";
import { createApi } from "./api.ts";
import { createDocuments } from "./documents.ts";
import { exportText } from "./export-file.ts";
import { createFeedCopy } from "./feed-copy.ts";
import { type Locks, whileLeading } from "./leader.ts";
import { createOfflineQueue, type JournalEntry } from "./offline-queue.ts";
import { pushWaiting } from "./push.ts";
import { isAhead } from "./queue-entry.ts";
import { type ReplayStatus, replay, unknownStatus } from "./replay.ts";
import type { Channel, TabMessage } from "./tabs.ts";
import { type Credentials, readMeta, type TillDatabase, writeMeta } from "./till-database.ts";
import { createWaker } from "./waker.ts";
import type { Happened, Operation } from "./wire-types.ts";

export interface TillClientOptions {
  database: TillDatabase;
  /** An empty text is the page's own origin. */
  base_url: string;
  app_version: string;
  fetch: typeof fetch;
  /** This device's clock, right or wrong. */
  now: () => number;
  /** In [0, 1). */
  random: () => number;
  randomBytes: (count: number) => Uint8Array;
  /** `navigator.locks`; null where there is one process only. */
  locks: Locks | null;
  /** To the other tabs. */
  channel: Channel | null;
  /** `navigator.storage`. */
  storage: { persist(): Promise<boolean> } | null;
  setTimer: (done: () => void, ms: number) => unknown;
  clearTimer: (timer: never) => void;
  poll_ms?: number;
}

export type TillEvent = "queue" | "copy" | "documents" | "status" | "credentials";

export type TillClient = ReturnType<typeof createTillClient>;

/** The copy must not be mixed with another store's, nor its unsent work booked there. */
export class UnsentWork extends Error {
  override name = "UnsentWork";
}

const pollMs = 10_000;
/** Longer than a shift. */
const journalMs = 3 * 24 * 60 * 60 * 1000;
const LOCK = "servery-till-replay";

/** A till without its screen: what it knows, what it did and has still to tell. See docs/client.md. */
export function createTillClient(options: TillClientOptions) {
  const { database, channel, now, randomBytes, storage } = options;
  const newId = (): string => uuidV7(now(), randomBytes(10));
  let credentials: Credentials | null = null;
  let status: ReplayStatus = unknownStatus;
  let isPersistent: boolean | null = null;
  let isAsked = false;
  const listeners = new Set<(event: TillEvent) => void>();
  const queue = createOfflineQueue(database, now);
  const api = createApi({ base_url: options.base_url, fetch: options.fetch, token: () => credentials?.token ?? null });
  /** Pairs a device whose token may be refused already: it must not be sent. */
  const anonymous = createApi({ base_url: options.base_url, fetch: options.fetch, token: () => null });
  const copy = createFeedCopy(database, api);
  const documents = createDocuments(database, api, now);
  const waker = createWaker(options.setTimer, options.clearTimer);
  const stopping = new AbortController();
  let ended: Promise<void> = Promise.resolve();

  /** A listener that throws is reported as what nobody catches is; it must not end the tab's sending. */
  const emit = (event: TillEvent): void => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  };
  const changed = (part: "queue" | "copy" | "documents"): void => {
    channel?.postMessage({ kind: "changed", part });
    emit(part);
  };
  const reload = async (): Promise<void> => {
    credentials = await readMeta(database, "credentials");
    emit("credentials");
  };
  const askNow = (): void => {
    isAsked = true;
    waker.wake(true);
  };

  const onMessage = (message: TabMessage): void => {
    if (message.kind === "queued") waker.wake(false);
    if (message.kind === "retry") askNow();
    if (message.kind === "credentials") void reload().then(askNow);
    if (message.kind === "changed") emit(message.part);
    if (message.kind === "status") {
      status = message.status;
      emit("status");
    }
  };

  /** Send, then look: what was sent is then in what is seen. */
  const exchange = async (): Promise<boolean> => {
    credentials = await readMeta(database, "credentials");
    if (credentials === null) return false;
    const { app_version } = options;
    await pushWaiting({ database, queue, api, now, app_version, onBatch: () => changed("queue") });
    const sentUpTo = await queue.lastSent();
    const news = await copy.pull();
    await queue.markInCopy(sentUpTo);
    await queue.prune();
    await queue.pruneJournal(now() - journalMs);
    if (news > 0) changed("copy");
    await refreshDocuments();
    return true;
  };

  const refreshDocuments = async (): Promise<void> => {
    const pointers = (await Promise.all(["menu", "orderability"].map((entity) => copy.list<{ url?: string }>(entity)))).flat();
    const urls = pointers.flatMap(({ url }) => (url === undefined ? [] : [url]));
    // What cannot be had now is had at the next turn; the one that is kept serves until then.
    const fresh = await Promise.all(urls.map((url) => documents.refresh(url).catch(() => false)));
    if (fresh.includes(true)) changed("documents");
  };

  const lead = async (): Promise<void> => {
    await replay({
      exchange,
      waker,
      now,
      random: options.random,
      poll_ms: options.poll_ms ?? pollMs,
      signal: stopping.signal,
      tell: (told) => {
        status = told;
        channel?.postMessage({ kind: "status", status });
        emit("status");
      },
      wasAsked: () => {
        const asked = isAsked;
        isAsked = false;
        return asked;
      },
    });
  };

  return {
    queue,
    copy,
    documents,
    newId,
    credentials: (): Credentials | null => credentials,
    status: (): ReplayStatus => status,
    /** Whether the browser promised not to throw the data away; null before it was asked. */
    isPersistent: (): boolean | null => isPersistent,

    /** Calls `listener` after every change, whichever tab made it. Answers how to end that. */
    subscribe(listener: (event: TillEvent) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    /** Loads what is kept and joins the device's tabs, one of which sends. */
    async start(): Promise<void> {
      credentials = await readMeta(database, "credentials");
      if (channel) channel.onmessage = ({ data }) => onMessage(data as TabMessage);
      ended = whileLeading(options.locks, LOCK, stopping.signal, lead);
      // Not waited for: some browsers ask the person.
      void storage?.persist().then(
        (granted) => {
          isPersistent = granted;
          emit("status");
        },
        () => {},
      );
    },

    /** Ends this tab's part in it; another may lead then. What is queued stays. */
    async stop(): Promise<void> {
      stopping.abort();
      waker.wake(true);
      await ended;
      if (channel) channel.onmessage = null;
    },

    /** Becomes a terminal, with a code that the manager was shown. Throws `CallFailed`; `UnsentWork` where another store's sales still wait here. */
    async pair(code: string, name: string): Promise<Credentials> {
      const device_id = (await readMeta(database, "device_id")) ?? newId();
      await writeMeta(database, "device_id", device_id);
      const { body } = await anonymous.call("POST /api/v1/terminals/pair", { body: { code, device_id, name }, idempotency_key: newId() });
      const before = await readMeta(database, "credentials");
      if (before && before.store_id !== body.store_id) {
        const { unsent } = await queue.counts();
        if (unsent > 0) throw new UnsentWork(`${unsent} operations of another store have not been sent`);
      }
      // Another terminal's cursor is of no use; its copy may be of another store.
      await copy.drop();
      const { terminal_id, store_id, location_id, token } = body;
      credentials = { terminal_id, store_id, location_id, name: body.name, device_id, token };
      const earlier = before?.store_id === store_id ? ((await readMeta(database, "terminal_ids")) ?? []) : [];
      await writeMeta(database, "terminal_ids", [...earlier.filter((id) => id !== terminal_id), terminal_id]);
      await writeMeta(database, "credentials", credentials);
      channel?.postMessage({ kind: "credentials" });
      emit("credentials");
      askNow();
      return credentials;
    },

    /**
     * Something happened. Resolves with the operations once they are on disk, with `journal` beside them, and not before: what was recorded
     * survives the tab, the network and a power cut. They are sent when that can be.
     */
    async record(happened: readonly Happened[], journal: readonly JournalEntry[] = []): Promise<Operation[]> {
      const occurred_at = new Date(now()).toISOString();
      const operations = happened.map(({ type, payload }) => ({ id: newId(), type, occurred_at, payload }));
      await queue.enqueue(operations, journal);
      changed("queue");
      channel?.postMessage({ kind: "queued" });
      waker.wake(false);
      return operations;
    },

    /** A number for a receipt, never the same twice on this device. */
    async nextOrderNumber(): Promise<number> {
      const transaction = database.transaction("meta", "readwrite");
      const number = (((await transaction.store.get("order_number")) as number | undefined) ?? 0) + 1;
      await Promise.all([transaction.store.put(number, "order_number"), transaction.done]);
      return number;
    },

    /** Sends at once instead of at the next turn, whatever stood against it. */
    retryNow(): void {
      channel?.postMessage({ kind: "retry" });
      askNow();
    },

    /** The network is said to be back: no reason to wait on, but none to ask a server that refused. */
    networkIsBack: (): void => waker.wake(true),

    /** The operations that the copy of the feed does not show yet, in order. */
    ahead: async () => (await queue.all()).filter(isAhead),

    /** Every terminal that this device has been at its store, the present one last: what one of them began is this device's. */
    terminalIds: async (): Promise<string[]> => (await readMeta(database, "terminal_ids")) ?? [],

    journal: async <T>(): Promise<{ key: string; at_ms: number; value: T }[]> => (await database.getAll("journal")) as never,

    /** A person has seen why these failed. */
    async acknowledge(ids: readonly string[]): Promise<void> {
      await queue.acknowledge(ids);
      changed("queue");
      channel?.postMessage({ kind: "queued" });
      waker.wake(false);
    },

    exportUnsent: async (): Promise<string> => exportText(await queue.all(), credentials, now()),
  };
}
