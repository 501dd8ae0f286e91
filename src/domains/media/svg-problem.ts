/** Elements that run, that hold other documents, or that fetch. Any prefix: a document names its namespaces as it likes. */
const ACTIVE_ELEMENT =
  /<\s*(?:[\w.-]+:)?(script|foreignobject|iframe|frame|frameset|object|embed|applet|link|meta|base|audio|video|handler|listener|html|body|form|animate|animatemotion|animatetransform|set|discard)(?=[\s/>])/i;
const HANDLER = /[\s"'/]on[a-z]+\s*=/i;
const SCRIPT_ADDRESS = /(?:java|vb|live)script:/i;
const INNER_REFERENCE = /^\s*(?:#|data:image\/(?:png|jpe?g|gif|webp|avif);|$)/i;
const REFERENCE = /[\s"'/](?:[\w.-]+:)?(?:href|src|srcset)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi;
const STYLE_REFERENCE = /(?:url|src|image|image-set)\s*\(\s*["']?([^"')]*)/gi;

/** Characters as a parser sees them: references to them, and escapes of style sheets, replaced. */
const plain = (text: string): string =>
  text
    .replace(/&#x([\da-f]{1,6});?/gi, (_, hex: string) => characterOf(Number.parseInt(hex, 16)))
    .replace(/&#(\d{1,7});?/g, (_, decimal: string) => characterOf(Number(decimal)))
    .replace(/&(?:colon|newline|tab);/gi, (named) => (named.toLowerCase() === "&colon;" ? ":" : " "));

const withoutEscapes = (text: string): string =>
  text.replace(/\\([\da-f]{1,6})\s?/gi, (_, hex: string) => characterOf(Number.parseInt(hex, 16))).replaceAll("\\", "");

const characterOf = (code: number): string => (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "");

/**
 * Why an SVG is not taken, in a few words; null where it only draws. Anything that runs, that holds another document or that refers to
 * something outside it is refused rather than cleaned: what is served is what was sent, byte for byte.
 */
export function svgProblem(bytes: Uint8Array): string | null {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return "its text is not UTF-8";
  }
  if (text.includes("\0")) return "its text is not UTF-8";
  if (/<!ENTITY|<!DOCTYPE[^>[]{0,500}\[/i.test(text)) return "it declares entities";
  if (/<\?xml-stylesheet/i.test(text)) return "it refers to a style sheet";
  // As written, and as read: a reference to a character, or an escape, hides nothing.
  const read = plain(text);
  for (const form of [text, read, withoutEscapes(read)]) {
    const element = ACTIVE_ELEMENT.exec(form)?.[1];
    if (element !== undefined) return `it has a ${element.toLowerCase()} element`;
    if (HANDLER.test(form)) return "it has an event handler";
    if (SCRIPT_ADDRESS.test(form.replace(/[\s\p{Cc}]/gu, ""))) return "it has a script address";
    if (/@import/i.test(form)) return "it refers to a style sheet";
    for (const [, double, single, bare] of form.matchAll(REFERENCE))
      if (!INNER_REFERENCE.test(double ?? single ?? bare ?? "")) return "it refers to something outside it";
    for (const [, target = ""] of form.matchAll(STYLE_REFERENCE))
      if (!INNER_REFERENCE.test(target)) return "it refers to something outside it";
  }
  return null;
}
