import { createPrivateKey, sign } from "node:crypto";

export type SqlArg = string | number | null;
export type HranaArg = { type: "null" } | { type: "integer" | "text"; value: string };

const tokenLifeS = 3_600;
const deadlineMs = 60_000;

/** A token of sqld for one namespace, an hour long: floors sign nothing. */
export function namespaceToken(jwtPrivateKey: string, namespace: string, access: "ro" | "rw", nowMs: number): string {
  const key = createPrivateKey({ key: Buffer.from(jwtPrivateKey, "base64"), format: "der", type: "pkcs8" });
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const nowS = Math.floor(nowMs / 1000);
  const unsigned = `${part({ alg: "EdDSA", typ: "JWT" })}.${part({ id: namespace, a: access, iat: nowS, exp: nowS + tokenLifeS })}`;
  return `${unsigned}.${sign(null, Buffer.from(unsigned), key).toString("base64url")}`;
}

export const namespaceHeader = (namespace: string): string => Buffer.from(namespace).toString("base64").replace(/=+$/, "");

export function hranaArg(value: SqlArg): HranaArg {
  if (value === null) return { type: "null" };
  return typeof value === "number" ? { type: "integer", value: String(value) } : { type: "text", value };
}

/** A node's view of one tenant's database, for what the bench makes and looks up beside the API. */
export type TenantDatabase = {
  url: string;
  token: string;
  namespace_header: string;
  /** One statement; its rows as texts, null and packed bytes in base64. */
  query(sql: string, ...args: SqlArg[]): Promise<Record<string, string | null>[]>;
};

type Cell = { type: string; value?: string | number; base64?: string };
type Answer = {
  results: { type: string; error?: { message: string }; response?: { result: { cols: { name: string }[]; rows: Cell[][] } } }[];
};

export function tenantDatabase(url: string, jwtPrivateKey: string, namespace: string, access: "ro" | "rw"): TenantDatabase {
  const token = namespaceToken(jwtPrivateKey, namespace, access, Date.now());
  const namespace_header = namespaceHeader(namespace);
  return {
    url,
    token,
    namespace_header,
    async query(sql, ...args) {
      const response = await fetch(`${url}/v3/pipeline`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}`, "x-namespace-bin": namespace_header },
        body: JSON.stringify({ requests: [{ type: "execute", stmt: { sql, args: args.map(hranaArg) } }, { type: "close" }] }),
        signal: AbortSignal.timeout(deadlineMs),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`sqld answered ${response.status}: ${text.slice(0, 300)}`);
      const [first] = (JSON.parse(text) as Answer).results;
      if (!first?.response) throw new Error(`sqld refused ${sql.slice(0, 200)}: ${first?.error?.message}`);
      const { cols, rows } = first.response.result;
      return rows.map((row) => Object.fromEntries(row.map((cell, index) => [cols[index]?.name ?? "", textOf(cell)])));
    },
  };
}

const textOf = (cell: Cell): string | null => (cell.type === "null" ? null : String(cell.value ?? cell.base64));
