/** Reads one row of a replica by a raw Hrana request and answers its body: the floor of a read that memory cannot answer. */
interface Env {
  REPLICA_URL: string;
  NAMESPACE_HEADER: string;
  TOKEN: string;
  /** The Hrana request with `$store_id` where the id goes. Its last statement gives version, hash and body, or null for the kept body. */
  REQUEST: string;
  /** JSON: pairs of name and value, without those that are made of the row. */
  HEADERS: string;
  KEPT_BODY: ArrayBuffer;
  /** The header that tells the version; empty: none does. */
  VERSION_HEADER: string;
}

interface Cell {
  type: string;
  value: string;
  base64: string;
}

let template: string[] | undefined;
let headerPairs: [string, string][] | undefined;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    template ??= env.REQUEST.split("$store_id");
    headerPairs ??= JSON.parse(env.HEADERS) as [string, string][];
    const from = request.url.indexOf("/stores/") + 8;
    const storeId = request.url.slice(from, request.url.indexOf("/", from));
    const answer = await fetch(`${env.REPLICA_URL}/v3/pipeline`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${env.TOKEN}`, "x-namespace-bin": env.NAMESPACE_HEADER },
      body: template.join(storeId),
    });
    const { results }: { results: [{ response: { result: { step_results: { rows: Cell[][] }[] } } }] } = await answer.json();
    const [version, hash, body] = results[0].response.result.step_results.at(-1)?.rows[0] ?? [];
    if (!version || !hash || !body) return new Response(null, { status: 500 });
    const headers = new Headers(headerPairs);
    headers.set("etag", `"${hash.value.slice(0, 16)}-${version.value}-gzip"`);
    if (env.VERSION_HEADER) headers.set(env.VERSION_HEADER, version.value);
    const init = { headers, encodeBody: "manual" };
    return new Response(body.type === "null" ? env.KEPT_BODY : Uint8Array.fromBase64(body.base64), init);
  },
};
