import { setTimeout as sleep } from "node:timers/promises";

/** Looks until there is something to see. Throws after `deadlineMs`, with the last failure as its cause. */
export async function until<T>(what: string, deadlineMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + deadlineMs;
  let cause: unknown;
  while (performance.now() < end) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      cause = error;
    }
    await sleep(10);
  }
  throw new Error(`${what} did not come about in ${deadlineMs} ms`, { cause });
}
