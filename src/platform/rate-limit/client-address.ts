/** What stands for the client where the platform names no address: everybody there is counted together. */
export const NO_ADDRESS = "none";

/**
 * Whom a request without a credential is counted as. Only `cf-connecting-ip` says so: the platform sets it and overwrites what a client
 * writes there, while X-Forwarded-For, Forwarded and their like hold whatever the client liked. It is missing only where no such front is
 * (tests, a bare workerd). Of IPv6 the first 64 bits: one line at home has that many addresses to itself.
 */
export function clientAddress(headers: Headers): string {
  const written = headers.get("cf-connecting-ip")?.trim().toLowerCase();
  if (!written) return NO_ADDRESS;
  const version4 = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})$/.exec(written)?.[1];
  if (version4) return version4;
  return written.includes(":") ? `${network64(written)}::/64` : written.slice(0, 64);
}

function network64(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  const all = [...groups, ...Array.from({ length: missing }, () => "0"), ...after];
  return all
    .slice(0, 4)
    .map((group) => group.slice(0, 4).replace(/^0+(?=.)/, ""))
    .join(":");
}
