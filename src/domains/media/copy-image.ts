import { type FetchRules, fetchImage, type ImageSource, type Later, later, type Refused } from "./fetch-image.ts";
import { type Stored, storeImage } from "./store-image.ts";

/** Of one image, from the first request to the last byte stored. */
export const COPY_DEADLINE_MS = 15_000;

export type Copied = (Stored & { etag: string | null; last_modified: string | null }) | { kind: "unchanged" } | Refused | Later;

/** Fetches an image and stores it. Never throws; never takes much longer than its deadline. */
export async function copyImage(
  bucket: R2Bucket,
  tenantId: string,
  source: ImageSource,
  rules: FetchRules,
  newId: () => string,
): Promise<Copied> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), COPY_DEADLINE_MS);
  try {
    const fetched = await fetchImage(source, rules, deadline.signal);
    if (fetched.kind !== "image") return fetched;
    const { body, etag, last_modified } = fetched;
    const stored = await storeImage(bucket, tenantId, body, deadline.signal, newId);
    return stored.kind === "stored" ? { ...stored, etag, last_modified } : stored;
  } catch (error) {
    if (deadline.signal.aborted) return later("timed_out", "it did not come to its end in time");
    return later("unreachable", `${error instanceof Error ? error.message : error}`.slice(0, 200));
  } finally {
    clearTimeout(timer);
  }
}
