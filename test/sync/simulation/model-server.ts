import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SQLInputValue } from "node:sqlite";
import { pullChanges } from "../../../src/domains/sync/pull-changes.ts";
import { type PushAnswer, pushOperations } from "../../../src/domains/sync/push-operations.ts";
import { uuidV7 } from "../../../src/kernel/ids.ts";
import type { DatabaseHandle } from "../../../src/platform/db/database.ts";
import type { Row } from "../../../src/platform/db/statement.ts";
import type { UnitOfWork, UnitResult } from "../../../src/platform/db/unit-of-work.ts";
import type { Terminal } from "../../../src/platform/tenancy/roles.ts";
import { planBatch } from "../../../src/platform/writer/batch-plan.ts";
import { sweepUnit } from "../../../src/platform/writer/sweep.ts";
import { SqlitePrimary } from "../../support/pure/sqlite-primary.ts";
import type { SentOperation } from "./model-till.ts";

const folder = join(import.meta.dirname, "../../../migrations/tenant");
const tables = readdirSync(folder)
  .filter((name) => name.endsWith(".sql"))
  .sort()
  .map((name) => readFileSync(join(folder, name), "utf8"))
  .join(";");

export const VARIANTS = ["v0", "v1", "v2", "v3", "v4", "v5"];
export const COUNTED = 100_000;
/** Of each: everything is tracked but the last. */
export const isTracked = (variant: string): boolean => variant !== "v5";

/** The answer never comes, whatever has happened by then. */
export class Lost extends Error {}

/** The real verbs over the real tables, plans of batches and triggers, in SQLite in memory; what is between till and server is the simulation's. */
export class ModelServer {
  readonly primary = new SqlitePrimary(tables);
  readonly location_id = "l";
  readonly store_id = "s";
  now_ms = 1_800_000_000_000;
  /** Asked before each write: what happens between what was read and what is written, or that the server dies there. */
  between: (() => Promise<void>) | null = null;
  private readonly chance: () => number;

  constructor(chance: () => number, terminals: readonly string[]) {
    this.chance = chance;
    const at = this.now_ms - 1_000_000;
    const run = (sql: string, ...args: SQLInputValue[]) => this.primary.all(sql, args);
    run("INSERT INTO locations VALUES ('l', 'store', 'Shop', ?)", at);
    run("INSERT INTO stores VALUES ('s', 'l', 'Shop', NULL, 'UTC', 'USD', 'en', NULL, ?, ?)", at, at);
    for (const terminal of terminals) {
      run(
        `INSERT INTO terminals (terminal_id, store_id, location_id, name, device_id, generation, token_hash, created_at_ms)
         VALUES (?, 's', 'l', ?, 'd', 1, ?, ?)`,
        terminal,
        terminal,
        terminal,
        at,
      );
    }
    for (const variant of VARIANTS) {
      run(
        "INSERT INTO products (product_id, name, original_name, variant_count, created_at_ms, updated_at_ms) VALUES (?, ?, ?, 1, 0, 0)",
        `p-${variant}`,
        variant,
        variant,
      );
      run(
        "INSERT INTO variants (variant_id, product_id, item_code, position, created_at_ms, updated_at_ms) VALUES (?, ?, ?, 0, 0, 0)",
        variant,
        `p-${variant}`,
        variant,
      );
      if (!isTracked(variant)) continue;
      run(
        "INSERT INTO stock_movements VALUES ('l', ?, ?, ?, 'count', ?, NULL, NULL, NULL, ?)",
        variant,
        at - 100_000_000,
        `count-${variant}`,
        COUNTED * 10_000,
        at,
      );
      run(
        `INSERT INTO stock_positions (location_id, variant_id, on_hand_e4, counted_at_ms, counted_movement_id, updated_at_ms)
         VALUES ('l', ?, ?, ?, ?, ?)`,
        variant,
        COUNTED * 10_000,
        at - 100_000_000,
        `count-${variant}`,
        at,
      );
    }
  }

  readonly newId = (): string =>
    uuidV7(
      this.now_ms,
      Uint8Array.from({ length: 10 }, () => Math.floor(this.chance() * 256)),
    );

  private readonly db: DatabaseHandle = {
    database: { id: "t", namespace: "t", primary_url: "", replicas: [], placed_at_ms: 0 },
    seenVersion: () => null,
    read: async (statements) => statements.map(({ sql, args }) => this.rows(sql, ...(args as SQLInputValue[]))),
    write: async (unit) => {
      await this.between?.();
      return this.commit(unit);
    },
    writeAll: (units) => Promise.all(units.map((unit) => this.commit(unit))),
  };

  private commit(unit: UnitOfWork): UnitResult {
    const plan = planBatch(this.newId(), [unit], this.now_ms);
    const outcome = plan.read(this.primary.run(plan.steps))?.[0];
    if (!outcome) throw new Error("the batch was not committed");
    if (outcome.kind === "fault") throw new Error(`a unit could not be written: ${outcome.message}`);
    return outcome;
  }

  private get scope() {
    return { db: this.db, clock: { now: () => this.now_ms, newId: this.newId }, trace_id: "t", request_id: "r" };
  }

  terminal = (terminal_id: string): Terminal => ({ terminal_id, store_id: this.store_id, location_id: this.location_id });

  push(terminalId: string, operations: readonly SentOperation[], sent_at: string, acknowledge: readonly string[]): Promise<PushAnswer> {
    return pushOperations(this.scope, this.terminal(terminalId), { operations: operations as never, sent_at, acknowledge });
  }

  async pull(terminalId: string, cursor: string | undefined, limit: number) {
    const { text } = await pullChanges(this.scope, this.terminal(terminalId), { cursor, limit, entities: [] });
    return JSON.parse(text);
  }

  sweep(): UnitResult {
    return this.commit(sweepUnit(this.newId(), this.now_ms, true));
  }

  rows(sql: string, ...args: SQLInputValue[]): Row[] {
    return this.primary.all(sql, args) as Row[];
  }
}
