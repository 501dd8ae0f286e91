import { statement } from "../../platform/db/statement.ts";
import { failureOf } from "../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../platform/http/scope.ts";
import type { WantedMessage } from "../../platform/queues/messages.ts";
import { wantedDone } from "../../platform/writer/wanted.ts";
import { type PendingStock, pendingStock, stockCounted } from "../catalog/index.ts";
import { countingIds } from "./counting-ids.ts";
import { movementSteps } from "./movement-steps.ts";
import { orderabilitySteps } from "./orderability-steps.ts";
import { insertEntries, type LedgerEntry, writtenEntries } from "./record-movements.ts";

/** One unit of work carries so many: sales wait while it commits. */
const COUNTS_AT_ONCE = 200;
/** Of one delivery; the next goes on. */
const MOST_UNITS = 50;

/**
 * Writes what a source system's payloads said of stock into the ledger, as counts of the time at which the provider counted, else of the time
 * at which they were taken in. Two deliveries at once write each statement once. One read and one unit for 200 statements.
 */
export async function countStatedStock(scope: Scope, message: WantedMessage): Promise<void> {
  const sourceId = message.key;
  for (let unit = 0; unit < MOST_UNITS; unit++) {
    const [rows = []] = await scope.db.read([pendingStock(sourceId, COUNTS_AT_ONCE)], { fresh: true });
    const taken = rows as unknown as PendingStock[];
    const isLast = taken.length < COUNTS_AT_ONCE;
    if (await writeCounts(scope, message, taken, isLast)) return;
  }
  throw new Error("more stock is stated than one delivery counts");
}

/** Whether it was the last of them. */
async function writeCounts(scope: Scope, message: WantedMessage, taken: readonly PendingStock[], isLast: boolean): Promise<boolean> {
  const nowMs = scope.clock.now();
  const entries = entriesOf(taken, scope.clock.newId(), nowMs);
  const written = writtenEntries(entries);
  const result = await scope.db.write(
    unitOf(scope, {
      steps: [
        ...(taken.length === 0
          ? []
          : [
              ...stockCounted(message.key, taken),
              insertEntries(entries, nowMs),
              ...movementSteps(scope, written, { has_counts: true, now_ms: nowMs }),
              ...orderabilitySteps(
                scope,
                nowMs,
                statement(`SELECT w.location_id, w.variant_id FROM (${written.sql}) AS w`, ...written.args),
              ),
            ]),
        ...(isLast ? [wantedDone(message.kind, message.key, message.requests, nowMs)] : []),
      ],
      answer: { status: 200, select: statement("SELECT 'null'") },
      lane: "bulk",
      wakes: true,
    }),
  );
  if (result.kind === "applied") return isLast;
  // Another delivery has written some of them, or a newer payload says something else: read again.
  if (result.kind === "refused") return false;
  throw failureOf(result);
}

const entriesOf = (taken: readonly PendingStock[], firstId: string, nowMs: number): LedgerEntry[] => {
  const ids = countingIds(firstId, taken.length);
  return taken.map(({ variant_id, location_id, quantity_e4, counted_at_ms, stated_at_ms, run_id }, index) => ({
    movement_id: ids[index] ?? "",
    variant_id,
    location_id,
    movement_type: "count",
    quantity_e4,
    // A provider's clock that is ahead would void what happens until then.
    occurred_at_ms: Math.min(counted_at_ms ?? stated_at_ms, nowMs),
    reference_type: "ingestion",
    reference_id: run_id,
  }));
};
