import { fromUtf8 } from "../../kernel/bytes.ts";

/** What is stored and served; the extension is part of the object's key. */
export const IMAGE_TYPES = {
  jpg: "image/jpeg",
  png: "image/png",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  svg: "image/svg+xml",
} as const;
export type ImageExtension = keyof typeof IMAGE_TYPES;

/** So many first bytes tell the type; an SVG's first element may come after a long comment. */
export const HEAD_BYTES = 4_096;

const startsWith = (bytes: Uint8Array, at: number, text: string): boolean => {
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
};

/** The type by the first bytes (up to `HEAD_BYTES`); null: none that is taken. What a server or a client calls it counts for nothing. */
export function imageTypeOf(head: Uint8Array): ImageExtension | null {
  if (startsWith(head, 0, "\xff\xd8\xff")) return "jpg";
  if (startsWith(head, 0, "\x89PNG\r\n\x1a\n")) return "png";
  if (startsWith(head, 0, "GIF87a") || startsWith(head, 0, "GIF89a")) return "gif";
  if (startsWith(head, 0, "RIFF") && startsWith(head, 8, "WEBP")) return "webp";
  if (startsWith(head, 4, "ftyp") && hasAvifBrand(head)) return "avif";
  return isSvg(head) ? "svg" : null;
}

function hasAvifBrand(head: Uint8Array): boolean {
  const boxBytes = new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(0);
  for (let at = 8; at + 4 <= Math.min(boxBytes, head.length); at += 4)
    if (at !== 12 && (startsWith(head, at, "avif") || startsWith(head, at, "avis"))) return true;
  return false;
}

/** What may stand before the first element: how it begins and how it ends. */
const BEFORE = [
  ["<?", "?>"],
  ["<!--", "-->"],
  ["<!DOCTYPE", ">"],
] as const;

function isSvg(head: Uint8Array): boolean {
  let rest = fromUtf8(head).trimStart();
  for (;;) {
    const found = BEFORE.find(([begin]) => rest.startsWith(begin));
    if (!found) return /^<(?:[\w.-]+:)?svg[\s/>]/.test(rest);
    const end = rest.indexOf(found[1], found[0].length);
    if (end < 0) return false;
    rest = rest.slice(end + found[1].length).trimStart();
  }
}
