import { readKeys } from "./keys.ts";
import { readRun, stateDirectory } from "./state-directory.ts";

/** The options of every command that talks to a Worker as its operator, for `parseArgs`. */
export const operatorOptions = {
  "base-url": { type: "string" },
  "operator-key": { type: "string" },
  json: { type: "boolean", default: false },
} as const;

/** From the flags, else the environment, else what `npm start` keeps. Throws, saying where to get it, where there is no credential. */
export function resolveOperator(values: { "base-url"?: string | undefined; "operator-key"?: string | undefined }): {
  baseUrl: string;
  operatorKey: string;
} {
  const baseUrl = values["base-url"] ?? process.env.SERVERY_BASE_URL ?? readRun(stateDirectory)?.base_url ?? "http://127.0.0.1:8787";
  if (!URL.canParse(baseUrl)) throw new Error(`--base-url takes an address such as http://127.0.0.1:8787, not "${baseUrl}"`);
  const operatorKey = values["operator-key"] ?? process.env.SERVERY_OPERATOR_KEY ?? readKeys(stateDirectory)?.operator_key;
  if (!operatorKey)
    throw new Error("no operator credential: give --operator-key or SERVERY_OPERATOR_KEY, or run npm start once, which makes one");
  return { baseUrl, operatorKey };
}
