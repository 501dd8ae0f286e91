import { expect, it } from "vitest";
import { storedDraft } from "./save-draft.ts";
import { type SaveDraft, SaveDraft as Schema } from "./schemas.ts";

const draft = (over: Record<string, unknown> = {}): SaveDraft =>
  Schema.parse({
    name: "Menu",
    currency: "USD",
    sections: [{ name: "Coffee", items: [{ item_code: "A", price: 1 }, { item_code: "B" }] }],
    ...over,
  });

it("stores prices with their unit, and null where none is decided", async () => {
  expect(JSON.parse((await storedDraft(draft())).sections)).toEqual([
    {
      name: "Coffee",
      display_type: "list",
      items: [
        { item_code: "A", price_minor: 1 },
        { item_code: "B", price_minor: null },
      ],
    },
  ]);
});

it("hashes structure, prices, currency, provider and name", async () => {
  const { content_hash } = await storedDraft(draft());
  expect((await storedDraft(draft())).content_hash).toBe(content_hash);
  for (const over of [
    { name: "Other" },
    { currency: "SGD" },
    { provider: "square" },
    { sections: [] },
    { sections: [{ name: "Coffee", items: [{ item_code: "A", price: 2 }, { item_code: "B" }] }] },
    { sections: [{ name: "Coffee", items: [{ item_code: "B" }, { item_code: "A", price: 1 }] }] },
  ]) {
    expect((await storedDraft(draft(over))).content_hash).not.toBe(content_hash);
  }
});
