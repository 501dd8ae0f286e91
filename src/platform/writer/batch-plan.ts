import type { ErrorCode } from "../../kernel/errors.ts";
import type { Version } from "../db/consistency-token.ts";
import type { BatchResult, BatchStep, Condition } from "../db/hrana.ts";
import { type SqlValue, statement } from "../db/statement.ts";
import { isGuard, type ReceiptKey, type UnitOfWork, type UnitResult } from "../db/unit-of-work.ts";

/** Receipts are kept at least this long; the sweep takes them afterwards. */
const DAY_MS = 86_400_000;
const OWN_RECEIPT_MS = 3_600_000;
/** No clock comes to it. */
const FOR_EVER_MS = Number.MAX_SAFE_INTEGER;

const ok = (step: number): Condition => ({ type: "ok", step });
const failed = (step: number): Condition => ({ type: "error", step });
const not = (cond: Condition): Condition => ({ type: "not", cond });
const and = (...conds: Condition[]): Condition => ({ type: "and", conds });
const inTransaction = not({ type: "is_autocommit" });

/** The key under which a unit is remembered: the caller's, or its own id for work of our own. */
export const receiptOf = (unit: UnitOfWork): ReceiptKey =>
  unit.receipt ?? { principal: "servery", method: "", route: "unit", key: unit.id, fingerprint: "", request_id: unit.request_id ?? "" };

const WHERE_RECEIPT = "principal = ? AND method = ? AND route = ? AND key = ?";
const identityOf = ({ principal, method, route, key }: ReceiptKey): SqlValue[] => [principal, method, route, key];

/** The outbox keeps events for a time only; the sequence outlives them. */
const RAISE = `UPDATE commit_state SET commit_seq = commit_seq + 1,
    last_event_sequence = max(last_event_sequence, coalesce((SELECT max(sequence) FROM outbox), 0)) RETURNING epoch, commit_seq`;

interface PlannedUnit {
  unit: UnitOfWork;
  first: number;
  last: number;
  replay: number;
  answered: number;
  /** Ok where the unit was applied by an earlier batch; only there for a unit that others depend on. */
  held_before: number | null;
  guards: { step: number; refusal: number; code: ErrorCode }[];
}

export interface BatchPlan {
  steps: BatchStep[];
  /** The replayed answers that were too long for their receipts, each with where it is; to be put in before `read`. */
  largeAnswers(result: BatchResult): { step: BatchStep; put(answer: SqlValue): void }[];
  /** null: the batch as a whole was not committed and nothing of it took effect. */
  read(result: BatchResult): UnitResult[] | null;
}

/**
 * The one Hrana batch in which a group of units commits (architecture decision 1):
 *
 * `BEGIN IMMEDIATE`, the batch id, then per unit a savepoint with its statements and guards and last its receipt with the answer, undone as a
 * whole where a step fails (the receipt's own where the key is taken) and replaced by the refusal's receipt where that step was a guard. A unit
 * that was undone looks for the receipt that is there. Last `commit_seq` and `COMMIT`.
 * Every step after the batch id asks for an open transaction, so a failure that ends the transaction (a full disk) leaves nothing half done.
 */
export function planBatch(batchId: string, units: readonly UnitOfWork[], nowMs: number): BatchPlan {
  const steps: BatchStep[] = [];
  const push = (sql: string, args: SqlValue[], condition?: Condition): number => {
    steps.push(condition ? { stmt: { sql, args }, condition } : { stmt: { sql, args } });
    return steps.length - 1;
  };

  const begin = push("BEGIN IMMEDIATE", []);
  const batch = push("INSERT INTO batches (batch_id, outcome, created_at_ms) VALUES (?, 'committed', ?)", [batchId, nowMs], ok(begin));
  const planned = new Map<string, PlannedUnit>();
  const bases = new Set(units.map((unit) => unit.depends_on));
  for (const unit of units) planned.set(unit.id, planUnit(unit, bases.has(unit.id), batch, planned, nowMs, push));
  const raise = push(RAISE, [], and(ok(batch), inTransaction));
  const commit = push("COMMIT", [], ok(raise));
  push("ROLLBACK", [], and(not(ok(commit)), inTransaction));

  return {
    steps,
    largeAnswers: (result) =>
      units.flatMap((unit) => {
        const row = result.results[(planned.get(unit.id) as PlannedUnit).replay]?.rows[0];
        if (!row || row["answer"] !== null) return [];
        const stmt = { sql: `SELECT answer FROM large_answers WHERE ${WHERE_RECEIPT}`, args: identityOf(receiptOf(unit)) };
        return [{ step: { stmt }, put: (answer) => Object.assign(row, { answer }) }];
      }),
    read(result) {
      const head = result.results[raise]?.rows[0];
      if (!result.results[commit] || !head) return null;
      const version: Version = { epoch: String(head["epoch"]), commit_seq: Number(head["commit_seq"]) };
      return units.map((unit) => readUnit(planned.get(unit.id) as PlannedUnit, result, version));
    },
  };
}

