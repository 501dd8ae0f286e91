import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

export interface LossyProxy {
  port: number;
  /** Answers that the server gave and nobody got. */
  lost(): number;
  /** Whether the answer to the next request whose path begins with `path` is lost. */
  lose(rule: ((path: string) => boolean) | null): void;
  stop(): Promise<void>;
}

/** Stands before a server on 127.0.0.1 and passes everything on; of the answers that its rule names nothing comes back, and the connection ends. */
export async function startLossyProxy(upstreamPort: number): Promise<LossyProxy> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  let rule: ((path: string) => boolean) | null = null;
  let lost = 0;
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? "/";
    const isLost = rule?.(path) ?? false;
    const options = { agent, host: "127.0.0.1", port: upstreamPort, path, method: incoming.method, headers: incoming.headers };
    const sent = request(options, (answer) => {
      if (!isLost) {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
        return;
      }
      answer.resume();
      answer.on("end", () => {
        lost++;
        incoming.socket.destroy();
      });
    });
    sent.on("error", () => incoming.socket.destroy());
    incoming.pipe(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    lost: () => lost,
    lose: (next) => {
      rule = next;
    },
    stop: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
