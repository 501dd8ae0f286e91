import type { ImageRefusal, ImageTrouble } from "../../media/index.ts";

/** Every reason that an image's row can carry. */
export const IMAGE_REASONS = [
  "address_unreadable",
  "address_scheme",
  "address_credentials",
  "address_port",
  "address_private",
  "too_many_redirects",
  "redirect_unreadable",
  "not_there",
  "not_allowed",
  "answer_unusable",
  "too_large",
  "not_an_image",
  "svg_unsafe",
  "timed_out",
  "unreachable",
  "name_unknown",
  "resolver_silent",
  "busy",
  "server_failed",
  "cut_short",
  "storage_failed",
  // Whoever tried it did not come back, time after time.
  "interrupted",
] as const satisfies readonly ImageReason[];

export type ImageReason = ImageRefusal | ImageTrouble | "interrupted";
