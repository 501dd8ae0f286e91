import { type FetchRules, fetchImage, type ImageSource, type Later, type Refused } from "./fetch-image.ts";
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
  } finally {
    clearTimeout(timer);
  }
}
