import type { Copied } from "../../media/index.ts";
import type { ImageReason } from "./image-reasons.ts";

export const MOST_ATTEMPTS = 6;
const FIRST_DELAY_MS = 5_000;
const GROWTH = 4;
const SHORTEST_DELAY_MS = 1_000;

/** What is written of an image that was tried. */
export interface ImageResult {
  product_id: string;
  source_url: string;
  state: "pending" | "copied" | "refused" | "failed";
  next_attempt_at_ms: number | null;
  /** 0: it was not tried after all. */
  attempts: number;
  reason: ImageReason | null;
  detail: string | null;
  /** Of a copied one; null: the copy there is holds. */
  copy: { object_path: string; bytes: number; etag: string | null; last_modified: string | null } | null;
}

/** After the first failure 5 s, then four times as long each time; a server's own word goes before. */
export const retryDelayMs = (attempts: number, retryAfterMs: number | null): number =>
  Math.max(SHORTEST_DELAY_MS, retryAfterMs ?? FIRST_DELAY_MS * GROWTH ** (attempts - 1));

/** What becomes of an image by what its copying came to. `attempts` counts this one; null: it was not begun. */
export function decideCopy(
  image: { product_id: string; source_url: string; attempts: number },
  copied: Copied | null,
  nowMs: number,
): ImageResult {
  const { product_id, source_url, attempts } = image;
  const base = { product_id, source_url, attempts, next_attempt_at_ms: null, reason: null, detail: null, copy: null };
  if (copied === null) return { ...base, state: "pending", attempts: attempts - 1, next_attempt_at_ms: nowMs };
  switch (copied.kind) {
    case "stored": {
      const { kind: _, ...copy } = copied;
      return { ...base, state: "copied", copy };
    }
    case "unchanged":
      return { ...base, state: "copied" };
    case "refused":
      return { ...base, state: "refused", reason: copied.reason, detail: copied.detail };
    case "later": {
      const why = { reason: copied.reason, detail: copied.detail };
      if (attempts >= MOST_ATTEMPTS) return { ...base, ...why, state: "failed" };
      return { ...base, ...why, state: "pending", next_attempt_at_ms: nowMs + retryDelayMs(attempts, copied.retry_after_ms) };
    }
  }
}
