import { type Api, CallFailed } from "./api.ts";
import { PUSH_LIMITS, takeBatch } from "./batch.ts";
import type { OfflineQueue } from "./offline-queue.ts";
import { operationOf, type QueueEntry } from "./queue-entry.ts";
import { readMeta, type TillDatabase } from "./till-database.ts";
import type { PushAnswer, PushBody } from "./wire-types.ts";

export interface PushContext {
  database: TillDatabase;
  queue: OfflineQueue;
  api: Api;
  now: () => number;
  app_version: string;
  /** Told after every batch that the server answered. */
  onBatch?: () => void;
}

/** Refusals of the whole request that say something about what is in it; any other says something about the way, the server or the terminal. */
const ABOUT_CONTENT = new Set([400, 413, 415, 422]);

/**
 * Sends what waits, batch after batch, until nothing does. Throws `CallFailed` where it has to be tried again later, or where the server
 * does not know the terminal (401): what was on its way waits again then. A batch that the server refuses as a whole is halved until the
 * one operation that is at fault stands alone and fails, so that it holds up nothing else.
 */
export async function pushWaiting(context: PushContext): Promise<number> {
  let sent = 0;
  let most: number = PUSH_LIMITS.operations;
  for (;;) {
    const { queue } = context;
    const batch = takeBatch(await queue.waiting(most), { operations: most, bytes: PUSH_LIMITS.bytes });
    const acknowledge = ((await readMeta(context.database, "acknowledge")) ?? []).slice(0, PUSH_LIMITS.acknowledge);
    if (batch.length === 0 && acknowledge.length === 0) return sent;
    await queue.begin(batch);
    try {
      await queue.settle(batch, await pushBatch(context, batch, acknowledge));
      sent += batch.length;
      most = PUSH_LIMITS.operations;
    } catch (error) {
      const failure = error instanceof CallFailed ? error : new CallFailed(null, "CLIENT", String(error));
      const told = { code: failure.code, detail: failure.message, at_ms: context.now() };
      const isAboutContent = failure.status !== null && ABOUT_CONTENT.has(failure.status);
      const [alone] = batch;
      if (isAboutContent && alone && batch.length === 1) await queue.giveUp(alone, told);
      else await queue.putBack(batch, told);
      if (!isAboutContent || batch.length === 0) throw failure;
      most = Math.max(1, Math.floor(batch.length / 2));
    }
    context.onBatch?.();
  }
}

async function pushBatch(context: PushContext, batch: QueueEntry[], acknowledge: string[]): Promise<PushAnswer["results"]> {
  const { database, queue, api, now, app_version } = context;
  const { unsent } = await queue.counts();
  const body: PushBody = {
    operations: batch.map(operationOf),
    sent_at: new Date(now()).toISOString(),
    app_version,
    queue_length: unsent,
    ...(acknowledge.length > 0 ? { acknowledge } : {}),
  };
  const answer = await api.call("POST /api/v1/sync/push", { body });
  const answered = new Set(answer.body.results.map(({ id }) => id));
  if (batch.some(({ id }) => !answered.has(id))) throw new CallFailed(null, "ANSWER_INCOMPLETE", "The server left out a result.");
  const transaction = database.transaction("meta", "readwrite");
  const told = new Set(acknowledge);
  const left = (((await transaction.store.get("acknowledge")) as string[] | undefined) ?? []).filter((id) => !told.has(id));
  await transaction.store.put(left, "acknowledge");
  const token = answer.headers.get("consistency-token");
  if (token !== null) await transaction.store.put(token, "consistency_token");
  await transaction.done;
  return answer.body.results;
}
