import { sha256Hex, toBase64Url, utf8 } from "../../kernel/bytes.ts";

/**
 * A key is derived from its row's id, so that an answer which shows it can be repeated without keeping it anywhere: the database has
 * only its hash, and the secret never leaves the environment.
 */
export async function deriveApiKey(secret: string, keyId: string): Promise<string> {
  const hmac = await crypto.subtle.importKey("raw", utf8(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return `svk_${toBase64Url(new Uint8Array(await crypto.subtle.sign("HMAC", hmac, utf8(`api-key:${keyId}`))))}`;
}

export const hashApiKey = (key: string): Promise<string> => sha256Hex(key);
