import { AppError } from "../../kernel/errors.ts";
import { type Row, type Statement, statement } from "../../platform/db/statement.ts";
import type { UnitOfWork, UnitResult, UnitStep } from "../../platform/db/unit-of-work.ts";
import { failureOf } from "../../platform/http/reply.ts";
import type { Scope } from "../../platform/http/scope.ts";
import { logEvent } from "../../platform/observability/log.ts";
import type { Terminal } from "../../platform/tenancy/roles.ts";
import { positionsJsonSql } from "../inventory/index.ts";
import { type Book, bookHolds, bookReads, bookWrites, fillBook, newBook } from "../orders/index.ts";
import { type DecidedPush, decidePush, type KnownOperation, type NewReceipt, type PushResult } from "./decide-push.ts";
import { feedDataSql } from "./feed-data.ts";
import { sealPosition } from "./pull-changes.ts";
import { type PushedOperation, type ReadOperation, readOperation } from "./read-operation.ts";

export interface PushInput {
  operations: readonly PushedOperation[];
  sent_at?: string | undefined;
  app_version?: string | undefined;
  queue_length?: number | undefined;
  acknowledge?: readonly string[];
}

export interface PushAnswer {
  results: PushResult[];
  cursor: string;
  server_time: string;
  clock_offset_ms: number | null;
  below_zero: unknown[];
}

type PushScope = Pick<Scope, "db" | "clock" | "trace_id" | "request_id">;

/** A clock that is wrong by less is not wrong: that may be the way here. */
const BELIEVED_MS = 2_000;
/** Each time somebody else changed what this was decided on, so somebody gets on. */
const MOST_ATTEMPTS = 6;

/**
 * Takes what a till did, in order; every operation once, for good. Two round trips for any number of them: one reads what they are about, pure
 * code decides, one unit of work writes everything, which holds only while nothing of what was read has changed. Throws AppError where nothing was written.
 */
export async function pushOperations(scope: PushScope, terminal: Terminal, input: PushInput): Promise<PushAnswer> {
  const nowMs = scope.clock.now();
  const offsetMs = input.sent_at === undefined ? null : nowMs - Date.parse(input.sent_at);
  const believed = offsetMs !== null && Math.abs(offsetMs) >= BELIEVED_MS ? offsetMs : 0;
  const operations = await Promise.all(input.operations.map((given) => readOperation(given, believed, nowMs)));
  const seen = { ...input, clock_offset_ms: offsetMs };
  const { results, sequence, epoch, below_zero } = await commit(scope, terminal, operations, seen);
  return {
    results,
    cursor: sealPosition({ epoch, sequence, base: sequence }, terminal, []),
    server_time: new Date(nowMs).toISOString(),
    clock_offset_ms: offsetMs,
    below_zero,
  };
}

type Seen = Pick<PushInput, "app_version" | "queue_length" | "acknowledge"> & { clock_offset_ms: number | null };

interface Committed {
  results: PushResult[];
  sequence: number;
  epoch: string;
  below_zero: unknown[];
}

async function commit(scope: PushScope, terminal: Terminal, operations: readonly ReadOperation[], seen: Seen): Promise<Committed> {
  for (let attempt = 1; ; attempt++) {
    const { book, known } = await readBook(scope, terminal, operations);
    const decided = decidePush(book, operations, known);
    const result = await scope.db.write(unitOfPush(scope, terminal, book, decided, seen));
    if (result.kind === "applied") return committed(result.answer, decided);
    if (result.kind === "fault") return inParts(scope, terminal, operations, seen, result);
    if (result.kind !== "refused") throw failureOf(result);
    if (attempt === MOST_ATTEMPTS)
      throw new AppError("WRITER_BUSY", {
        detail: "Others change the same orders all the time. Nothing was written; push again.",
        retry_after_s: 1,
      });
  }
}

/**
 * A statement failed that should not have: whichever operation it is that we cannot write, it must not hold up the others. Halves are tried until
 * it stands alone; then it is kept as a rejection.
 */
