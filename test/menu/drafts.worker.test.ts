import { describe, expect, it } from "vitest";
import { addDraft, addItems, setVisible } from "../support/worker/menu-fixture.ts";
import { newTenant } from "../support/worker/tenant-fixture.ts";

const DRAFTS = "/api/v1/menus/drafts";

describe("a draft", () => {
  it("is refused with all its problems at once", async () => {
    const tenant = await newTenant();
    const body = {
      name: " ",
      currency: "XXX",
      colour: "red",
      sections: [
        {
          name: "Coffee",
          display_type: "list",
          items: [
            { item_code: "A", price: -1 },
            { item_code: "B", price: 2 },
            { item_code: "A", price: 3.5 },
          ],
        },
        { name: "", items: [] },
        { name: "Coffee ", display_type: "carousel", items: [{ item_code: "B", price: 4 }] },
      ],
    };
    const answer = await tenant.call("POST", DRAFTS, { body });
    expect(answer).toMatchObject({ status: 422, json: { code: "VALIDATION_FAILED" } });
    expect(answer.json.errors.map((error: { path: string }) => error.path).sort()).toEqual([
      "body.colour",
      "body.currency",
      "body.name",
      "body.sections.0.items.0.price",
      "body.sections.0.items.2.item_code",
      "body.sections.0.items.2.price",
      "body.sections.0.items.2.price",
      "body.sections.1.name",
      "body.sections.2.display_type",
      "body.sections.2.items.0.price",
      "body.sections.2.name",
    ]);
  });

  it("is kept with what the catalogue has against it now", async () => {
    const tenant = await newTenant();
    await addItems(tenant, ["A", "B"]);
    await setVisible(tenant, "B", false);
    const sections = [
      { name: "Coffee", display_type: "grid", items: [{ item_code: "A" }, { item_code: "NEW", price: 3 }] },
      { name: "Tea", items: [{ item_code: "B", price: 4 }] },
    ];
    const answer = await tenant.call("POST", DRAFTS, { body: { name: "Menu", currency: "USD", sections } });
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ name: "Menu", currency: "USD", provider: "servery", revision: 1 });
    expect(answer.json.sections).toEqual([
      {
        name: "Coffee",
        display_type: "grid",
        items: [
          { item_code: "A", price: null },
          { item_code: "NEW", price: 3 },
        ],
      },
      { name: "Tea", display_type: "list", items: [{ item_code: "B", price: 4 }] },
    ]);
    expect(answer.json.problems.map((p: Record<string, string>) => [p["path"], p["reason"]])).toEqual([
      ["sections.0.items.0", "price_missing"],
      ["sections.0.items.1", "item_unknown"],
      ["sections.1.items.0", "hidden"],
    ]);
    await addItems(tenant, ["NEW"]);
    const read = await tenant.call("GET", `${DRAFTS}/${answer.json.id}`, {
      headers: { "consistency-token": answer.headers.get("consistency-token") ?? "" },
    });
    expect(read.status).toBe(200);
  });

  it("is replaced as a whole, listed, and told from one that is not there", async () => {
    const tenant = await newTenant();
    await addItems(tenant, ["A"]);
    const first = await addDraft(tenant, [{ name: "Coffee", items: [{ item_code: "A", price: 1 }] }]);
    const second = await addDraft(tenant, []);
    const body = { name: "Evening", currency: "SGD", sections: [{ name: "Tea", display_type: "list", items: [] }] };
    const replaced = await tenant.call("PUT", `${DRAFTS}/${first}`, { body });
    expect(replaced).toMatchObject({
      status: 200,
      json: { id: first, revision: 2, name: "Evening", currency: "SGD", sections: body.sections },
    });
    const headers = { "consistency-token": replaced.headers.get("consistency-token") ?? "" };
    const page = await tenant.call("GET", `${DRAFTS}?limit=1`, { headers });
    expect(page.json.data).toMatchObject([{ id: first, section_count: 1 }]);
    const rest = await tenant.call("GET", `${DRAFTS}?limit=1&cursor=${page.json.next_cursor}`, { headers });
    expect(rest.json).toMatchObject({ data: [{ id: second }], next_cursor: null });
    expect(await tenant.call("PUT", `${DRAFTS}/nope`, { body })).toMatchObject({ status: 404, json: { code: "NOT_FOUND" } });
    expect(await tenant.call("GET", `${DRAFTS}/nope`)).toMatchObject({ status: 404 });
  });

  it("is the merchandisers' only, and made once per key", async () => {
    const tenant = await newTenant();
    const body = { name: "Menu", currency: "USD", sections: [] };
    expect((await tenant.call("POST", DRAFTS, { body, key: await tenant.key("catalog") })).status).toBe(403);
    expect((await tenant.call("POST", DRAFTS, { body, idempotency_key: null })).json.code).toBe("IDEMPOTENCY_KEY_REQUIRED");
    const key = await tenant.key("menu");
    const one = await tenant.call("POST", DRAFTS, { body, key, idempotency_key: "once" });
    const two = await tenant.call("POST", DRAFTS, { body, key, idempotency_key: "once" });
    expect(two.headers.get("idempotent-replayed")).toBe("true");
    expect(two.text).toBe(one.text);
  });
});
