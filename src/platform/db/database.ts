import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { databaseToken } from "./access-token.ts";
import { Breaker } from "./breaker.ts";
import type { Version } from "./consistency-token.ts";
import { type BatchResult, type BatchStep, DbError, runBatch, type StepResult } from "./hrana.ts";
import type { DbMeter } from "./meter.ts";
import { type Row, type Statement, statement } from "./statement.ts";
import type { Database } from "./tenant.ts";
import type { UnitOfWork, UnitResult } from "./unit-of-work.ts";

const REPLICA_DEADLINE_MS = 1_000;
const PRIMARY_DEADLINE_MS = 5_000;
const SLOW_STATEMENT_MS = 100;

/** How units of work reach the database's writer; `platform/writer` gives it. */
export type CommitUnits = (database: Database, units: UnitOfWork[]) => Promise<UnitResult[]>;

export interface DatabaseDeps {
  clock: Clock;
  jwt_private_key: string;
  /** Where this Worker runs, nearest name first, to choose a replica by. */
  regions(): readonly string[];
  meter: DbMeter;
  commit: CommitUnits;
  log(event: string, fields: Record<string, unknown>): void;
}

export interface ReadOptions {
  /** Ask the primary: for what a write is decided on. */
  fresh?: boolean;
  /** All statements see one moment. */
  snapshot?: boolean;
}

/**
 * The handle bound to one database, and the capability to use it: URLs, tokens and clients exist nowhere else.
 */
export interface DatabaseHandle {
  readonly database: Database;
  /** The rows of each statement, in order. One round trip; a second only where a replica fails or is too old. */
  read(statements: Statement[], options?: ReadOptions): Promise<Row[][]>;
  /** One unit of work through the writer. Never throws for a refusal. */
  write(unit: UnitOfWork): Promise<UnitResult>;
  /** Units in order, in as few batches as fit. */
  writeAll(units: UnitOfWork[]): Promise<UnitResult[]>;
  /** The newest version this handle has written or was asked to see. */
  seenVersion(): Version | null;
}

const breakers = new Map<string, Breaker>();

function breakerOf(url: string): Breaker {
  let breaker = breakers.get(url);
  if (!breaker) {
    breaker = new Breaker();
    breakers.set(url, breaker);
  }
  return breaker;
}

/** Which of a database's replicas this isolate believes to be down; for /readyz. */
export const openBreakers = (database: Database, nowMs: number): string[] =>
  database.replicas.filter(({ url }) => breakerOf(url).isOpen(nowMs)).map(({ region }) => region);