async function inParts(
  scope: PushScope,
  terminal: Terminal,
  operations: readonly ReadOperation[],
  seen: Seen,
  fault: Extract<UnitResult, { kind: "fault" }>,
): Promise<Committed> {
  const [only] = operations;
  if (!only) throw failureOf(fault);
  if (operations.length === 1) {
    if (only.problem) throw failureOf(fault);
    logEvent("sync.operation_failed", { terminal: terminal.terminal_id, operation: only.given.id, reason: fault.message });
    const problem = { code: "INTERNAL", detail: "It could not be written; we were told." };
    return commit(scope, terminal, [{ ...only, happening: null, problem }], seen);
  }
  const half = Math.ceil(operations.length / 2);
  const first = await commit(scope, terminal, operations.slice(0, half), seen);
  const second = await commit(scope, terminal, operations.slice(half), seen);
  return { ...second, results: [...first.results, ...second.results], below_zero: [...first.below_zero, ...second.below_zero] };
}

async function readBook(
  scope: PushScope,
  terminal: Terminal,
  operations: readonly ReadOperation[],
): Promise<{ book: Book; known: Map<string, KnownOperation> }> {
  const { terminal_id, store_id, location_id } = terminal;
  const book = newBook({ terminal_id, store_id, location_id, currency: "" }, scope.clock.now());
  const happenings = operations.flatMap(({ happening }) => happening ?? []);
  const [store = [], receipts = [], ...rest] = await scope.db.read(
    [
      statement("SELECT currency FROM stores WHERE store_id = ?", store_id),
      statement(
        `SELECT r.operation_id, r.fingerprint, r.status, r.outcome FROM json_each(?) AS w
         CROSS JOIN sync_operations AS r ON r.operation_id = w.value`,
        JSON.stringify(operations.map(({ given }) => given.id)),
      ),
      ...bookReads(book, happenings),
    ],
    { fresh: true, snapshot: true },
  );
  book.place.currency = String(store[0]?.["currency"]);
  fillBook(book, rest);
  return { book, known: new Map(receipts.map((row) => [String(row["operation_id"]), knownOf(row)])) };
}

const knownOf = (row: Row): KnownOperation => ({
  fingerprint: String(row["fingerprint"]),
  status: row["status"] as KnownOperation["status"],
  outcome: JSON.parse(String(row["outcome"])),
});

function unitOfPush(scope: PushScope, terminal: Terminal, book: Book, decided: DecidedPush, seen: Seen): UnitOfWork {
  const { steps, written } = bookWrites(scope, book);
  const ids = JSON.stringify(decided.receipts.map(({ operation_id }) => operation_id));
  const belowZero = written ? positionsJsonSql(written, "p.on_hand_e4 < 0") : "json('[]')";
  return {
    id: scope.clock.newId(),
    request_id: scope.request_id,
    lane: "sale",
    wakes: written !== null,
    steps: [
      {
        guard: "CONFLICT",
        holds: "NOT EXISTS (SELECT 1 FROM json_each(?) AS e CROSS JOIN sync_operations AS r ON r.operation_id = e.value)",
        args: [ids],
      },
      ...bookHolds(book),
      ...steps,
      ...insertReceipts(decided.receipts, terminal, book.now_ms),
      ...insertRejections(decided, terminal, book.now_ms),
      ...acknowledge(terminal, seen.acknowledge ?? [], book.now_ms),
      noteSeen(terminal, seen, book.now_ms),
    ],
    answer: {
      status: 200,
      select: statement(
        `SELECT json_object('sequence', (SELECT sequence FROM feed_state), 'epoch', (SELECT epoch FROM commit_state), 'below_zero', ${belowZero},
          'current', (SELECT json_group_object(r.operation_id, json(r.outcome -> '$.current')) FROM json_each(?) AS e
            CROSS JOIN sync_operations AS r ON r.operation_id = e.value))`,
        ...(written?.args ?? []),
        JSON.stringify(decided.receipts.filter(({ current }) => current).map(({ operation_id }) => operation_id)),
      ),
    },
  };
}

