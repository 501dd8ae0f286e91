import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, FaultKind } from "./fault-choice.ts";

/** One Hrana request on its way. */
export interface ProxiedRequest {
  /** `write`: a batch of the tenant's writer. `settle`: its word that a lost batch is void. */
  kind: "write" | "settle" | "read";
  namespace: string;
  /** The keys of the effects that its statements name. */
  keys: string[];
}

export type FaultRule = (request: ProxiedRequest) => Fault | null;

/** What a kind of fault has hit. */
export interface FaultHits {
  times: number;
  keys: Set<string>;
}

export interface FaultProxy {
  url: string;
  hits: ReadonlyMap<FaultKind, FaultHits>;
  /** null: everything passes. The last rule counts. */
  use(rule: FaultRule | null): void;
  /** Late requests that have not been forwarded yet, or have no answer yet. */
  settled(): Promise<void>;
  forgetHits(): void;
  stop(): Promise<void>;
}

type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/** Effects of the workloads have keys of this form, so that a batch shows whom it carries. */
const effectKey = /effect-[a-z]+-\d+/g;

/** A server on 127.0.0.1:`port` that passes requests to sqld at `upstream`, and spoils those that its rule names. */
export async function startFaultProxy(port: number, upstream: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const hits = new Map<FaultKind, FaultHits>();
  const pending = new Set<Promise<unknown>>();
  let rule: FaultRule | null = null;

  const forward = (incoming: IncomingMessage, body: Buffer, forwarded?: () => void): Promise<Answer> => {
    const answer = new Promise<Answer>((answered, failed) => {
      const { host: _, connection: __, "transfer-encoding": ___, ...headers } = incoming.headers;
      const sent = request(
        `${upstream}${incoming.url}`,
        { agent, method: incoming.method, headers: { ...headers, "content-length": body.length } },
        (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("error", failed);
          response.on("end", () => answered({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }));
        },
      );
      sent.on("error", failed);
      sent.on("finish", () => forwarded?.());
      sent.end(body);
    });
    const ended = answer.then(
      () => {},
      () => {},
    );
    pending.add(ended);
    ended.then(() => pending.delete(ended));
    return answer;
  };

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => cut(outgoing));
  });
  server.keepAliveTimeout = 60_000;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await bodyOf(incoming);
    const asked = readRequest(incoming, body);
    const fault = rule?.(asked) ?? null;
    if (fault) note(fault.kind, asked.keys);
    const passed = () => forward(incoming, body, fault?.forwarded);
    const committed = async () => {
      const answer = await passed();
      await fault?.answered?.();
      return answer;
    };
    switch (fault?.kind) {
      case "refuse":
        return cut(outgoing);
      case "busy":
        return reply(outgoing, { status: 429, headers: {}, body: Buffer.from("too many connections") });
      case "error_before":
        return reply(outgoing, { status: 503, headers: {}, body: Buffer.from("not now") });
      case "error_after":
        await committed();
        return reply(outgoing, { status: 502, headers: {}, body: Buffer.from("bad gateway") });
      case "lost_answer":
        await committed();
        return cut(outgoing);
      case "cut_while_running": {
        const running = passed().catch(() => {});
        await new Promise((resume) => setImmediate(resume));
        cut(outgoing);
        await running;
        return;
      }
      case "cut_answer": {
        const answer = await committed();
        outgoing.writeHead(answer.status, { ...passedOn(answer.headers), "content-length": answer.body.length });
        outgoing.write(answer.body.subarray(0, Math.ceil(answer.body.length / 2)), () => cut(outgoing));
        return;
      }
      case "late": {
        cut(outgoing);
        const arrived = sleep(fault.ms)
          .then(passed)
          .catch(() => {});
        pending.add(arrived);
        arrived.then(() => pending.delete(arrived));
        return;
      }
      case "stall":
        await committed();
        // Until whoever asked has given up.
        return;
      case "delay":
        await sleep(fault.ms);
        return reply(outgoing, await committed());
      default:
        return reply(outgoing, await passed());
    }
  }

  function note(kind: FaultKind, keys: readonly string[]): void {
    const hit = hits.get(kind) ?? { times: 0, keys: new Set() };
    hit.times += 1;
    for (const key of keys) hit.keys.add(key);
    hits.set(kind, hit);
  }

  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", listening);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    hits,
    use(next) {
      rule = next;
    },
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
    forgetHits: () => hits.clear(),
    async stop() {
      server.closeAllConnections();
      agent.destroy();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function readRequest(incoming: IncomingMessage, body: Buffer): ProxiedRequest {
  const text = body.toString("utf8");
  const header = incoming.headers["x-namespace-bin"];
  const kind = text.includes("BEGIN IMMEDIATE") ? "write" : text.includes("'void'") ? "settle" : "read";
  return {
    kind,
    namespace: Buffer.from(String(header ?? ""), "base64").toString(),
    keys: kind === "write" ? [...new Set(text.match(effectKey))] : [],
  };
}

const cut = (outgoing: ServerResponse): void => {
  outgoing.socket?.resetAndDestroy();
};

function passedOn({ connection: _, "transfer-encoding": __, "keep-alive": ___, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers;
}

function reply(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  outgoing.writeHead(status, { ...passedOn(headers), "content-length": body.length });
  outgoing.end(body);
}
