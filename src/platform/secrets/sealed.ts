import { fromBase64, fromUtf8, toBase64, utf8 } from "../../kernel/bytes.ts";
import type { SealingKey } from "../../kernel/sealing-keys.ts";

/** What a row keeps of a secret: the key's name, and in base64 the 12 random bytes with which AES-GCM began, then what it made. */
export interface Sealed {
  key_id: string;
  sealed: string;
}

const IV_BYTES = 12;

const keyFor = ({ key }: SealingKey, use: "encrypt" | "decrypt"): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", key, "AES-GCM", false, [use]);

const parametersOf = (iv: Uint8Array, context: string) => ({ name: "AES-GCM", iv, additionalData: utf8(context) });

/** Seals with the first key. `context` says whose it is: what was sealed for one row opens for no other. `iv`: 12 random bytes, never used before. */
export async function sealSecret(
  keys: readonly SealingKey[],
  secret: string,
  context: string,
  iv: Uint8Array = crypto.getRandomValues(new Uint8Array(IV_BYTES)),
): Promise<Sealed> {
  const [current] = keys;
  if (!current) throw new Error("SECRETS_KEY holds no key");
  const made = await crypto.subtle.encrypt(parametersOf(iv, context), await keyFor(current, "encrypt"), utf8(secret));
  const bytes = new Uint8Array(iv.length + made.byteLength);
  bytes.set(iv);
  bytes.set(new Uint8Array(made), iv.length);
  return { key_id: current.id, sealed: toBase64(bytes) };
}

/** The secret; null where its key is no longer held, or it was sealed for something else. */
export async function openSecret(keys: readonly SealingKey[], { key_id, sealed }: Sealed, context: string): Promise<string | null> {
  const key = keys.find(({ id }) => id === key_id);
  if (!key) return null;
  try {
    const bytes = fromBase64(sealed);
    const parameters = parametersOf(bytes.subarray(0, IV_BYTES), context);
    return fromUtf8(await crypto.subtle.decrypt(parameters, await keyFor(key, "decrypt"), bytes.subarray(IV_BYTES)));
  } catch {
    return null;
  }
}
