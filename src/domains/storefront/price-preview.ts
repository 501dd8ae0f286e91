import { z } from "zod";
import { AppError } from "../../kernel/errors.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import { type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { CurrencyCode, Id, ItemCode, PriceMinor, Timestamp } from "../../platform/http/fields.ts";
import { ok } from "../../platform/http/reply.ts";
import type { RequestScope } from "../../platform/http/scope.ts";
import { effectivePrice, type PriceRow } from "../catalog/index.ts";

const PreviewQuery = z
  .strictObject({
    store_id: Id,
    variant_id: Id.optional(),
    item_code: ItemCode.optional().meta({ description: "Instead of variant_id" }),
    at: Timestamp.optional().meta({ description: "Default: now" }),
    channel: z.string().min(1).max(64).default("default").meta({ example: "default" }),
  })
  .refine((query) => (query.variant_id === undefined) !== (query.item_code === undefined), {
    message: "give variant_id or item_code, one of them",
    path: ["item_code"],
  });
type PreviewQuery = z.output<typeof PreviewQuery>;

const PricePreview = z
  .object({
    store_id: Id,
    variant_id: Id,
    item_code: ItemCode,
    at: Timestamp,
    channel: z.string(),
    currency: CurrencyCode,
    price: PriceMinor.nullable().meta({ description: "null: none; it cannot be ordered then" }),
    source: z
      .enum(["menu", "location_price", "price"])
      .nullable()
      .meta({ description: "The live menu, a price of the location, one for everywhere; null: none" }),
    price_id: Id.nullable().meta({ description: "Of a price of the catalogue" }),
    effective_from: Timestamp.nullable(),
    effective_to: Timestamp.nullable().meta({ description: "When it is another price, as far as is planned; null: nothing is" }),
    reason: z.literal("no_price").optional().meta({ description: "Where there is none" }),
  })
  .meta({
    id: "PricePreview",
    example: {
      store_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11",
      variant_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a41",
      item_code: "LATTE-M",
      at: "2036-12-25T09:00:00.000Z",
      channel: "default",
      currency: "SGD",
      price: 590,
      source: "location_price",
      price_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a81",
      effective_from: "2036-12-24T00:00:00.000Z",
      effective_to: "2036-12-27T00:00:00.000Z",
    },
  });
type PricePreview = z.infer<typeof PricePreview>;

const VARIANT = "(SELECT v.variant_id FROM variants AS v WHERE v.variant_id = ? OR v.item_code = ?)";

/** The store, the variant with its price on the store's live menu, its prices of the catalogue. */
function previewStatements({ store_id, variant_id, item_code, channel }: PreviewQuery): Statement[] {
  const named = [variant_id ?? null, item_code ?? null];
  return [
    statement("SELECT location_id, currency FROM stores WHERE store_id = ?", store_id),
    statement(
      `SELECT v.variant_id, v.item_code, (SELECT i.price_minor FROM menus AS m
          CROSS JOIN menu_items AS i ON i.menu_id = m.menu_id AND i.variant_id = v.variant_id
          CROSS JOIN menu_sections AS c ON c.menu_section_id = i.menu_section_id
        WHERE m.store_id = ? AND m.deleted_at_ms IS NULL ORDER BY m.position, c.position, i.position LIMIT 1) AS menu_price
       FROM variants AS v WHERE v.variant_id = ? OR v.item_code = ?`,
      store_id,
      ...named,
    ),
    statement(
      `SELECT vp.variant_price_id, vp.location_id, vp.channel, vp.currency, vp.price_minor, vp.effective_from_ms, vp.effective_to_ms
       FROM variant_prices AS vp WHERE vp.variant_id = ${VARIANT} AND vp.channel = ?
         AND (vp.location_id IS NULL OR vp.location_id = (SELECT s.location_id FROM stores AS s WHERE s.store_id = ?))`,
      ...named,
      channel,
      store_id,
    ),
  ];
}

/** What a variant costs at a store at a time. One read. Throws NOT_FOUND for a store or variant that does not exist. */
async function previewPrice(scope: RequestScope, query: PreviewQuery): Promise<PricePreview> {
  const [stores = [], variants = [], rows = []] = await scope.db.read(previewStatements(query));
  const [[store], [variant]] = [stores, variants];
  if (!store) throw new AppError("NOT_FOUND", { detail: "There is no such store." });
  if (!variant) throw new AppError("NOT_FOUND", { detail: "There is no such variant." });
  const atMs = query.at === undefined ? scope.clock.now() : Date.parse(query.at);
  const currency = String(store["currency"]);
  const found = effectivePrice(variant["menu_price"] as number | null, rows as unknown as PriceRow[], {
    location_id: String(store["location_id"]),
    channel: query.channel,
    currency,
    at_ms: atMs,
  });
  const time = (ms: number | null | undefined) => (ms == null ? null : new Date(ms).toISOString());
  return {
    store_id: query.store_id,
    variant_id: String(variant["variant_id"]),
    item_code: String(variant["item_code"]),
    at: new Date(atMs).toISOString(),
    channel: query.channel,
    currency,
    price: found?.price_minor ?? null,
    source: found?.source ?? null,
    price_id: found?.variant_price_id ?? null,
    effective_from: time(found?.effective_from_ms),
    effective_to: time(found?.effective_to_ms),
    ...(found === null ? { reason: "no_price" as const } : {}),
  };
}

export const pricePreviewRoute: Endpoint = endpoint(
  {
    method: "get",
    path: "/api/v1/prices/preview",
    tag: "Prices",
    summary: "What a variant costs at a store at a time",
    description: "The live menu's price stands for any time: what will be published by then is not known.",
    access: ["catalog", "menu", "inventory", "pos", "read"],
    idempotency: "none",
    query: PreviewQuery,
    answers: { 200: { description: "The price, and where it comes from", schema: PricePreview } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { query }) => ok(await previewPrice(scope, query)),
);
