/** Whether an If-None-Match header names this entity tag: a list, weak tags compared as strong ones, or `*`. */
export function etagMatches(header: string | null, etag: string): boolean {
  if (header === null) return false;
  if (header === etag) return true;
  if (header.trim() === "*") return true;
  return header.split(",").some((part) => part.trim().replace(/^W\//, "") === etag);
}
