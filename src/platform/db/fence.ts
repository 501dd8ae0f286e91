import { type DbEndpoint, DbError, runBatch } from "./hrana.ts";
import { type CellAdmin, setWriteBlock } from "./namespaces.ts";
import { statement } from "./statement.ts";

/** Each waits for the lock as long as sqld lets an abandoned transaction hold it. */
const ATTEMPTS = 3;
const DEADLINE_MS = 10_000;

/**
 * Closes a database to writes for good, and waits for what had begun: when this returns, everything that was ever acknowledged can be read
 * and nothing more can be written, by whomever. Throws AppError UNAVAILABLE or DbError where that cannot be had; it may be done again.
 */
export async function fenceDatabase(admin: CellAdmin, endpoint: DbEndpoint, reason: string): Promise<void> {
  if (!(await setWriteBlock(admin, endpoint.namespace, reason))) throw new DbError("refused", "there is no such database", 404);
  for (let attempt = 1; ; attempt++) {
    // A transaction that wrote before the block may still commit: the lock comes after it. Who gets the lock later finds the block.
    const { results, errors } = await runBatch(
      endpoint,
      [
        { stmt: statement("BEGIN IMMEDIATE") },
        { stmt: statement("DELETE FROM batches WHERE false"), condition: { type: "ok", step: 0 } },
        { stmt: statement("ROLLBACK"), condition: { type: "ok", step: 0 } },
      ],
      DEADLINE_MS,
    );
    if (results[0] && errors[1]?.code === "BLOCKED") return;
    if (results[0]) throw new DbError("refused", `the block did not take: ${errors[1]?.message ?? "a write went through"}`);
    if (attempt === ATTEMPTS) throw new DbError("refused", `the write lock was not to be had: ${errors[0]?.message}`);
  }
}
