import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An image host as bad as they come, a resolver of names, and a count of what was asked of both. */
export interface ImageServer {
  url: string;
  /** As IMAGE_HOSTS names it. */
  host: string;
  /** Requests by path, without the query. */
  counts(): Map<string, number>;
  stop(): Promise<void>;
}

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>';
const MEBIBYTE = Buffer.alloc(1_048_576, 7);

/** What looks like a PNG to anybody who reads its first bytes. */
export const pngOf = (name: string, bytes = 200): Buffer => Buffer.concat([PNG, Buffer.from(name), Buffer.alloc(bytes, name)]);

/** Of a name, its A and AAAA records; other names there are none. */
const NAMES: Record<string, string[]> = {
  "public.images.test": ["93.184.216.34", "2606:4700::1111"],
  "inside.images.test": ["10.0.0.1"],
  "loopback.images.test": ["127.0.0.1"],
  "metadata.images.test": ["169.254.169.254"],
  "mixed.images.test": ["93.184.216.34", "192.168.0.10"],
  "six.images.test": ["93.184.216.34", "fd00:ec2::254"],
  "mapped.images.test": ["::ffff:127.0.0.1"],
  "127.0.0.1.nip.images.test": ["127.0.0.1"],
};

export async function startImageServer(): Promise<ImageServer> {
  const counts = new Map<string, number>();
  const contents = new Map<string, string>();
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://images");
    if (url.pathname === "/counts") return void response.end(JSON.stringify(Object.fromEntries(counts)));
    counts.set(url.pathname, (counts.get(url.pathname) ?? 0) + 1);
    open.add(response);
    response.on("close", () => open.delete(response));
    answer(request, response, url, counts.get(url.pathname) ?? 1, contents);
  });
  // Its clients are killed in the middle of things.
  server.on("clientError", (_, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    counts: () => counts,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, url: URL, asked: number, contents: Map<string, string>): void {
  const [, kind = "", name = ""] = url.pathname.split("/");
  const image = (bytes: Buffer, headers: Record<string, string> = {}) => {
    const etag = `"${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}"`;
    if (request.headers["if-none-match"] === etag) return response.writeHead(304, { etag }).end();
    response.writeHead(200, { "content-type": "image/png", "content-length": String(bytes.length), etag, ...headers }).end(bytes);
  };
  switch (kind) {
    case "ok":
      return void image(pngOf(contents.get(name) ?? name, Number(url.searchParams.get("bytes") ?? 200)));
    // What is at /ok/{name} from now on.
    case "set":
      contents.set(name, url.searchParams.get("content") ?? "");
      return void response.end();
    case "dated":
      if (request.headers["if-modified-since"]) return void response.writeHead(304).end();
      return void response.writeHead(200, { "last-modified": "Wed, 01 Jul 2026 10:00:00 GMT" }).end(pngOf(name));
    case "slow":
      return void setTimeout(() => image(pngOf(name)), Number(url.searchParams.get("ms") ?? 300));
    case "hops": {
      const left = Number(name);
      return void response.writeHead(302, { location: left > 1 ? `/hops/${left - 1}` : "/ok/hopped.png" }).end();
    }
    case "to":
      return void response.writeHead(Number(name), { location: url.searchParams.get("url") ?? "" }).end("moved");
    case "silent":
      return;
    case "stalls":
      response.writeHead(200, { "content-type": "image/png", "content-length": "100000" });
      return void response.write(pngOf(name));
    // The first time only.
    case "late":
      if (asked > 1) image(pngOf(name));
      return;
    case "halts":
      if (asked > 1) return void image(pngOf(name));
      response.writeHead(200, { "content-type": "image/png", "content-length": "100000" });
      return void response.write(pngOf(name));
    case "cut":
      response.writeHead(200, { "content-type": "image/png", "content-length": "100000" });
      response.write(pngOf(name));
      return void setTimeout(() => response.destroy(), 20);
    case "status":
      return void response.writeHead(Number(name), retryAfter(url)).end("no image");
    case "flaky":
      if (asked <= Number(url.searchParams.get("fails") ?? 1)) return void response.writeHead(503, retryAfter(url)).end();
      return void image(pngOf(name));
    case "page":
      return void response.writeHead(200, { "content-type": "image/png" }).end("<!doctype html><script>alert(1)</script>");
    case "mistyped":
      return void image(pngOf(name), { "content-type": "text/html" });
    case "svg":
      return void image(Buffer.from(name.startsWith("script") ? SVG.replace("<rect", "<script>1</script><rect") : SVG));
    case "large":
      return void large(response, Number(url.searchParams.get("mebibytes")), url.searchParams.has("declared"));
    case "dns-query":
      return void resolve(response, url);
    default:
      return void response.writeHead(404).end();
  }
}

const retryAfter = (url: URL): Record<string, string> => {
  const seconds = url.searchParams.get("retry_after");
  return seconds === null ? {} : { "retry-after": seconds };
};

function large(response: ServerResponse, mebibytes: number, isDeclared: boolean): void {
  const head = pngOf("large", 1_000);
  const length = head.length + mebibytes * MEBIBYTE.length;
  response.writeHead(200, { "content-type": "image/png", ...(isDeclared ? { "content-length": String(length) } : {}) });
  response.write(head);
  let sent = 0;
  const more = (): void => {
    while (sent < mebibytes) {
      sent += 1;
      if (!response.write(MEBIBYTE)) return void response.once("drain", more);
    }
    response.end();
  };
  more();
}

function resolve(response: ServerResponse, url: URL): void {
  const name = url.searchParams.get("name") ?? "";
  const isSix = url.searchParams.get("type") === "AAAA";
  const json = (body: unknown) => response.writeHead(200, { "content-type": "application/dns-json" }).end(JSON.stringify(body));
  if (name === "broken.images.test") return void json({ Status: 2 });
  if (name === "silent.images.test") return;
  const addresses = NAMES[name];
  if (!addresses) return void json({ Status: 3 });
  const found = addresses.filter((address) => address.includes(":") === isSix).map((data) => ({ name, type: isSix ? 28 : 1, data }));
  json({ Status: 0, Answer: [{ name, type: 5, data: "alias.images.test." }, ...found] });
}
