import type { ReplicationPullOptions, ReplicationPushOptions, RxReplicationPullStreamItem } from "rxdb";
import { bodyOf } from "./api.ts";

/** Where a collection's copy is in the feed. */
export interface Place {
  id: string;
  lwt: number;
}

type News<Doc> = RxReplicationPullStreamItem<Doc, Place>;
type Pull<Doc> = ReplicationPullOptions<Doc, Place>;

export interface RxFeedOptions<Doc> {
  /** Of one collection, with its schema's version: `https://shop.example/api/v1/sync/rxdb/product/0`. */
  url: string;
  fetch: typeof fetch;
  /** The terminal's. Asked for at every call, because it is rotated. */
  token: () => string;
  /** An rxjs Subject: what the server tells comes out of it. */
  news: NonNullable<Pull<Doc>["stream$"]> & { next(item: News<Doc>): void };
  /** Ends `listen`. */
  signal: AbortSignal;
  wait: (ms: number) => Promise<unknown>;
}

const deadlineMs = 30_000;
const reopenMs = 3_000;
/** An open stream says every two seconds that it is still there. */
const silentMs = 20_000;

/**
 * One entity of the feed, as RxDB's `replicateRxCollection` takes it. Both handlers throw `CallFailed`, which RxDB reports in `error$` and tries
 * again; `RESYNC_REQUIRED` it tries in vain: remove the collection and replicate anew.
 */
export function rxFeed<Doc>({ url, fetch, token, news, signal, wait }: RxFeedOptions<Doc>) {
  let pulled: Place | undefined;
  const ask = (path: string, ending: AbortSignal, body?: unknown): Promise<Response> =>
    fetch(`${url}/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token()}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: ending,
      cache: "no-store",
    });
  const called = async (path: string, body?: unknown) => (await bodyOf(await ask(path, AbortSignal.timeout(deadlineMs), body))) as never;

  const pull: Pull<Doc> = {
    stream$: news,
    async handler(from, batchSize) {
      const { id, lwt } = from ?? { id: "", lwt: 0 };
      const page: Awaited<ReturnType<Pull<Doc>["handler"]>> = await called(`pull?lwt=${lwt}&id=${id}&limit=${batchSize}`);
      pulled = page.checkpoint;
      return page;
    },
  };
  const push: ReplicationPushOptions<Doc> = { handler: (rows) => called("push", rows) };

  /** Documents at once; the place moves with pulls only, never past what they saw, because a stream may look at another replica. */
  const tell = (line: string): void => {
    if (!line.startsWith("data: ")) return;
    const { documents, checkpoint }: Exclude<News<Doc>, "RESYNC"> = JSON.parse(line.slice("data: ".length));
    news.next(pulled ? { documents, checkpoint: { ...pulled, lwt: Math.min(pulled.lwt, checkpoint.lwt) } } : "RESYNC");
  };

  const listenOnce = async (): Promise<void> => {
    const response = await ask("pullStream", signal);
    if (!response.ok || !response.body) return void (await bodyOf(response));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (let isFirst = true; ; isFirst = false) {
      const { done, value } = await Promise.race([reader.read(), silence()]);
      if (done) return;
      // From here on it tells of everything: what was before is pulled.
      if (isFirst) news.next("RESYNC");
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(tell);
    }
  };

  return {
    pull,
    push,
    /** Hands the server's stream on until `signal`, opening it again whenever it ends. */
    async listen(): Promise<void> {
      while (!signal.aborted) {
        // Why it ended a pull will find too.
        await listenOnce().catch(() => {});
        if (signal.aborted) return;
        news.next("RESYNC");
        await wait(reopenMs);
      }
    },
  };
}

const silence = (): Promise<never> =>
  new Promise((_, reject) => {
    AbortSignal.timeout(silentMs).addEventListener("abort", () => reject(new Error("the stream fell silent")));
  });
