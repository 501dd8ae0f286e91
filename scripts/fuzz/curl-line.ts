import type { WireRequest } from "./wire-requests.ts";

/** The request as a line for a shell; a body that is no plain text goes through base64. */
export function curlLine(origin: string, { method, target, headers, body }: WireRequest): string {
  const { host, ...rest } = headers;
  const { port } = new URL(origin);
  const sent = host === undefined ? rest : { host: `${host}:${port}`, ...rest };
  const words = ["curl", "-sS", "-i", "--path-as-is", "-g", "-X", method];
  // An empty value has to be written with a semicolon, or curl leaves the header out.
  for (const [name, value] of Object.entries(sent)) words.push("-H", quoted(value === "" ? `${name};` : `${name}: ${value}`));
  if (body) words.push("--data-binary", "@-");
  words.push(quoted(`${origin}${target}`));
  if (!body) return words.join(" ");
  const text = Buffer.from(body).toString();
  const isPlain = Buffer.from(text).equals(body) && /^[^\p{Cc}]*$/u.test(text) && text.length < 2_000;
  return isPlain
    ? `printf %s ${quoted(text)} | ${words.join(" ")}`
    : `printf %s ${Buffer.from(body).toString("base64")} | base64 -d | ${words.join(" ")}`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
