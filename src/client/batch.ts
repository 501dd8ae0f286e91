import type { QueueEntry } from "./queue-entry.ts";

/** What one push takes (docs/sync.md). The bytes leave room for the rest of the body. */
export const PUSH_LIMITS = { operations: 500, acknowledge: 1_000, bytes: 1024 * 1024 - 64 * 1024 } as const;

/**
 * The first entries that go into one push, in order. One that is too large by itself goes alone: the server's refusal of it is then about it
 * and nothing else.
 */
export function takeBatch<E extends Pick<QueueEntry, "bytes">>(entries: readonly E[], limits: { operations: number; bytes: number }): E[] {
  let bytes = 0;
  let count = 0;
  for (const entry of entries) {
    bytes += entry.bytes + 1;
    if (count === limits.operations || (count > 0 && bytes > limits.bytes)) break;
    count++;
  }
  return entries.slice(0, count);
}
