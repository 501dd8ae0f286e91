import { fromBase64, utf8 } from "../../../kernel/bytes.ts";

/** How a provider signs what it sends: an HMAC, in a header, over the body as it came. */
export interface SignatureScheme {
  header: string;
  hash: "SHA-256" | "SHA-1";
  encoding: "base64" | "hex";
  /** What is signed: the body; the address it was sent to and the body; or the time, a full stop and the body, as `t=…,v1=…`. */
  signs: "body" | "url_and_body" | "time_and_body";
}

/** What a notification came with. */
export interface SignedRequest {
  /** As the provider was told it. */
  url: string;
  headers: Headers;
  body: Uint8Array;
  now_ms: number;
}

/** A time in a signature may be off by so much: what is recorded is of no use to anybody for long. */
export const TOLERANCE_MS = 300_000;

/** Checked where there is no secret, so that having none takes as long. */
const NO_SECRET = "there-is-no-secret-here";
const NO_SIGNATURE = new Uint8Array(32);

interface Signature {
  bytes: Uint8Array;
  signed: Uint8Array;
}

/** Whether one of the secrets signed this. Each is compared in constant time; without any it takes as long as with one. */
export async function isSigned(scheme: SignatureScheme, request: SignedRequest, secrets: readonly string[]): Promise<boolean> {
  const given = signatureIn(scheme, request);
  const { bytes, signed } = given ?? { bytes: NO_SIGNATURE, signed: request.body };
  let isGood = false;
  for (const secret of secrets.length > 0 ? secrets : [NO_SECRET]) {
    const key = await crypto.subtle.importKey("raw", utf8(secret), { name: "HMAC", hash: scheme.hash }, false, ["verify"]);
    if (await crypto.subtle.verify("HMAC", key, bytes, signed)) isGood = true;
  }
  return isGood && given !== null && secrets.length > 0;
}

/** The signature and what it is of; null where the request carries none that could be good. */
function signatureIn({ header, encoding, signs }: SignatureScheme, { url, headers, body, now_ms }: SignedRequest): Signature | null {
  const text = headers.get(header)?.trim() ?? "";
  if (signs !== "time_and_body") {
    const bytes = decoded(text, encoding);
    return bytes && { bytes, signed: signs === "body" ? body : joined(utf8(url), body) };
  }
  const fields = new Map(text.split(",").map((part) => part.trim().split("=", 2) as [string, string]));
  const time = fields.get("t") ?? "";
  const bytes = decoded(fields.get("v1") ?? "", encoding);
  if (!/^\d{1,12}$/.test(time) || Math.abs(now_ms - Number(time) * 1000) > TOLERANCE_MS) return null;
  return bytes && { bytes, signed: joined(utf8(`${time}.`), body) };
}

function decoded(text: string, encoding: SignatureScheme["encoding"]): Uint8Array | null {
  if (encoding === "hex") {
    const hex = text.replace(/^sha(?:1|256)=/i, "");
    if (!/^(?:[\da-f]{2})+$/i.test(hex)) return null;
    return new Uint8Array(hex.length / 2).map((_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));
  }
  return /^[A-Za-z\d+/]+={0,2}$/.test(text) && text.replace(/=+$/, "").length % 4 !== 1 ? fromBase64(text) : null;
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}
