import type { BatchResult } from "./hrana.ts";

/** What one request cost in the database; logged with the request and asserted in tests. */
export class DbMeter {
  round_trips = 0;
  statements = 0;
  rows_read = 0;
  rows_written = 0;
  /** Batches that went to a primary because no replica could answer. */
  primary_fallbacks = 0;

  count(result: BatchResult): void {
    this.round_trips += 1;
    for (const step of result.results) {
      if (!step) continue;
      this.statements += 1;
      this.rows_read += step.rows_read;
      this.rows_written += step.rows_written;
    }
  }
}
