import { fromBase64 } from "./bytes.ts";

/** A key of `SECRETS_KEY`: 32 bytes under a name that rows remember. */
export interface SealingKey {
  id: string;
  key: Uint8Array;
}

/** `id:base64` of 32 bytes each, with commas between; the first seals, all of them open. Throws where it is not that. */
export function readSealingKeys(text: string): SealingKey[] {
  const keys = text.split(",").map((part): SealingKey => {
    const [, id, encoded] = /^\s*([\w-]{1,32}):([A-Za-z0-9+/]{43}=?)\s*$/.exec(part) ?? [];
    if (id === undefined || encoded === undefined) throw new Error("must be id:base64 of 32 bytes, several with commas between");
    return { id, key: fromBase64(encoded) };
  });
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error("must name each key once");
  return keys;
}
