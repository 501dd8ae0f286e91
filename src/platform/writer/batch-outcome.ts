import { type BatchResult, type BatchStep, DbError } from "../db/hrana.ts";
import { statement } from "../db/statement.ts";

/** Makes sure that the batch, if it has not been committed, never will be. Throws DbError where that is not certain. */
export async function voidBatch(run: (steps: BatchStep[]) => Promise<BatchResult>, batchId: string, nowMs: number): Promise<void> {
  const mark = statement("INSERT OR IGNORE INTO batches (batch_id, outcome, created_at_ms) VALUES (?, 'void', ?)", batchId, nowMs);
  const { errors } = await run([{ stmt: mark }]);
  // As where the batch itself still holds the lock: the answer came, the mark was not made.
  if (errors[0]) throw new DbError("lost", `the batch could not be settled: ${errors[0].message}`);
}
