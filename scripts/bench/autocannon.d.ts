// The part of autocannon that the load generator uses; the package has no types.
declare module "autocannon" {
  import type { EventEmitter } from "node:events";

  interface Request {
    method: string;
    path: string;
    headers: Record<string, string>;
    body?: string;
    /** Makes each request anew from this one. */
    setupRequest?: Setup;
  }
  export type Setup = (request: Request) => Request;
  interface Client {
    setRequests(requests: Request[]): void;
  }
  interface Options {
    url: string;
    connections: number;
    /** Seconds. */
    duration: number;
    /** How often it looks whether to stop, ms. */
    sampleInt: number;
    /** Seconds. */
    timeout: number;
    /** `[<id>]` in a request becomes another text each time. */
    idReplacement: boolean;
    setupClient(client: Client): void;
  }
  interface Result {
    errors: number;
    timeouts: number;
    statusCodeStats: Record<string, { count: number }>;
  }
  interface Run extends EventEmitter, PromiseLike<Result> {}

  export default function autocannon(options: Options): Run;
}
