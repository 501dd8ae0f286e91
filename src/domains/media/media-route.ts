import { z } from "zod";
import { AppError } from "../../kernel/errors.ts";
import type { PlatformScope } from "../../platform/http/endpoint.ts";
import { type Endpoint, platformEndpoint } from "../../platform/http/endpoint.ts";
import { byteRangeOf } from "./byte-range.ts";
import { IMAGE_TYPES, type ImageExtension } from "./image-type.ts";
import { objectPathOf, readObjectName } from "./object-path.ts";

const FOREVER = "public, max-age=31536000, immutable";
const TENANT = /^[\da-z][\da-z-]{0,62}$/;

const image = { content_type: "image/*", schema: z.string().meta({ format: "binary" }) };

const readImage = platformEndpoint(
  {
    method: "get",
    path: "/media/{tenant}/items/{object}",
    tag: "Storefront",
    summary: "An image",
    description:
      "Named by the hash of its bytes, so it never changes; any cache may keep it for good. `object` is `{sha256}.{ext}`. One `Range` is honoured.",
    access: "open",
    idempotency: "none",
    params: z.strictObject({ tenant: z.string(), object: z.string() }),
    answers: {
      200: { description: "The image", ...image },
      206: { description: "The part of it that was asked for", ...image },
      304: { description: "It is the one that If-None-Match names" },
    },
    errors: ["NOT_FOUND", "RANGE_NOT_SATISFIABLE"],
  },
  async (scope, { params: { tenant, object } }) => {
    const name = TENANT.test(tenant) ? readObjectName(object) : null;
    const answer = name && (await answerOf(scope, objectPathOf(tenant, name.sha256, name.extension), name));
    if (!answer) throw new AppError("NOT_FOUND", { detail: "There is no such image." });
    return answer;
  },
);

async function answerOf(
  { bindings, headers }: PlatformScope,
  path: string,
  { sha256, extension }: { sha256: string; extension: ImageExtension },
): Promise<Response | null> {
  const etag = `"${sha256}"`;
  const common = {
    etag,
    "cache-control": FOREVER,
    "accept-ranges": "bytes",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "cross-origin",
    // Of an address that is opened by itself; a page that shows it as a picture is not touched.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
  };
  const asked = headers.get("range");
  const isKnown = isNamed(headers.get("if-none-match"), etag);
  if (isKnown || asked !== null) {
    const stored = await bindings.MEDIA.head(path);
    if (!stored) return null;
    if (isKnown) return new Response(null, { status: 304, headers: common });
    const condition = headers.get("if-range");
    const range = condition === null || condition === etag ? byteRangeOf(asked, stored.size) : null;
    if (range === "unsatisfiable")
      throw new AppError("RANGE_NOT_SATISFIABLE", { detail: `It has ${stored.size} bytes.`, extensions: { bytes: stored.size } });
    if (range !== null) return partOf(await bindings.MEDIA.get(path, { range }), range, { ...common, ...typed(extension) });
  }
  const found = await bindings.MEDIA.get(path);
  if (!found) return null;
  return new Response(found.body, { headers: { ...common, ...typed(extension), "content-length": String(found.size) } });
}

const typed = (extension: ImageExtension) => ({ "content-type": IMAGE_TYPES[extension] });

function partOf(found: R2ObjectBody | null, { offset, length }: { offset: number; length: number }, headers: Record<string, string>) {
  if (!found) return null;
  const range = { "content-range": `bytes ${offset}-${offset + length - 1}/${found.size}`, "content-length": String(length) };
  return new Response(found.body, { status: 206, headers: { ...headers, ...range } });
}

/** If-None-Match compares weakly. */
const isNamed = (header: string | null, etag: string): boolean =>
  header !== null && (header.trim() === "*" || header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag));

export const mediaRoutes: Endpoint[] = [readImage];
