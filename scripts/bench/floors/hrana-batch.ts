/** Reads a batch of a replica by a raw Hrana request and answers a body that was made before: the floor of a read that is composed. */
interface Env {
  REPLICA_URL: string;
  NAMESPACE_HEADER: string;
  TOKEN: string;
  /** The Hrana request. */
  REQUEST: string;
  /** How many rows each of its statements gives, as JSON: other rows are another answer. */
  ROW_COUNTS: string;
  /** JSON: pairs of name and value. */
  HEADERS: string;
  BODY: ArrayBuffer;
}

let headerPairs: [string, string][] | undefined;

export default {
  async fetch(_request: Request, env: Env): Promise<Response> {
    headerPairs ??= JSON.parse(env.HEADERS) as [string, string][];
    const answer = await fetch(`${env.REPLICA_URL}/v3/pipeline`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${env.TOKEN}`, "x-namespace-bin": env.NAMESPACE_HEADER },
      body: env.REQUEST,
    });
    const { results }: { results: [{ response: { result: { step_results: { rows: unknown[] }[] } } }] } = await answer.json();
    const counts = results[0].response.result.step_results.map(({ rows }) => rows.length);
    if (JSON.stringify(counts) !== env.ROW_COUNTS) return new Response(JSON.stringify(counts), { status: 500 });
    return new Response(env.BODY, { headers: headerPairs });
  },
};