/** `atLeast`: the version a consistency token promised; older answers are dropped and the primary asked. */
export function openDatabase(deps: DatabaseDeps, database: Database, atLeast: Version | null = null): DatabaseHandle {
  let seen = atLeast;

  const token = (access: "ro" | "rw") => databaseToken(deps.jwt_private_key, database.namespace, access, deps.clock.now());

  async function run(url: string, access: "ro" | "rw", steps: BatchStep[], deadlineMs: number): Promise<BatchResult> {
    const result = await runBatch({ url, namespace: database.namespace, token: await token(access) }, steps, deadlineMs);
    deps.meter.count(result);
    reportSlow(deps, database, steps, result);
    return result;
  }

  async function readReplica(url: string, steps: BatchStep[]): Promise<BatchResult | null> {
    const breaker = breakerOf(url);
    if (!breaker.allows(deps.clock.now())) return null;
    try {
      const result = await run(url, "ro", steps, REPLICA_DEADLINE_MS);
      breaker.succeeded();
      // A replica passes what it cannot answer to its primary; an error there is no fact about the statement.
      return result.errors.some((error) => error !== null) ? null : result;
    } catch (error) {
      if (!(error instanceof DbError)) throw error;
      // It cannot read what was sent, or (404) has not heard of a namespace that the directory knows: no sign of a dead node.
      if (error.kind === "refused" && (error.status === null || error.status === 404)) breaker.succeeded();
      else breaker.failed(deps.clock.now());
      deps.log("db.replica_failed", { namespace: database.namespace, status: error.status, reason: error.message });
      return null;
    }
  }

  return {
    database,
    seenVersion: () => seen,

    async read(statements, options = {}) {
      const plan = readPlan(statements, options.snapshot === true, seen !== null && options.fresh !== true);
      const replica = options.fresh ? undefined : nearest(database, deps.regions());
      let result = replica ? await readReplica(replica, plan.steps) : null;
      if (result && seen && plan.version !== null && isOlder(result.results[plan.version], seen)) result = null;
      if (!result) {
        if (replica) deps.meter.primary_fallbacks += 1;
        result = await readPrimary(() => run(database.primary_url, "ro", plan.steps, PRIMARY_DEADLINE_MS));
      }
      return plan.data.map((step) => result.results[step]?.rows ?? []);
    },

    async write(unit) {
      const [result] = await this.writeAll([unit]);
      return result as UnitResult;
    },

    async writeAll(units) {
      const results = await deps.commit(database, units);
      deps.meter.round_trips += 1;
      for (const result of results) {
        if (result.kind !== "applied" && result.kind !== "refused") continue;
        if (!seen || seen.epoch !== result.version.epoch || seen.commit_seq < result.version.commit_seq) seen = result.version;
        if (result.kind !== "applied") continue;
        deps.meter.rows_read += result.cost.rows_read;
        deps.meter.rows_written += result.cost.rows_written;
        deps.meter.statements += result.cost.statements;
      }
      return results;
    },
  };
}

function nearest(database: Database, regions: readonly string[]): string | undefined {
  for (const region of regions) {
    const near = database.replicas.find((replica) => replica.region === region);
    if (near) return near.url;
  }
  return database.replicas[0]?.url;
}

const isOlder = (step: StepResult | null | undefined, than: Version): boolean => {
  const row = step?.rows[0];
  return row?.["epoch"] !== than.epoch || Number(row["commit_seq"]) < than.commit_seq;
};

function readPlan(
  statements: Statement[],
  snapshot: boolean,
  versioned: boolean,
): { steps: BatchStep[]; data: number[]; version: number | null } {
  const steps: BatchStep[] = [];
  if (snapshot) steps.push({ stmt: statement("BEGIN") });
  let version: number | null = null;
  if (versioned) {
    // First, so that the data is at least as new as the version it is judged by.
    version = steps.push({ stmt: statement("SELECT epoch, commit_seq FROM commit_state") }) - 1;
  }
  const data = statements.map((stmt) => steps.push({ stmt }) - 1);
  if (snapshot) steps.push({ stmt: statement("COMMIT") });
  return { steps, data, version };
}

async function readPrimary(run: () => Promise<BatchResult>): Promise<BatchResult> {
  let result: BatchResult;
  try {
    result = await run();
  } catch (cause) {
    // A statement that cannot be read is a defect of ours, not a passing failure.
    if (cause instanceof DbError && cause.kind === "refused" && cause.status === null) throw new AppError("INTERNAL", { cause });
    throw new AppError("UNAVAILABLE", { detail: "The database does not answer.", retry_after_s: 1, cause });
  }
  const error = result.errors.find((message) => message !== null);
  if (error) throw new AppError("INTERNAL", { cause: new Error(error.message) });
  return result;
}

function reportSlow(deps: DatabaseDeps, database: Database, steps: BatchStep[], result: BatchResult): void {
  result.results.forEach((step, index) => {
    if (!step || step.duration_ms <= SLOW_STATEMENT_MS) return;
    // The text without its arguments: those may be anybody's data.
    deps.log("db.slow_statement", {
      namespace: database.namespace,
      duration_ms: step.duration_ms,
      rows_read: step.rows_read,
      sql: steps[index]?.stmt.sql.replace(/\s+/g, " ").slice(0, 300),
    });
  });
}
