import { DurableObject } from "cloudflare:workers";

/**
 * One object through which all writes go, one batch in flight and what arrives meanwhile in the next: the floor of a write. It runs the
 * statements of the verb and gives their answer; it has no keys, receipts, guards or events.
 */
interface Env {
  PRIMARY_URL: string;
  NAMESPACE_HEADER: string;
  TOKEN: string;
  /** JSON: the verb's statements as Hrana takes them, the last one giving the answer; `$id` stands where a fresh id goes, alone or within a text. */
  STATEMENTS: string;
  STATUS: string;
  /** JSON: pairs of name and value. */
  HEADERS: string;
  OBJECT: { getByName(name: string): { write(body: unknown): Promise<string> } };
}

interface Statement {
  sql: string;
  args: { type: string; value?: string }[];
}

interface Waiting {
  statements: Statement[];
  resolve(answer: string): void;
  reject(error: Error): void;
}

interface StepResult {
  rows: { value: string }[][];
}

const MOST_UNITS = 64;

export class FloorObject extends DurableObject<Env> {
  #waiting: Waiting[] = [];
  #running = false;
  #statements: Statement[] | undefined;

  write(_body: unknown): Promise<string> {
    this.#statements ??= JSON.parse(this.env.STATEMENTS) as Statement[];
    const id = crypto.randomUUID();
    const statements = this.#statements.map(({ sql, args }) => ({
      sql,
      args: args.map((arg) => (arg.value?.includes("$id") ? { type: "text", value: arg.value.replaceAll("$id", id) } : arg)),
    }));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ statements, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      // A turn later: what has arrived already goes together.
      Promise.resolve().then(() => this.#drain());
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, MOST_UNITS);
      try {
        const answers = await this.#commit(group);
        group.forEach(({ resolve }, index) => {
          resolve(answers[index] ?? "");
        });
      } catch (error) {
        for (const { reject } of group) reject(error as Error);
      }
    }
    this.#running = false;
  }

  async #commit(group: Waiting[]): Promise<string[]> {
    const steps: { stmt: Statement; condition?: unknown }[] = [{ stmt: { sql: "BEGIN IMMEDIATE", args: [] } }];
    const last = group.map(({ statements }) => {
      for (const stmt of statements) steps.push({ stmt, condition: { type: "ok", step: steps.length - 1 } });
      return steps.length - 1;
    });
    const commit = steps.push({ stmt: { sql: "COMMIT", args: [] }, condition: { type: "ok", step: steps.length - 1 } }) - 1;
    steps.push({ stmt: { sql: "ROLLBACK", args: [] }, condition: { type: "not", cond: { type: "ok", step: commit } } });
    const answer = await fetch(`${this.env.PRIMARY_URL}/v3/pipeline`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${this.env.TOKEN}`,
        "x-namespace-bin": this.env.NAMESPACE_HEADER,
      },
      body: JSON.stringify({ requests: [{ type: "batch", batch: { steps } }, { type: "close" }] }),
    });
    const { results }: { results: [{ response: { result: { step_results: (StepResult | null)[] } } }] } = await answer.json();
    const done = results[0].response.result.step_results;
    if (!done[commit]) throw new Error("the batch was not committed");
    return last.map((step) => done[step]?.rows[0]?.[0]?.value ?? "");
  }
}

let headers: Headers | undefined;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    headers ??= new Headers(JSON.parse(env.HEADERS));
    const text = await env.OBJECT.getByName("floor").write(await request.json());
    return new Response(text, { status: Number(env.STATUS), headers });
  },
};
