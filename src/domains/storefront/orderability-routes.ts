import { z } from "zod";
import { utf8 } from "../../kernel/bytes.ts";
import { AppError } from "../../kernel/errors.ts";
import { type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id, ItemCode, Timestamp } from "../../platform/http/fields.ts";
import type { Reply } from "../../platform/http/reply.ts";
import type { RequestScope } from "../../platform/http/scope.ts";
import { answerHash, answerText, judgeCodes, REASONS } from "../inventory/index.ts";
import { acceptsGzip } from "./accept-encoding.ts";
import { etagMatches } from "./etag-match.ts";
import { type FoundOrderability, findOrderability } from "./orderability-cache.ts";

const MOST_CODES = 50;

const Item = z.object({
  variant_id: Id,
  orderable: z.boolean(),
  reason: z.enum(REASONS).optional().meta({ description: "Why not; of several the most lasting" }),
  available: z.number().optional().meta({ description: "With `codes`: how much there is, where it is counted" }),
});

export const Orderability = z
  .object({
    as_of: Timestamp.meta({ description: "When it last changed otherwise than by the clock" }),
    version: z.int().meta({ description: "Raised by every such change" }),
    items: z.record(ItemCode, Item).meta({ description: "By item_code" }),
  })
  .meta({
    id: "Orderability",
    example: {
      as_of: "2026-11-20T09:30:00.000Z",
      version: 7,
      items: {
        "LATTE-M": { variant_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a41", orderable: true },
        "BUN-1": { variant_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a43", orderable: false, reason: "no_stock" },
      },
    },
  });

const Codes = z
  .string()
  .transform((text) => [...new Set(text.split(",").filter((code) => code !== ""))])
  .refine((codes) => codes.length >= 1 && codes.length <= MOST_CODES, `must be 1 to ${MOST_CODES} codes`)
  .meta({
    description: "item_codes, with commas between them: only these, as the database has them now, with quantities",
    example: "LATTE-M,BUN-1",
  });

const orderability = endpoint(
  {
    method: "get",
    path: "/api/v1/stores/{store_id}/orderability",
    tag: "Storefront",
    summary: "What can be ordered at a store now, and why not",
    description:
      "Everything that is on its menu, counted or snoozed there. Cached for less than a second: `ETag` and `If-None-Match`; a read with a " +
      "`Consistency-Token` sees its write. Placing an order decides for itself, whatever this says.",
    access: "public",
    idempotency: "none",
    params: z.strictObject({ store_id: z.string() }),
    query: z.strictObject({
      codes: Codes.optional(),
      only: z.literal("unorderable").optional().meta({ description: "Leaves out what can be ordered" }),
    }),
    answers: { 200: { description: "By item_code", schema: Orderability }, 304: { description: "The client has this" } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params: { store_id }, query: { codes, only } }) => {
    const found = await findOrderability(scope, store_id);
    if (!found) throw new AppError("NOT_FOUND", { detail: "There is no such store." });
    if (codes) return ofCodes(scope, found, codes, only !== undefined);
    return only === undefined ? whole(scope, found) : onlyUnorderable(scope, found);
  },
);

/** Kept by who asked and asked for again each time: a 304 costs next to nothing. */
const CACHE_CONTROL = "public, no-cache";

const headersOf = (etag: string): Record<string, string> => ({ etag, "cache-control": CACHE_CONTROL, vary: "Accept-Encoding" });

async function whole(scope: RequestScope, { state, held, isCurrent }: FoundOrderability): Promise<Reply> {
  const isPacked = acceptsGzip(scope.headers.get("accept-encoding"));
  const headers = headersOf(`"${state.hash}-${held.row.version}${isPacked ? "-gzip" : ""}"`);
  if (etagMatches(scope.headers.get("if-none-match"), headers["etag"] ?? "")) return { status: 304, headers, same_while: isCurrent };
  headers["content-type"] = "application/json";
  if (isPacked) headers["content-encoding"] = "gzip";
  return { status: 200, headers, bytes: isPacked ? await state.packed() : utf8(await state.text()), same_while: isCurrent };
}

async function onlyUnorderable(scope: RequestScope, { state, held, isCurrent }: FoundOrderability): Promise<Reply> {
  const items = (await state.items()).filter(([, { orderable }]) => !orderable);
  const text = answerText(aboutOf(held.row), items);
  const headers = headersOf(`"${await answerHash(text)}-${held.row.version}-unorderable"`);
  if (etagMatches(scope.headers.get("if-none-match"), headers["etag"] ?? "")) return { status: 304, headers, same_while: isCurrent };
  return { status: 200, headers: { ...headers, "content-type": "application/json" }, bytes: utf8(text), same_while: isCurrent };
}

/** Not kept: quantities move with every order. */
async function ofCodes(scope: RequestScope, { state, held }: FoundOrderability, codes: string[], unorderable: boolean): Promise<Reply> {
  const judged = await judgeCodes(scope.db, held.row.location_id, codes, state.trading, scope.clock.now());
  return { status: 200, text: answerText(aboutOf(held.row), unorderable ? judged.filter(([, { orderable }]) => !orderable) : judged) };
}

const aboutOf = ({ changed_at_ms, version }: { changed_at_ms: number; version: number }) => ({
  as_of: new Date(changed_at_ms).toISOString(),
  version,
});

export const orderabilityRoutes: Endpoint[] = [orderability];
