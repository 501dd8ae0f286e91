import { fromBase64, toBase64Url, utf8 } from "../../kernel/bytes.ts";

const NAMESPACE = /^[a-z0-9][a-z0-9-]{0,62}$/;
const LIFE_S = 600;
const RENEW_BEFORE_S = 120;

/** Throws RangeError for a name that could leave the data directory; sqld does not check. */
export function assertNamespace(namespace: string): string {
  if (!NAMESPACE.test(namespace)) throw new RangeError(`not a namespace name: ${JSON.stringify(namespace)}`);
  return namespace;
}

let importedFrom = "";
let importedKey: Promise<CryptoKey> | null = null;

function signingKey(pkcs8Base64: string): Promise<CryptoKey> {
  if (!importedKey || importedFrom !== pkcs8Base64) {
    importedFrom = pkcs8Base64;
    importedKey = crypto.subtle.importKey("pkcs8", fromBase64(pkcs8Base64), { name: "Ed25519" }, false, ["sign"]);
  }
  return importedKey;
}

const minted = new Map<string, { token: string; expires_at_s: number }>();

/**
 * A token for one namespace, read-only or read-write, ten minutes long, remembered per isolate.
 * Always carries namespace and access: sqld takes a token without them for every namespace.
 */
export async function databaseToken(pkcs8Base64: string, namespace: string, access: "ro" | "rw", nowMs: number): Promise<string> {
  assertNamespace(namespace);
  const nowS = Math.floor(nowMs / 1000);
  const name = `${access}:${namespace}`;
  const known = minted.get(name);
  if (known && known.expires_at_s - nowS > RENEW_BEFORE_S && importedFrom === pkcs8Base64) return known.token;
  const encode = (value: unknown) => toBase64Url(utf8(JSON.stringify(value)));
  const expires_at_s = nowS + LIFE_S;
  const unsigned = `${encode({ alg: "EdDSA", typ: "JWT" })}.${encode({ id: namespace, a: access, iat: nowS, exp: expires_at_s })}`;
  const key = await signingKey(pkcs8Base64);
  const token = `${unsigned}.${toBase64Url(new Uint8Array(await crypto.subtle.sign("Ed25519", key, utf8(unsigned))))}`;
  if (minted.size > 5_000) minted.clear();
  minted.set(name, { token, expires_at_s });
  return token;
}
