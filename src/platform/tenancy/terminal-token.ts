import { fromBase64Url, sha256Hex, toBase64Url, toHex, utf8 } from "../../kernel/bytes.ts";

/** What a terminal's token says of itself; whether it still holds is the tenant's to say. */
export interface TerminalClaim {
  tenant_id: string;
  terminal_id: string;
  /** Raised by each rotation. */
  generation: number;
}

const PREFIX = "svt_";
const CLAIM_BYTES = 34;

export const isTerminalToken = (credential: string): boolean => credential.startsWith(PREFIX);

/**
 * A terminal's token, derived from what it stands for, so that an answer which shows it can be repeated without keeping it anywhere. It names
 * its tenant and carries a MAC: one that was made up is known for it without a look at any database.
 */
export async function deriveTerminalToken(secret: string, { tenant_id, terminal_id, generation }: TerminalClaim): Promise<string> {
  const bytes = new Uint8Array(CLAIM_BYTES);
  bytes.set(uuidBytes(tenant_id), 0);
  bytes.set(uuidBytes(terminal_id), 16);
  new DataView(bytes.buffer).setUint16(32, generation);
  const claim = toBase64Url(bytes);
  return `${PREFIX}${claim}.${await sealOf(secret, claim)}`;
}

/** null for a token that was not made here. */
export async function openTerminalToken(secret: string, token: string): Promise<TerminalClaim | null> {
  const [claim = "", seal, ...rest] = token.slice(PREFIX.length).split(".");
  if (rest.length > 0 || seal !== (await sealOf(secret, claim))) return null;
  const bytes = fromBase64Url(claim);
  if (bytes.length !== CLAIM_BYTES) return null;
  return {
    tenant_id: uuidText(bytes.subarray(0, 16)),
    terminal_id: uuidText(bytes.subarray(16, 32)),
    generation: new DataView(bytes.buffer).getUint16(32),
  };
}

export const hashTerminalToken = (token: string): Promise<string> => sha256Hex(token);

/** A short text to be read out and typed in, of letters and digits that are not mistaken for one another: 40 bits, derived from its row's id. */
export async function derivePairingCode(secret: string, codeId: string): Promise<string> {
  const bytes = await macOf(secret, `pairing-code:${codeId}`);
  return Array.from(bytes.subarray(0, 8), (byte) => PAIRING_ALPHABET[byte % 32]).join("");
}

const PAIRING_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

async function macOf(secret: string, text: string): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", utf8(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text)));
}

const sealOf = async (secret: string, claim: string): Promise<string> => toBase64Url(await macOf(secret, `terminal:${claim}`));

const uuidBytes = (uuid: string): Uint8Array =>
  Uint8Array.from(uuid.replaceAll("-", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

function uuidText(bytes: Uint8Array): string {
  const hex = toHex(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
