import { isPublicAddress } from "./image-address.ts";

/** `inside`: one of its addresses is not of the public internet. */
export type NameVerdict = "public" | "inside" | "unknown" | "unresolved";

/** Whether a host's name leads outside. `unresolved`: the resolver did not say. */
export type ResolveName = (name: string, signal: AbortSignal) => Promise<NameVerdict>;

interface DnsAnswer {
  Status: number;
  Answer?: { type: number; data: string }[];
}

const ADDRESS_TYPES: ReadonlySet<number> = new Set([1, 28]);
const NO_SUCH_NAME = 3;
const DEADLINE_MS = 3_000;

/** A resolver by DNS over HTTPS that answers `application/dns-json`, as 1.1.1.1 and 8.8.8.8 do. All addresses of a name must be public. */
export const resolverAt =
  (resolverUrl: string): ResolveName =>
  async (name, signal) => {
    const ask = async (type: "A" | "AAAA"): Promise<DnsAnswer> => {
      const url = new URL(resolverUrl);
      url.searchParams.set("name", name);
      url.searchParams.set("type", type);
      const response = await fetch(url, {
        headers: { accept: "application/dns-json" },
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
      });
      if (!response.ok) throw new Error(`the resolver answered ${response.status}`);
      return response.json();
    };
    let answers: DnsAnswer[];
    try {
      answers = await Promise.all([ask("A"), ask("AAAA")]);
    } catch {
      return "unresolved";
    }
    if (answers.some(({ Status }) => Status !== 0 && Status !== NO_SUCH_NAME)) return "unresolved";
    const addresses = answers.flatMap(({ Answer = [] }) => Answer.filter(({ type }) => ADDRESS_TYPES.has(type)).map(({ data }) => data));
    if (addresses.length === 0) return "unknown";
    return addresses.every(isPublicAddress) ? "public" : "inside";
  };
