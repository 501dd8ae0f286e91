import { fromUtf8 } from "../../../kernel/bytes.ts";
import { AppError } from "../../../kernel/errors.ts";
import { isObject, type Json, list, record, statedId, statedTime, text } from "../providers/stated-values.ts";
import type { SignatureScheme } from "./signature.ts";

/** What a provider's notification says. */
export type Notification =
  /** Nothing that a catalogue needs. */
  | { kind: "ignored" }
  /** That something changed, not what. */
  | { kind: "refresh"; event_id: string | null }
  /** What changed. Of one topic and object only the newest counts. */
  | { kind: "payload"; topic: string; object_id: string; event_id: string | null; occurred_at_ms: number | null };

export interface WebhookKind {
  signature: SignatureScheme;
  /** What a signed notification says; throws BAD_JSON. */
  read(headers: Headers, body: Uint8Array): Notification;
  /** Several notifications' bodies as one payload of the provider's mapper; null where each is one by itself. */
  combine: ((bodies: readonly unknown[]) => unknown) | null;
}

const ignored: Notification = { kind: "ignored" };

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(body));
  } catch {
    throw new AppError("BAD_JSON");
  }
}

const bodyHmac = (header: string): SignatureScheme => ({ header, hash: "SHA-256", encoding: "base64", signs: "body" });

/** shopify.dev/docs/apps/build/webhooks: the topic and both ids are headers, the body is the object itself. */
const shopify: WebhookKind = {
  signature: bodyHmac("x-shopify-hmac-sha256"),
  read(headers, body) {
    const topic = headers.get("x-shopify-topic") ?? "";
    const event_id = headers.get("x-shopify-webhook-id") ?? headers.get("x-shopify-event-id");
    const product = record(parsed(body));
    const id = statedId(product["id"]);
    if ((topic === "products/create" || topic === "products/update") && id !== null)
      return { kind: "payload", topic: "product", object_id: id, event_id, occurred_at_ms: statedTime(product["updated_at"]) };
    return /^(?:products|collections|collection_listings|product_listings|inventory_levels|inventory_items)\//.test(topic)
      ? { kind: "refresh", event_id }
      : ignored;
  },
  combine: (bodies) => ({ products: bodies }),
};

/** developer.woocommerce.com/docs/apis/rest-api/v3/webhooks: likewise. */
const woocommerce: WebhookKind = {
  signature: bodyHmac("x-wc-webhook-signature"),
  read(headers, body) {
    const topic = headers.get("x-wc-webhook-topic") ?? "";
    const event_id = headers.get("x-wc-webhook-delivery-id");
    const product = record(parsed(body));
    const id = statedId(product["id"]);
    if (/^product\.(?:created|updated|restored)$/.test(topic) && id !== null)
      return { kind: "payload", topic: "product", object_id: id, event_id, occurred_at_ms: utcTime(product["date_modified_gmt"]) };
    return topic.startsWith("product.") ? { kind: "refresh", event_id } : ignored;
  },
  combine: (bodies) => bodies,
};

/** WooCommerce leaves the zone out of its GMT times. */
const utcTime = (value: unknown): number | null => statedTime(`${text(value) ?? ""}Z`);

/** developer.squareup.com/docs/webhooks: the envelope names the event; counts come whole, the catalogue only as "changed". */
const square: WebhookKind = {
  signature: { header: "x-square-hmacsha256-signature", hash: "SHA-256", encoding: "base64", signs: "url_and_body" },
  read(_headers, body) {
    const event = record(parsed(body));
    const event_id = text(event["event_id"]);
    if (event["type"] === "catalog.version.updated") return { kind: "refresh", event_id };
    const counts = squareCounts(event);
    if (event["type"] !== "inventory.count.updated" || counts.length === 0) return ignored;
    const places = counts.map((count) => [count["catalog_object_id"], count["location_id"], count["state"]].join("/")).sort();
    const occurred_at_ms = statedTime(event["created_at"]);
    return { kind: "payload", topic: "counts", object_id: places.join(" "), event_id, occurred_at_ms };
  },
  combine: (bodies) => ({ counts: bodies.flatMap((body) => squareCounts(record(body))) }),
};

const squareCounts = (event: Json): Json[] => list(record(record(event["data"])["object"])["inventory_counts"]).filter(isObject);

/** developers.deliverect.com/reference/hmac-authentication: the menu push is the menus themselves; everything else is about orders or snoozes. */
const deliverect: WebhookKind = {
  signature: { header: "x-server-authorization-hmac-sha256", hash: "SHA-256", encoding: "hex", signs: "body" },
  read(_headers, body) {
    const menus = deliverectMenus(parsed(body));
    if (menus.length === 0) return ignored;
    const object_id = menus.map((menu) => `${text(menu["channelLinkId"])}/${text(menu["menuId"])}`).sort();
    return { kind: "payload", topic: "menu", object_id: object_id.join(" "), event_id: null, occurred_at_ms: null };
  },
  combine: (bodies) => bodies.flatMap((body) => (Array.isArray(body) ? body : [body])),
};

const deliverectMenus = (body: unknown): Json[] =>
  (Array.isArray(body) ? body : [body])
    .filter(isObject)
    .filter((menu) => menu["products"] !== undefined && menu["operations"] === undefined);

/** Not confirmed by a page of Revel's own (docs/webhooks.md); its notifications only say that something changed. */
const revel: WebhookKind = {
  signature: { header: "x-revel-signature", hash: "SHA-1", encoding: "hex", signs: "body" },
  read(headers, _body) {
    const type = headers.get("x-revel-event-type") ?? "";
    return /^(?:menu\.|inout\.stock)/.test(type) ? { kind: "refresh", event_id: headers.get("x-revel-event-id") } : ignored;
  },
  combine: null,
};

/** Ours: a catalogue as it would be sent to …/ingestions. Each is taken by itself; of one product alone only the newest. */
const own = (objectOf: (body: Uint8Array) => string | null): WebhookKind => ({
  signature: { header: "servery-signature", hash: "SHA-256", encoding: "hex", signs: "time_and_body" },
  read(headers, body) {
    const event_id = headers.get("servery-event-id");
    return { kind: "payload", topic: "catalogue", object_id: objectOf(body) ?? "", event_id, occurred_at_ms: null };
  },
  combine: null,
});

/** The only product of the payload; null where it has more than that. */
function soleProduct(body: Uint8Array): string | null {
  const payload = record(parsed(body));
  const products = list(payload["products"]);
  const id = products.length === 1 ? statedId(record(products[0])["id"]) : null;
  return id === null ? null : `product/${id}`;
}

/** How each provider notifies, by the name a source system is registered with. One that is not here has no webhook. */
export const WEBHOOKS: Readonly<Record<string, WebhookKind>> = {
  cata: own(soleProduct),
  csv: own(() => null),
  deliverect,
  revel,
  shopify,
  square,
  woocommerce,
};
