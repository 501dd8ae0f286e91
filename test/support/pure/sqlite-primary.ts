import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { BatchResult, BatchStep, StepResult } from "../../../src/platform/db/hrana.ts";
import { holds } from "./holds.ts";

const migrations = join(import.meta.dirname, "../../../migrations/writer");
const tablesOfWriter = readdirSync(migrations)
  .filter((name) => name.endsWith(".sql"))
  .sort()
  .map((name) => readFileSync(join(migrations, name), "utf8"))
  .join(";");

/** A database in memory with a writer's tables, that runs Hrana batches as sqld does: conditions, a failed step leaves the transaction open. */
export class SqlitePrimary {
  private readonly database = new DatabaseSync(":memory:");
  private readonly prepared = new Map<string, StatementSync>();

  constructor(tables: string) {
    this.database.exec(`${tablesOfWriter};${tables}`);
  }

  run(steps: readonly BatchStep[]): BatchResult {
    const results: (StepResult | null)[] = [];
    const errors: BatchResult["errors"] = [];
    for (const { stmt, condition } of steps) {
      let result: StepResult | null = null;
      let error: BatchResult["errors"][number] = null;
      if (!condition || holds(condition, { results, errors }, !this.database.isTransaction)) {
        try {
          const rows = this.all(stmt.sql, stmt.args as SQLInputValue[]) as StepResult["rows"];
          result = { rows, affected_rows: 0, rows_read: 0, rows_written: 0, duration_ms: 0 };
        } catch (thrown) {
          error = { message: (thrown as Error).message, code: "SQLITE" };
        }
      }
      results.push(result);
      errors.push(error);
    }
    // What sqld does when the connection is closed.
    if (this.database.isTransaction) this.database.exec("ROLLBACK");
    return { results, errors };
  }

  all(sql: string, args: SQLInputValue[] = []): unknown[] {
    let prepared = this.prepared.get(sql);
    if (!prepared) {
      prepared = this.database.prepare(sql);
      this.prepared.set(sql, prepared);
    }
    return prepared.all(...args);
  }

  close(): void {
    this.database.close();
  }
}