function planUnit(
  unit: UnitOfWork,
  isBase: boolean,
  batch: number,
  earlier: ReadonlyMap<string, PlannedUnit>,
  nowMs: number,
  push: (sql: string, args: SqlValue[], condition?: Condition) => number,
): PlannedUnit {
  const receipt = receiptOf(unit);
  const identity = identityOf(receipt);
  const expiresAtMs = receipt.kept === "forever" ? FOR_EVER_MS : nowMs + (unit.receipt ? DAY_MS : OWN_RECEIPT_MS);
  const base = unit.depends_on === undefined ? undefined : earlier.get(unit.depends_on);
  const mayStart = base ? and(ok(batch), inTransaction, dependencyHolds(base)) : and(ok(batch), inTransaction);

  const first = push("SAVEPOINT unit", [], mayStart);
  let previous = first;
  const guardSteps: { step: number; code: ErrorCode; details: { sql: string; args: SqlValue[] } }[] = [];
  for (const step of unit.steps) {
    if (isGuard(step)) {
      previous = push(
        // json() of a text that is no JSON fails the step; its argument depends on the row, so it is never computed ahead.
        `SELECT json(CASE WHEN ${step.holds ?? "changes() > 0"} THEN 'null' ELSE 'refused' END)`,
        step.args ?? [],
        ok(previous),
      );
      guardSteps.push({ step: previous, code: step.guard, details: step.details ?? statement("SELECT NULL") });
    } else {
      previous = push(step.sql, step.args, ok(previous));
    }
  }
  const answered = push(
    `INSERT INTO receipts (principal, method, route, key, fingerprint, request_id, created_at_ms, expires_at_ms, status, answer)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, (${unit.answer.select.sql})) RETURNING answer`,
    [...identity, receipt.fingerprint, receipt.request_id, nowMs, expiresAtMs, unit.answer.status, ...unit.answer.select.args],
    ok(previous),
  );
  const undone = push("ROLLBACK TO unit", [], and(ok(first), not(ok(answered)), inTransaction));
  const guards = guardSteps.map(({ step, code, details }) => ({
    step,
    code,
    refusal: push(
      `INSERT INTO receipts (principal, method, route, key, fingerprint, request_id, created_at_ms, expires_at_ms, status, code, answer)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, coalesce((${details.sql}), '{}')) RETURNING answer`,
      [...identity, receipt.fingerprint, receipt.request_id, nowMs, expiresAtMs, code, ...details.args],
      and(ok(undone), failed(step)),
    ),
  }));
  const replay = push(`SELECT fingerprint, status, code, answer, request_id FROM receipts WHERE ${WHERE_RECEIPT}`, identity, ok(undone));
  const held_before = isBase
    ? push(
        `SELECT json(CASE WHEN (SELECT code IS NULL AND fingerprint = ? FROM receipts WHERE ${WHERE_RECEIPT}) THEN 'null' ELSE 'refused' END)`,
        [receipt.fingerprint, ...identity],
        ok(replay),
      )
    : null;
  const last = push("RELEASE unit", [], and(ok(first), inTransaction));
  return { unit, first, last, replay, answered, held_before, guards };
}

const dependencyHolds = ({ answered, held_before }: PlannedUnit): Condition =>
  held_before === null ? ok(answered) : { type: "or", conds: [ok(answered), ok(held_before)] };

function readUnit(planned: PlannedUnit, result: BatchResult, version: Version): UnitResult {
  const { unit, first, last, replay, answered, guards } = planned;
  const cost = { rows_read: 0, rows_written: 0, statements: 0 };
  for (let step = first; step <= last; step++) {
    const done = result.results[step];
    if (!done) continue;
    cost.rows_read += done.rows_read;
    cost.rows_written += done.rows_written;
    cost.statements += 1;
  }
  const answer = result.results[answered]?.rows[0];
  if (answer) {
    return { kind: "applied", status: unit.answer.status, answer: String(answer["answer"] ?? "null"), version, replayed: false, cost };
  }
  for (const guard of guards) {
    const refusal = result.results[guard.refusal]?.rows[0];
    if (!refusal) continue;
    const details = JSON.parse(String(refusal["answer"]));
    return { kind: "refused", code: guard.code, details, request_id: receiptOf(unit).request_id, version, replayed: false };
  }
  const found = result.results[replay]?.rows[0];
  if (found) return readReceipt(unit, found, version, cost);
  if (!result.results[first] && !result.errors[first]) return { kind: "dependency_refused" };
  const error = result.errors.slice(first, last + 1).find((message) => message !== null);
  return { kind: "fault", message: error?.message ?? "a step of the unit did not run" };
}

function readReceipt(
  unit: UnitOfWork,
  row: Record<string, SqlValue>,
  version: Version,
  cost: { rows_read: number; rows_written: number; statements: number },
): UnitResult {
  if (row["fingerprint"] !== receiptOf(unit).fingerprint) return { kind: "key_reused" };
  // Its receipt expired and was swept between the two reads.
  if (row["answer"] === null) return { kind: "unavailable" };
  const answer = String(row["answer"]);
  if (row["code"] !== null) {
    return {
      kind: "refused",
      code: row["code"] as ErrorCode,
      details: JSON.parse(answer),
      request_id: String(row["request_id"]),
      version,
      replayed: true,
    };
  }
  return { kind: "applied", status: Number(row["status"]), answer, version, replayed: true, cost };
}
