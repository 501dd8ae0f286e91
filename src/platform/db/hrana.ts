import { fromBase64, toBase64, utf8 } from "../../kernel/bytes.ts";
import type { Row, SqlValue, Statement } from "./statement.ts";

/** One database as one node serves it. Only `platform/db` makes these. */
export interface DbEndpoint {
  url: string;
  namespace: string;
  token: string;
}

export type Condition =
  | { type: "ok"; step: number }
  | { type: "error"; step: number }
  | { type: "not"; cond: Condition }
  | { type: "and"; conds: Condition[] }
  | { type: "or"; conds: Condition[] }
  | { type: "is_autocommit" };

export interface BatchStep {
  stmt: Statement;
  condition?: Condition;
}

export interface StepResult {
  rows: Row[];
  affected_rows: number;
  rows_read: number;
  rows_written: number;
  duration_ms: number;
}

export interface BatchResult {
  /** null: the step was skipped or failed. */
  results: (StepResult | null)[];
  errors: ({ message: string; code: string } | null)[];
}

/**
 * `not_sent`: the server certainly did nothing. `lost`: it may have done everything (deadline, cut
 * connection, 5xx). `refused`: it answered that it will not (authentication, unknown namespace); without a status, that
 * it cannot read what was sent.
 */
export class DbError extends Error {
  readonly kind: "not_sent" | "lost" | "refused";
  readonly status: number | null;
  constructor(kind: "not_sent" | "lost" | "refused", message: string, status: number | null = null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "DbError";
    this.kind = kind;
    this.status = status;
  }
}

interface WireValue {
  type: "null" | "integer" | "float" | "text" | "blob";
  value?: string | number;
  base64?: string;
}

function encodeValue(value: SqlValue): WireValue {
  if (value === null) return { type: "null" };
  // The server cannot read a request with half a surrogate pair, an integer in exponent form or an infinity: with it would fail all the
  // units that share its batch.
  if (typeof value === "string") return { type: "text", value: value.toWellFormed() };
  if (typeof value === "number") {
    if (Number.isSafeInteger(value)) return { type: "integer", value: String(value) };
    return Number.isFinite(value) ? { type: "float", value } : { type: "null" };
  }
  return { type: "blob", base64: toBase64(value).replace(/=+$/, "") };
}

function decodeValue(wire: WireValue): SqlValue {
  switch (wire.type) {
    case "null":
      return null;
    case "integer":
      return Number(wire.value);
    case "blob":
      return fromBase64(wire.base64 ?? "");
    default:
      return wire.value as string | number;
  }
}

interface WireStepResult {
  cols: { name: string }[];
  rows: WireValue[][];
  affected_row_count: number;
  rows_read: number;
  rows_written: number;
  query_duration_ms: number;
}

function decodeStep(wire: WireStepResult): StepResult {
  return {
    rows: wire.rows.map((cells) =>
      Object.fromEntries(cells.map((cell, index) => [wire.cols[index]?.name ?? String(index), decodeValue(cell)])),
    ),
    affected_rows: wire.affected_row_count,
    rows_read: wire.rows_read,
    rows_written: wire.rows_written,
    duration_ms: wire.query_duration_ms,
  };
}

const namespaceHeader = (namespace: string): string => toBase64(utf8(namespace)).replace(/=+$/, "");

/**
 * One Hrana v3 batch over HTTP: one round trip, one connection of the server, always closed.
 * Steps without a condition always run. Throws DbError; a failed step is in `errors`, not thrown.
 */
export async function runBatch(endpoint: DbEndpoint, steps: BatchStep[], deadlineMs: number): Promise<BatchResult> {
  const batch = {
    steps: steps.map(({ stmt, condition }) => ({
      stmt: { sql: stmt.sql, args: stmt.args.map(encodeValue) },
      ...(condition ? { condition } : {}),
    })),
  };
  const [first] = await pipeline(endpoint, [{ type: "batch", batch }], deadlineMs);
  if (first?.type !== "ok" || !first.response) {
    // Statements are parsed before any is run; every other error of a whole batch (its answer was too large) may come after it was run.
    const unread = /^(SQL_|ARGS_)/.test(first?.error?.code ?? "");
    throw new DbError(unread ? "refused" : "lost", `the database refused the batch: ${first?.error?.message ?? "no reason"}`);
  }
  const { step_results, step_errors } = first.response.result;
  return { results: step_results.map((step) => (step ? decodeStep(step) : null)), errors: step_errors };
}

/**
 * A script of many statements in one transaction: all of it or nothing. For migrations only; it takes no arguments.
 * Throws DbError, `refused` with SQLite's own message where a statement failed.
 */
export async function runScript(endpoint: DbEndpoint, script: string, deadlineMs: number): Promise<void> {
  const [first] = await pipeline(
    endpoint,
    [
      { type: "sequence", sql: `BEGIN IMMEDIATE;\n${script}\n;COMMIT;` },
      // After an error the sequence leaves its transaction open; where it did not, this fails and means nothing.
      { type: "execute", stmt: { sql: "ROLLBACK" } },
    ],
    deadlineMs,
  );
  if (first?.type !== "ok") throw new DbError("refused", first?.error?.message ?? "the script failed");
}

interface WireResult {
  type: "ok" | "error";
  error?: { message: string; code?: string };
  response?: { result: { step_results: (WireStepResult | null)[]; step_errors: BatchResult["errors"] } };
}

async function pipeline(endpoint: DbEndpoint, requests: unknown[], deadlineMs: number): Promise<WireResult[]> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${endpoint.url}/v3/pipeline`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${endpoint.token}`,
        "x-namespace-bin": namespaceHeader(endpoint.namespace),
      },
      // A stream left open holds one of the server's connections for ten seconds.
      body: JSON.stringify({ requests: [...requests, { type: "close" }] }),
      signal: AbortSignal.timeout(deadlineMs),
    });
    text = await response.text();
  } catch (cause) {
    throw new DbError("lost", "the database did not answer", null, cause);
  }
  if (response.status === 429) throw new DbError("not_sent", "the database has no connection free", 429);
  if (response.status >= 500) throw new DbError("lost", `the database answered ${response.status}`, response.status);
  // It could not read the request, and never will: the same as a statement that it cannot parse.
  if (response.status === 400) throw new DbError("refused", `the database cannot read the request: ${text.slice(0, 200)}`);
  if (!response.ok) throw new DbError("refused", `the database answered ${response.status}: ${text.slice(0, 200)}`, response.status);
  try {
    return (JSON.parse(text) as { results: WireResult[] }).results;
  } catch (cause) {
    throw new DbError("lost", "the database's answer was cut", null, cause);
  }
}
