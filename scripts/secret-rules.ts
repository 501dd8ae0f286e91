/** What looks like a secret in a file of this repository, as functions over one file's text. */

export type SecretKind = "file-name" | "private-key" | "api-key" | "jwt" | "service-key" | "environment" | "address" | "assignment";

export type SecretFound = {
  kind: SecretKind;
  /** From 1; 0 for the file's name. */
  line: number;
  /** What was found, cut so that the report does not spread it. */
  shown: string;
};

/** A file that may hold what looks like a secret, and why it is none. */
export type Allowed = { path: string; kind: SecretKind; reason: string };

const secretFile =
  /(?:^|\/)(?:\.env(?:\..+)?|\.dev\.vars(?:\..+)?|id_(?:rsa|ed25519|ecdsa)|keys\.json|\.netrc|[^/]+\.(?:pem|p12|pfx|key|keystore))$/;

const patterns: [kind: SecretKind, pattern: RegExp][] = [
  ["private-key", /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/],
  // How a PKCS 8 key begins in base64: Ed25519, as the Worker takes its own, then RSA and EC.
  ["private-key", /\bMC4CAQAwBQYDK2VwBCIEI[\w+/]{20,}|\bMII[BCEJ][\w+/]{4}(?:IBAD|AgEA)[\w+/]{60,}|\bMIGHAgEA[\w+/]{60,}/],
  ["api-key", /\bsvk_[\w-]{40,}/],
  ["jwt", /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/],
  ["service-key", /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}\b|\bxox[abprs]-[\w-]{20,}|\bgh[opsu]_\w{36}|\bgithub_pat_\w{40,}/],
  ["service-key", /\bglpat-[\w-]{20}|\bnpm_\w{36}\b|\b[rs]k_live_\w{20,}|\bsq0(?:atp|csp|idp)-[\w-]{22,}|\bEAAA[\w-]{58,}/],
  ["environment", /^\s*(?:export\s+)?[A-Z0-9_]*(?:KEY|SECRET|TOKEN|PASSWORD|PASSWD)[A-Z0-9_]*=(?!["']?[$<…])["']?[^\s"'$<>…]{12,}/],
  ["address", /\b[a-z][a-z0-9+.-]+:\/\/[^\s:@/$"'`{<]+:[^\s@/$"'`{<]{3,}@[\w.-]+/i],
];

const assignment =
  /(?:key|secret|token|passwor[dt]|credential|authorization)["'`]?\s*[:=]\s*["'`](?:Bearer |Basic )?([\w+/=.-]{20,})["'`]/gi;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Bits a character; English words joined by dashes stay below, random base64 of this length above. */
const RANDOM_BITS = 3.9;

export function secretsIn(path: string, text: string): SecretFound[] {
  const found: SecretFound[] = secretFile.test(path) ? [{ kind: "file-name", line: 0, shown: path }] : [];
  for (const [index, content] of text.split("\n").entries()) {
    const line = index + 1;
    for (const [kind, pattern] of patterns) {
      const match = pattern.exec(content);
      if (match) found.push({ kind, line, shown: cut(match[0]) });
    }
    for (const [, value = ""] of content.matchAll(assignment)) {
      if (!uuid.test(value) && entropyBits(value) >= RANDOM_BITS) found.push({ kind: "assignment", line, shown: cut(value) });
    }
  }
  return found;
}

const cut = (text: string): string => `${text.trim().slice(0, 12)}…`;

/** Shannon entropy of the characters. */
export function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
