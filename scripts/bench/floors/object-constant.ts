import { DurableObject } from "cloudflare:workers";

/** Hands the request's body to an object that answers a constant: the floor of a write whose answer is remembered. */
interface Env {
  STATUS: string;
  /** JSON: pairs of name and value. */
  HEADERS: string;
  ANSWER: string;
  OBJECT: { getByName(name: string): { answer(body: string): Promise<string> } };
}

let headers: Headers | undefined;

export class FloorObject extends DurableObject<Env> {
  answer(_body: string): string {
    return this.env.ANSWER;
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    headers ??= new Headers(JSON.parse(env.HEADERS));
    const text = await env.OBJECT.getByName("floor").answer(await request.text());
    return new Response(text, { status: Number(env.STATUS), headers });
  },
};
