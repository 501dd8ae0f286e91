import { isUnsent, type QueueEntry } from "./queue-entry.ts";
import type { Credentials } from "./till-database.ts";

/**
 * What the server has not taken, as a JSON text: everything that is needed to push it from elsewhere or to book it by hand. The terminal's
 * token is not in it.
 */
export function exportText(entries: readonly QueueEntry[], credentials: Credentials | null, nowMs: number): string {
  const { token: _, ...terminal } = credentials ?? { token: null };
  return `${JSON.stringify(
    {
      format: "servery-till-queue/1",
      exported_at: new Date(nowMs).toISOString(),
      terminal: credentials === null ? null : terminal,
      operations: entries
        .filter((entry) => isUnsent(entry) || entry.status === "FAILED")
        .map(({ id, type, occurred_at, payload, status, attempts, last_error }) => {
          const left = status === "REPLAYING" ? "PENDING" : status;
          return { id, type, occurred_at, payload, status: left, attempts, last_error };
        }),
    },
    null,
    2,
  )}\n`;
}
