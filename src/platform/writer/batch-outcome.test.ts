import { expect, test } from "vitest";
import { SqlitePrimary } from "../../../test/support/pure/sqlite-primary.ts";
import type { BatchResult } from "../db/hrana.ts";
import { voidBatch } from "./batch-outcome.ts";
import { planBatch } from "./batch-plan.ts";

test("a batch that was made void cannot be committed; one that was committed stays so", async () => {
  const primary = new SqlitePrimary("");
  const run = async (steps: Parameters<SqlitePrimary["run"]>[0]): Promise<BatchResult> => primary.run(steps);
  await voidBatch(run, "lost", 0);
  const late = planBatch("lost", [], 0);
  expect(late.read(primary.run(late.steps))).toBeNull();
  const done = planBatch("done", [], 0);
  expect(done.read(primary.run(done.steps))).toEqual([]);
  await voidBatch(run, "done", 0);
  expect(primary.all("SELECT batch_id, outcome FROM batches ORDER BY 1")).toMatchObject([
    { batch_id: "done", outcome: "committed" },
    { batch_id: "lost", outcome: "void" },
  ]);
});

test("an answer that says the mark was not made is no settlement", async () => {
  const locked = async (): Promise<BatchResult> => ({ results: [null], errors: [{ message: "database is locked", code: "SQLITE_BUSY" }] });
  await expect(voidBatch(locked, "lost", 0)).rejects.toMatchObject({ name: "DbError", kind: "lost" });
});
