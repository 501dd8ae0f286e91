import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { generateKeys } from "./keys.ts";
import { secretsIn } from "./secret-rules.ts";

const kindsIn = (text: string, path = "src/a.ts"): string[] => secretsIn(path, text).map(({ kind }) => kind);
/** So that this file holds no secret itself. */
const random = (bytes: number): string => randomBytes(bytes).toString("base64url");

describe("a secret is found", () => {
  const keys = generateKeys();
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const cases: [what: string, text: string, kind: string][] = [
    ["a PEM", `-----BEGIN ${"PRIVATE KEY"}-----`, "private-key"],
    ["an RSA PEM", `-----BEGIN ${"RSA PRIVATE KEY"}-----`, "private-key"],
    ["a signing key as the Worker takes it", `const a = "${keys.jwt_private_key}"`, "private-key"],
    ["a tenant's key", `curl -H "apikey: svk_${random(32)}"`, "api-key"],
    ["a token", `Bearer ${encode({ alg: "EdDSA" })}.${encode({ id: "central", a: "rw" })}.${random(64)}`, "jwt"],
    ["a cloud key", `AKIA${"ABCDEFGH".repeat(2)}`, "service-key"],
    ["a GitHub key", `ghp_${"a1B2".repeat(9)}`, "service-key"],
    ["an environment file's line", `OPERATOR_KEY=${random(24)}`, "environment"],
    ["a password in an address", `https://admin:${random(9)}@db.example.com`, "address"],
    ["an assignment", `const operator_key = "${random(32)}";`, "assignment"],
    ["an assignment in JSON", `{ "token_secret": "${random(32)}" }`, "assignment"],
  ];

  test.each(cases)("%s", (_, text, kind) => {
    expect(kindsIn(`first line\n${text}\n`)).toContain(kind);
    expect(secretsIn("a", `first line\n${text}`)[0]?.line).toBe(2);
    for (const { shown } of secretsIn("a", text)) expect(shown.length).toBeLessThanOrEqual(13);
  });

  test.each([".env", ".env.production", "deploy/.dev.vars", "keys/server.pem", "id_ed25519"])("by the file's name: %s", (path) => {
    expect(kindsIn("", path)).toEqual(["file-name"]);
  });
});

describe("no secret is seen", () => {
  test.each([
    "const OPERATOR_KEY = z.string().min(16);",
    'idempotency_key: "order-7f3a-again"',
    'key: "01a1f9a9-684b-7761-b5eb-db6e7a70ac7e"',
    "OPERATOR_KEY=$(openssl rand -base64 32)",
    "export SERVERY_OPERATOR_KEY=<the operator's key>",
    '{ "admin_key": "svk_…" }',
    "http://user:$PASSWORD@host",
    '"integrity": "sha512-vZlDs3s4mF2CE6M2sDzDnzGHZEz0YXBQYF0ZfFpmb9bYJxZKJKNWaV0JDrTwNsqqbBAwHBJBKYXLoQ=="',
    'cacheKey: "storefront-document-of-a-store"',
  ])("%s", (text) => {
    expect(kindsIn(text)).toEqual([]);
  });
});
