/**
 * Which addresses images are fetched from, decided on the address as it is written; where a name leads is `resolve-name.ts`'s.
 * An address is read by the same parser that `fetch` uses (octal, hex and short IPv4, full-width digits, percent-encoding, backslashes), and
 * what was read is what is fetched.
 */

export type AddressRefusal =
  | "address_unreadable"
  | "address_scheme"
  | "address_credentials"
  | "address_port"
  /** Private, loopback, link-local, metadata, multicast or otherwise nobody's public host. */
  | "address_private";

export type AddressVerdict =
  | { ok: true; url: URL /** The environment names this host: it is not resolved and may be local. */; is_named: boolean }
  | { ok: false; reason: AddressRefusal };

const LONGEST = 2_048;
const DEFAULT_PORT: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** Names that lead inside, whatever the resolver says. */
const INSIDE = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|arpa|onion)$/;

/** `named`: `host:port` of hosts that may be local; see IMAGE_HOSTS. */
export function checkImageAddress(text: string, named: ReadonlySet<string>): AddressVerdict {
  const refused = (reason: AddressRefusal): AddressVerdict => ({ ok: false, reason });
  if (text.length > LONGEST) return refused("address_unreadable");
  const url = URL.parse(text.trim());
  if (!url) return refused("address_unreadable");
  const port = DEFAULT_PORT[url.protocol];
  if (!port) return refused("address_scheme");
  if (url.username !== "" || url.password !== "") return refused("address_credentials");
  if (named.has(`${url.hostname}:${url.port || port}`)) return { ok: true, url, is_named: true };
  if (url.port !== "") return refused("address_port");
  return isInside(url.hostname) ? refused("address_private") : { ok: true, url, is_named: false };
}

function isInside(hostname: string): boolean {
  if (isLiteral(hostname)) return !isPublicAddress(hostname);
  const name = hostname.replace(/\.+$/, "");
  return !name.includes(".") || INSIDE.test(name);
}

/** Whether it is an address already, as a URL's `hostname` writes one. */
export const isLiteral = (hostname: string): boolean => hostname.startsWith("[") || /^[\d.]+$/.test(hostname);

/** Whether an address (IPv4, or IPv6 with or without brackets) is one of the public internet. What cannot be read is not. */
export function isPublicAddress(address: string): boolean {
  const v4 = ipv4Of(address);
  if (v4 !== null) return !NOT_PUBLIC_V4.some(([base, bits]) => v4 >>> (32 - bits) === base >>> (32 - bits));
  const v6 = ipv6Of(address);
  if (v6 === null) return false;
  // Global unicast alone: that leaves out loopback, link-local, unique local, multicast, IPv4-mapped and -compatible ones and NAT64.
  return v6 >> 125n === 1n && !NOT_PUBLIC_V6.some(([base, bits]) => v6 >> (128n - bits) === base >> (128n - bits));
}

const v4 = (text: string): number => text.split(".").reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);

const NOT_PUBLIC_V4: readonly (readonly [base: number, bits: number])[] = (
  [
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.88.99.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
    // A cloud's own services, though the address looks public.
    ["168.63.129.16", 32],
  ] as const
).map(([text, bits]) => [v4(text), bits]);

function ipv4Of(text: string): number | null {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return null;
  return text.split(".").every((part) => Number(part) <= 255) ? v4(text) : null;
}

const group = (text: string): bigint => BigInt(`0x${text}`);
const v6 = (first: string, second: string): bigint => (group(first) << 112n) | (group(second) << 96n);

const NOT_PUBLIC_V6: readonly (readonly [base: bigint, bits: bigint])[] = [
  // Teredo, ORCHID, benchmarks and other assignments that are no hosts.
  [v6("2001", "0"), 23n],
  [v6("2001", "db8"), 32n],
  // 6to4 carries any IPv4 address.
  [v6("2002", "0"), 16n],
  [v6("3fff", "0"), 20n],
];

function ipv6Of(text: string): bigint | null {
  if (!/^\[?[\da-f:.]+\]?$/i.test(text) || !text.includes(":")) return null;
  // Written out by the parser: small letters, no dots, at most one `::`.
  const host = URL.parse(`http://[${text.replace(/^\[|\]$/g, "")}]`)?.hostname.slice(1, -1);
  if (host === undefined) return null;
  const [head = "", tail] = host.split("::");
  const groups = (part: string): bigint[] => (part === "" ? [] : part.split(":").map(group));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array<bigint>(8 - before.length - after.length).fill(0n);
  return [...before, ...zeros, ...after].reduce((sum, part) => (sum << 16n) | part, 0n);
}
