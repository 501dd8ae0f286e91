import { request } from "node:http";

/** An answer as it came over the wire: packed where it was packed. */
export type RawAnswer = { status: number; headers: [string, string][]; body: Buffer };

const timeoutMs = 10_000;

/** fetch would unpack the body and choose the Host itself. */
export function rawAnswer(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: options.method ?? "GET", headers: options.headers ?? {}, timeout: timeoutMs }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const raw = incoming.rawHeaders;
        const headers = raw.flatMap((name, index): [string, string][] =>
          index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? ""]] : [],
        );
        resolve({ status: incoming.statusCode ?? 0, headers, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on("error", reject);
    outgoing.on("timeout", () => outgoing.destroy(new Error(`${url} gave no answer within ${timeoutMs / 1000} s`)));
    outgoing.end(options.body);
  });
}

const ofTheConnection = ["connection", "content-length", "date", "keep-alive", "transfer-encoding"];

/** The headers that the Worker chose, sorted by name. */
export const chosenHeaders = ({ headers }: RawAnswer): [string, string][] =>
  headers.filter(([name]) => !ofTheConnection.includes(name)).sort(([a], [b]) => (a < b ? -1 : 1));

/** Throws unless both answers have the same status, the same bytes and the same headers, but for those named in `varying`. */
export function assertSameAnswer(ours: RawAnswer, floors: RawAnswer, varying: readonly string[]): void {
  const shown = (answer: RawAnswer) =>
    JSON.stringify([answer.status, chosenHeaders(answer).map(([name, value]) => (varying.includes(name) ? [name] : [name, value]))]);
  if (shown(ours) !== shown(floors)) throw new Error(`the floor answers otherwise than the Worker:\n  ${shown(floors)}\n  ${shown(ours)}`);
  if (!varying.includes("body") && !ours.body.equals(floors.body)) throw new Error("the floor answers other bytes than the Worker");
}
