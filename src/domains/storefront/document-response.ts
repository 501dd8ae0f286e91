import { utf8 } from "../../kernel/bytes.ts";
import type { Reply } from "../../platform/http/reply.ts";
import type { RequestScope } from "../../platform/http/scope.ts";
import { isCurrentMenu, remeasureMenu, type StoredDocument, type StorefrontDocument, type StoreMenu } from "../menu/index.ts";
import { acceptsGzip } from "./accept-encoding.ts";
import { etagMatches } from "./etag-match.ts";

/** As long as an isolate may answer from memory without asking. No s-maxage: it would forbid serving stale. */
export const STOREFRONT_CACHE_CONTROL = "public, max-age=5, stale-while-revalidate=5";

/**
 * The content's hash and the version: the version is part of the body, and content that comes back (a rollback) has a new one. A suffix
 * per representation.
 */
const etagOf = (document: StoredDocument, representation: string): string =>
  `"${document.content_hash.slice(0, 16)}-${document.menu_version}${representation}"`;

const headersOf = (document: StoredDocument, etag: string): Record<string, string> => ({
  etag,
  "cache-control": STOREFRONT_CACHE_CONTROL,
  vary: "Accept-Encoding",
  "menu-version": String(document.menu_version),
});

/** The document as it is stored, packed or unpacked as the client takes it; 304 where the client has it. */
export async function documentResponse(scope: RequestScope, storeId: string, menu: StoreMenu, document: StoredDocument): Promise<Reply> {
  const packed = acceptsGzip(scope.headers.get("accept-encoding"));
  const etag = etagOf(document, packed ? "-gzip" : "");
  const headers = headersOf(document, etag);
  const same_while = isCurrentMenu(scope, storeId, menu);
  if (etagMatches(scope.headers.get("if-none-match"), etag)) return { status: 304, headers, same_while };
  headers["content-type"] = "application/json";
  if (packed) return { status: 200, headers: { ...headers, "content-encoding": "gzip" }, bytes: document.gzip, same_while };
  const bytes = await document.identity();
  remeasureMenu(scope, storeId, menu);
  return { status: 200, headers, bytes, same_while };
}

/** A view of the document, made from its parsed form. `name` tells its entity tag from other views' of the same version. */
export async function viewResponse(
  scope: RequestScope,
  storeId: string,
  menu: StoreMenu,
  document: StoredDocument,
  name: string,
  view: (document: StorefrontDocument) => unknown,
): Promise<Reply> {
  const etag = etagOf(document, `-${name}`);
  const headers = headersOf(document, etag);
  const same_while = isCurrentMenu(scope, storeId, menu);
  if (etagMatches(scope.headers.get("if-none-match"), etag)) return { status: 304, headers, same_while };
  const parsed = await document.document();
  remeasureMenu(scope, storeId, menu);
  const bytes = utf8(JSON.stringify(view(parsed)));
  return { status: 200, headers: { ...headers, "content-type": "application/json" }, bytes, same_while };
}
