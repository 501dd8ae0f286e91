import { AppError } from "../../kernel/errors.ts";
import { assertNamespace } from "./access-token.ts";

const DEADLINE_MS = 10_000;
/** A fork reads and writes the whole database. */
const FORK_DEADLINE_MS = 120_000;

/** Where a cell's databases are made, dropped and closed. */
export interface CellAdmin {
  url: string;
  key: string;
}

/**
 * Creates a database on a cell's primary, durable against power loss. One that is there already is left as it is: then the answer is false.
 */
export async function createNamespace(admin: CellAdmin, namespace: string): Promise<boolean> {
  const { ok, status, text } = await call(admin, "POST", `${assertNamespace(namespace)}/create`, { durability_mode: "strong" });
  if (ok) return true;
  if (/already exists/i.test(text)) return false;
  throw refused("create the database", status, text);
}

/** Drops a database for good; one that is not there is no error. Replicas keep their copy and go on serving it. */
export async function deleteNamespace(admin: CellAdmin, namespace: string): Promise<void> {
  const { ok, status, text } = await call(admin, "DELETE", assertNamespace(namespace));
  if (!ok && status !== 404) throw refused("drop the database", status, text);
}

/** A copy of a database under another name on the same primary, whole or not at all. False where that name is taken. */
export async function forkNamespace(admin: CellAdmin, from: string, to: string): Promise<boolean> {
  const { ok, status, text } = await call(admin, "POST", `${assertNamespace(from)}/fork/${assertNamespace(to)}`, {}, FORK_DEADLINE_MS);
  if (ok) return true;
  if (/already exists/i.test(text)) return false;
  throw refused("copy the database", status, text);
}

/** Whether a database refuses writes; null where there is no such database. */
export async function isWriteBlocked(admin: CellAdmin, namespace: string): Promise<boolean | null> {
  const config = await readConfig(admin, namespace);
  return config && config["block_writes"] === true;
}

/** Makes a database refuse writes with `reason`, or with null take them again. False where there is no such database. */
export async function setWriteBlock(admin: CellAdmin, namespace: string, reason: string | null): Promise<boolean> {
  const config = await readConfig(admin, namespace);
  if (!config) return false;
  // The call replaces the whole configuration, keys and durability with it.
  const wanted = { ...config, block_writes: reason !== null, block_reason: reason };
  const { ok, status, text } = await call(admin, "POST", `${assertNamespace(namespace)}/config`, wanted);
  if (!ok) throw refused("configure the database", status, text);
  return true;
}

async function readConfig(admin: CellAdmin, namespace: string): Promise<Record<string, unknown> | null> {
  const { ok, status, text } = await call(admin, "GET", `${assertNamespace(namespace)}/config`);
  if (status === 404) return null;
  if (!ok) throw refused("tell the database's configuration", status, text);
  return JSON.parse(text);
}

async function call(admin: CellAdmin, method: "GET" | "POST" | "DELETE", path: string, body?: object, deadlineMs = DEADLINE_MS) {
  try {
    const response = await fetch(`${admin.url}/v1/namespaces/${path}`, {
      method,
      headers: { "content-type": "application/json", authorization: `basic ${admin.key}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(deadlineMs),
    });
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch (cause) {
    throw new AppError("UNAVAILABLE", { detail: "The cell's primary does not answer.", cause });
  }
}

const refused = (what: string, status: number, text: string): AppError =>
  new AppError("UNAVAILABLE", {
    detail: `The cell's primary refused to ${what}.`,
    cause: new Error(`${status} ${text.slice(0, 200)}`),
  });
