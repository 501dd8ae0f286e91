import { toBase64, toHex, utf8 } from "../../src/kernel/bytes.ts";

/** An HMAC over the parts one after the other. */
export async function hmac(hash: "SHA-256" | "SHA-1", encoding: "base64" | "hex", secret: string, ...parts: string[]): Promise<string> {
  const key = await crypto.subtle.importKey("raw", utf8(secret), { name: "HMAC", hash }, false, ["sign"]);
  const made = new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(parts.join(""))));
  return encoding === "hex" ? toHex(made) : toBase64(made);
}

/** As docs/webhooks.md says of our own. */
export async function ownSignature(secret: string, body: string, atMs = Date.now()): Promise<string> {
  const time = Math.floor(atMs / 1000);
  return `t=${time},v1=${await hmac("SHA-256", "hex", secret, `${time}.`, body)}`;
}