/** After the effects: what holds at the end goes into the outcome of those that were told otherwise. */
function insertReceipts(receipts: readonly NewReceipt[], { location_id }: Terminal, nowMs: number): UnitStep[] {
  if (receipts.length === 0) return [];
  const entities = [...new Set(receipts.flatMap(({ current }) => current?.entity ?? []))];
  const outcome =
    entities.length === 0
      ? "e.value -> '$.outcome'"
      : `CASE WHEN e.value ->> '$.current.entity' IS NULL THEN e.value -> '$.outcome'
         ELSE json_set(e.value -> '$.outcome', '$.current', json((SELECT ${feedDataSql(entities)} FROM
           (SELECT e.value ->> '$.current.entity' AS entity, e.value ->> '$.current.id' AS id, ? AS scope, 0 AS deleted) AS f))) END`;
  return [
    statement(
      `INSERT INTO sync_operations (operation_id, terminal_id, type, entity_id, fingerprint, status, outcome, occurred_at_ms, created_at_ms)
       SELECT e.value ->> 'operation_id', e.value ->> 'terminal_id', e.value ->> 'type', e.value ->> 'entity_id', e.value ->> 'fingerprint',
         e.value ->> 'status', ${outcome}, e.value ->> 'occurred_at_ms', ? FROM json_each(?) AS e`,
      ...(entities.length === 0 ? [] : [location_id]),
      nowMs,
      JSON.stringify(receipts),
    ),
  ];
}

function insertRejections({ rejections }: DecidedPush, { terminal_id, store_id }: Terminal, nowMs: number): Statement[] {
  if (rejections.length === 0) return [];
  const columns = ["operation_id", "status", "code", "detail", "amount_minor", "currency", "shift_id", "operation", "fingerprint"];
  return [
    statement(
      `INSERT INTO sync_rejections (terminal_id, store_id, rejected_at_ms, ${columns.join(", ")})
       SELECT ?, ?, ?, ${columns.map((column) => `e.value ->> '${column}'`).join(", ")} FROM json_each(?) AS e WHERE true
       ON CONFLICT (terminal_id, operation_id) DO NOTHING`,
      terminal_id,
      store_id,
      nowMs,
      JSON.stringify(rejections),
    ),
    // A shift tells of the money in them.
    statement(
      "UPDATE shifts SET version = version + 1, updated_at_ms = ? WHERE store_id = ? AND shift_id IN (SELECT value FROM json_each(?))",
      nowMs,
      store_id,
      JSON.stringify(rejections.map(({ shift_id }) => shift_id)),
    ),
  ];
}

const acknowledge = ({ terminal_id }: Terminal, ids: readonly string[], nowMs: number): Statement[] =>
  ids.length === 0
    ? []
    : [
        statement(
          `UPDATE sync_rejections SET acknowledged_at_ms = ? WHERE terminal_id = ? AND acknowledged_at_ms IS NULL
             AND operation_id IN (SELECT value FROM json_each(?))`,
          nowMs,
          terminal_id,
          JSON.stringify(ids),
        ),
      ];

const noteSeen = ({ terminal_id }: Terminal, { app_version, queue_length, clock_offset_ms }: Seen, nowMs: number): Statement =>
  statement(
    `UPDATE terminals SET last_seen_at_ms = ?, app_version = coalesce(?, app_version), queue_length = coalesce(?, queue_length),
       clock_offset_ms = coalesce(?, clock_offset_ms) WHERE terminal_id = ?`,
    nowMs,
    app_version ?? null,
    queue_length ?? null,
    clock_offset_ms,
    terminal_id,
  );

/** The states that were added in SQL, put into the results. */
function committed(answer: string, { results }: DecidedPush): Committed {
  const { sequence, epoch, below_zero, current } = JSON.parse(answer) as Omit<Committed, "results"> & { current: Record<string, unknown> };
  const whole = results.map((result) => (current[result.id] == null ? result : { ...result, current: current[result.id] }));
  return { results: whole, sequence, epoch, below_zero };
}
