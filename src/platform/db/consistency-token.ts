import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from "../../kernel/bytes.ts";
import type { Database } from "./tenant.ts";

/** A point in one database's history: `commit_seq` rises with every commit, `epoch` is new after a restore. */
export interface Version {
  epoch: string;
  commit_seq: number;
}

let importedFrom = "";
let importedKey: Promise<CryptoKey> | null = null;

function sealingKey(secret: string): Promise<CryptoKey> {
  if (!importedKey || importedFrom !== secret) {
    importedFrom = secret;
    importedKey = crypto.subtle.importKey("raw", utf8(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    macs.clear();
  }
  return importedKey;
}

/** The same few versions are sealed and opened over and over: one by all writes of a batch, one by all reads of a client. */
const macs = new Map<string, string>();
const MOST_MACS = 2_000;

async function mac(secret: string, text: string): Promise<string> {
  const key = sealingKey(secret);
  const known = macs.get(text);
  if (known !== undefined) return known;
  const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", await key, utf8(`consistency-token:${text}`)));
  const made = toBase64Url(bytes.subarray(0, 12));
  if (macs.size >= MOST_MACS) macs.clear();
  macs.set(text, made);
  return made;
}

/** What a token promises: a version, and which of the places where the database has been holds it. */
export interface Promised {
  version: Version;
  placed_at_ms: number;
}

/** Opaque to the client; a MAC over database, epoch, commit_seq and place keeps it from being made up. */
export async function sealVersion(secret: string, { id, placed_at_ms }: Database, version: Version): Promise<string> {
  const body = toBase64Url(utf8(JSON.stringify([version.epoch, version.commit_seq, placed_at_ms])));
  return `${body}.${await mac(secret, `${id}:${body}`)}`;
}

/** null for a token of another tenant, a forged or a garbled one: such a token promises nothing. */
export async function openVersion(secret: string, { id }: Database, token: string): Promise<Promised | null> {
  const [body, seal, ...rest] = token.split(".");
  if (!body || !seal || rest.length > 0 || (await mac(secret, `${id}:${body}`)) !== seal) return null;
  try {
    const [epoch, commit_seq, placed_at_ms] = JSON.parse(fromUtf8(fromBase64Url(body)));
    const isWhole = typeof epoch === "string" && Number.isSafeInteger(commit_seq) && Number.isSafeInteger(placed_at_ms);
    return isWhole ? { version: { epoch, commit_seq }, placed_at_ms } : null;
  } catch {
    return null;
  }
}
