import { linesOf } from "./lines.ts";

/** Where a database is, with a token for it alone; the Worker gives it (`POST /internal/cells/…/access`). */
export type DatabaseAccess = {
  namespace: string;
  primary_url: string;
  replicas: { region: string; url: string }[];
  token: string;
};

/** A value as it travels: exact, whatever JavaScript's numbers can hold. */
export type Cell =
  | { type: "null" }
  | { type: "integer"; value: string }
  | { type: "float"; value: number }
  | { type: "text"; value: string }
  | { type: "blob"; base64: string };

type Reply = { baton: string | null; results: { type: string; error?: { message: string }; response?: { result?: { rows: Cell[][] } } }[] };
type CursorEntry = { baton?: string | null; type?: string; row?: Cell[]; error?: { message: string } };

const deadlineMs = 60_000;

const headersOf = ({ namespace, token }: DatabaseAccess) => ({
  "content-type": "application/json",
  authorization: `Bearer ${token}`,
  "x-namespace-bin": Buffer.from(namespace).toString("base64").replace(/=+$/, ""),
});

export class DatabaseError extends Error {
  override name = "DatabaseError";
  /** 404: there is no such database. Null: it answered, and refused the statement; or it did not answer. */
  readonly status: number | null;

  constructor(message: string, status: number | null = null, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

export type QueryOptions = { url?: string; deadline_ms?: number };

/** The rows of one statement, at the primary unless at `url`. Throws DatabaseError. */
export async function query(access: DatabaseAccess, sql: string, options: QueryOptions = {}): Promise<Cell[][]> {
  const { results } = await pipeline(access, [{ type: "execute", stmt: { sql } }, { type: "close" }], null, options);
  return results[0]?.response?.result?.rows ?? [];
}

/** Statements in a row on a connection of their own. Throws DatabaseError at the first that fails; what it had begun is undone. */
export async function runStatements(access: DatabaseAccess, sql: string): Promise<void> {
  await pipeline(access, [{ type: "sequence", sql }, { type: "close" }], null);
}

/** One moment of a database, read over as many requests as it takes. Must be closed. */
export class Snapshot {
  readonly #access: DatabaseAccess;
  #baton: string | null = null;

  private constructor(access: DatabaseAccess) {
    this.#access = access;
  }

  static async open(access: DatabaseAccess): Promise<Snapshot> {
    const snapshot = new Snapshot(access);
    await snapshot.query("BEGIN");
    // The moment is that of the first read.
    await snapshot.query("SELECT count(*) FROM sqlite_schema");
    return snapshot;
  }

  async query(sql: string): Promise<Cell[][]> {
    const reply = await pipeline(this.#access, [{ type: "execute", stmt: { sql } }], this.#baton);
    this.#baton = reply.baton;
    return reply.results[0]?.response?.result?.rows ?? [];
  }

  /**
   * The rows of statements as they come, however many and however slowly they are taken: statement by statement in one answer, each ended by
   * a null. sqld forgets a connection that is not used for ten seconds, so one answer has to hold everything. Throws where it was cut.
   */
  async *rows(statements: string[]): AsyncGenerator<{ statement: number; row: Cell[] | null }> {
    const { namespace, primary_url } = this.#access;
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(new DatabaseError(`${namespace}: nothing more comes`)), deadlineMs);
    try {
      const response = await fetch(`${primary_url}/v3/cursor`, {
        method: "POST",
        headers: headersOf(this.#access),
        body: JSON.stringify({ baton: this.#baton, batch: { steps: statements.map((sql) => ({ stmt: { sql } })) } }),
        signal: silence.signal,
      });
      if (!response.ok || !response.body) throw new DatabaseError(`${namespace}: ${await response.text()}`, response.status);
      let statement = 0;
      for await (const line of linesOf(response.body)) {
        timer.refresh();
        const entry = JSON.parse(line || "{}") as CursorEntry;
        if (entry.row) yield { statement, row: entry.row };
        else if (entry.type === "step_end") yield { statement: statement++, row: null };
        else if (entry.baton) this.#baton = entry.baton;
        else if (entry.error) throw new DatabaseError(`${namespace}: ${entry.error.message}`);
        timer.refresh();
      }
      if (statement < statements.length) throw new DatabaseError(`${namespace}: the answer was cut`);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    if (this.#baton === null) return;
    await pipeline(this.#access, [{ type: "close" }], this.#baton);
    this.#baton = null;
  }
}

async function pipeline(access: DatabaseAccess, requests: object[], baton: string | null, options: QueryOptions = {}): Promise<Reply> {
  const { url = access.primary_url, deadline_ms = deadlineMs } = options;
  const response = await fetch(`${url}/v3/pipeline`, {
    method: "POST",
    headers: headersOf(access),
    body: JSON.stringify({ baton, requests }),
    signal: AbortSignal.timeout(deadline_ms),
  }).catch((cause) => {
    throw new DatabaseError(`${access.namespace}: nothing answers at ${url}`, null, cause);
  });
  const text = await response.text();
  if (!response.ok) throw new DatabaseError(`${access.namespace}: ${response.status} ${text.slice(0, 300)}`, response.status);
  const reply = JSON.parse(text) as Reply;
  const failed = reply.results.find(({ type }) => type === "error");
  if (failed) throw new DatabaseError(`${access.namespace}: ${failed.error?.message}`);
  return reply;
}
