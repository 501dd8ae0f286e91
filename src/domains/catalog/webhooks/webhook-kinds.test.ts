import { describe, expect, test } from "vitest";
import { utf8 } from "../../../kernel/bytes.ts";
import { WEBHOOKS } from "./webhook-kinds.ts";

const read = (provider: string, headers: Record<string, string>, body: unknown) =>
  WEBHOOKS[provider]?.read(new Headers(headers), utf8(typeof body === "string" ? body : JSON.stringify(body)));

describe("what a notification says", () => {
  test("Shopify: a product whole, by its id; a deleted one only that something changed; orders nothing", () => {
    const headers = (topic: string) => ({ "x-shopify-topic": topic, "x-shopify-webhook-id": "w1" });
    expect(read("shopify", headers("products/update"), { id: 42, updated_at: "2026-01-01T00:00:00Z" })).toEqual({
      kind: "payload",
      topic: "product",
      object_id: "42",
      event_id: "w1",
      occurred_at_ms: Date.UTC(2026, 0, 1),
    });
    expect(read("shopify", headers("products/delete"), { id: 42 })).toEqual({ kind: "refresh", event_id: "w1" });
    expect(read("shopify", headers("orders/create"), { id: 42 })).toEqual({ kind: "ignored" });
    expect(WEBHOOKS["shopify"]?.combine?.([{ id: 1 }, { id: 2 }])).toEqual({ products: [{ id: 1 }, { id: 2 }] });
  });

  test("WooCommerce: likewise, its times being GMT without a zone", () => {
    const headers = (topic: string) => ({ "x-wc-webhook-topic": topic, "x-wc-webhook-delivery-id": "d1" });
    const product = { id: 7, date_modified_gmt: "2026-01-01T00:00:00" };
    expect(read("woocommerce", headers("product.updated"), product)).toEqual({
      kind: "payload",
      topic: "product",
      object_id: "7",
      event_id: "d1",
      occurred_at_ms: Date.UTC(2026, 0, 1),
    });
    expect(read("woocommerce", headers("product.deleted"), { id: 7 })).toMatchObject({ kind: "refresh" });
    expect(read("woocommerce", headers("order.created"), { id: 7 })).toEqual({ kind: "ignored" });
  });

  test("Square: counts whole, a catalogue version only that something changed", () => {
    const count = { catalog_object_id: "V1", location_id: "L1", state: "IN_STOCK", quantity: "3" };
    const event = (type: string, object?: unknown) => ({
      type,
      event_id: "e1",
      created_at: "2026-01-01T00:00:00Z",
      data: { type: "x", object },
    });
    expect(read("square", {}, event("catalog.version.updated"))).toEqual({ kind: "refresh", event_id: "e1" });
    const counts = event("inventory.count.updated", { inventory_counts: [count] });
    expect(read("square", {}, counts)).toMatchObject({ kind: "payload", topic: "counts", object_id: "V1/L1/IN_STOCK", event_id: "e1" });
    expect(WEBHOOKS["square"]?.combine?.([counts, counts])).toEqual({ counts: [count, count] });
    expect(read("square", {}, event("order.created"))).toEqual({ kind: "ignored" });
    expect(read("square", {}, [])).toEqual({ kind: "ignored" });
  });

  test("Deliverect: menus, by link and id; snoozes and orders nothing", () => {
    const menu = { channelLinkId: "c", menuId: "m", products: {} };
    expect(read("deliverect", {}, [menu])).toMatchObject({ kind: "payload", topic: "menu", object_id: "c/m", event_id: null });
    expect(read("deliverect", {}, { accountId: "a", operations: [] })).toEqual({ kind: "ignored" });
    expect(WEBHOOKS["deliverect"]?.combine?.([[menu], menu])).toEqual([menu, menu]);
  });

  test("Revel: only that something changed", () => {
    const headers = { "x-revel-event-type": "menu.updated", "x-revel-event-id": "r1" };
    expect(read("revel", headers, "{}")).toEqual({ kind: "refresh", event_id: "r1" });
    expect(read("revel", { "x-revel-event-type": "order.finalized" }, "{}")).toEqual({ kind: "ignored" });
  });

  test("ours: one product by its id, more of them each by itself", () => {
    expect(read("cata", { "servery-event-id": "1" }, { products: [{ id: "p" }] })).toMatchObject({ object_id: "product/p", event_id: "1" });
    expect(read("cata", {}, { products: [{ id: "p" }, { id: "q" }] })).toMatchObject({ object_id: "", event_id: null });
    expect(read("csv", {}, "sku,name\n")).toMatchObject({ object_id: "" });
  });

  test.each(["shopify", "woocommerce", "square", "deliverect", "cata"])("%s: what is no JSON is said so", (provider) => {
    expect(() => read(provider, {}, "<html>")).toThrowError(expect.objectContaining({ code: "BAD_JSON" }));
  });
});
