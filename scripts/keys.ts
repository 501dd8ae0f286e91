import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The secrets of one local environment. `jwt_private_key` is the Ed25519 PKCS8 DER in base64, as the Worker takes it. */
export type EnvironmentKeys = {
  jwt_private_key: string;
  sqld_admin_key: string;
  operator_key: string;
  token_secret: string;
  /** `id:base64`, as the Worker takes it. */
  secrets_key: string;
};

export function generateKeys(): EnvironmentKeys {
  // A value that begins with a dash is taken for a flag on a command line.
  const secret = () => `s${randomBytes(32).toString("base64url")}`;
  const { privateKey } = generateKeyPairSync("ed25519");
  return {
    jwt_private_key: privateKey.export({ format: "der", type: "pkcs8" }).toString("base64"),
    sqld_admin_key: secret(),
    operator_key: secret(),
    token_secret: secret(),
    secrets_key: sealingKey(),
  };
}

const sealingKey = (): string => `local:${randomBytes(32).toString("base64")}`;

/** The public half, as sqld takes it (`--auth-jwt-key-file`): SPKI PEM. */
export function publicKeyPem(jwtPrivateKey: string): string {
  const privateKey = createPrivateKey({ key: Buffer.from(jwtPrivateKey, "base64"), format: "der", type: "pkcs8" });
  return createPublicKey(privateKey).export({ format: "pem", type: "spki" }).toString();
}

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivateFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}

/** The keys kept in `dir`/keys.json, made on first use. Throws when the file is there but is not what this wrote. */
export function loadKeys(dir: string): EnvironmentKeys {
  const path = join(dir, "keys.json");
  const kept = readKeys(dir);
  if (kept) return kept;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const keys = generateKeys();
  writePrivateFile(path, `${JSON.stringify(keys, null, 2)}\n`);
  return keys;
}

/** The keys kept in `dir`/keys.json, or null where there are none yet. */
export function readKeys(dir: string): EnvironmentKeys | null {
  const path = join(dir, "keys.json");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const names = ["jwt_private_key", "sqld_admin_key", "operator_key", "token_secret", "secrets_key"] as const;
  const keys = parseObject(text);
  // Kept by an earlier release, which sealed nothing.
  if (keys && typeof keys["token_secret"] === "string" && keys["secrets_key"] === undefined) {
    keys["secrets_key"] = sealingKey();
    writePrivateFile(path, `${JSON.stringify(keys, null, 2)}\n`);
  }
  const missing = names.filter((name) => typeof keys?.[name] !== "string");
  if (missing.length > 0)
    throw new Error(`${path} lacks ${missing.join(", ")}: delete it with the data it belongs to (npm start -- --reset)`);
  return keys as EnvironmentKeys;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
