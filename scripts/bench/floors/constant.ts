/** Answers the same bytes always: the floor of whatever is served from memory. */
interface Env {
  STATUS: string;
  /** JSON: pairs of name and value. */
  HEADERS: string;
  BODY: ArrayBuffer;
}

let headers: Headers | undefined;

export default {
  fetch(_request: Request, env: Env): Response {
    headers ??= new Headers(JSON.parse(env.HEADERS));
    const init = { status: Number(env.STATUS), headers, encodeBody: "manual" };
    return new Response(env.BODY.byteLength > 0 ? env.BODY : null, init);
  },
};
