import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { writeSql } from "../support/worker/menu-fixture.ts";
import { newTill, newTillShop, op, sale, type Till } from "../support/worker/till-fixture.ts";

const at = (collection: string, call: string) => `/api/v1/sync/rxdb/${collection}/0/${call}`;

const pull = async (till: Till, collection: string, { id = "", lwt = 0 } = {}, limit = 100) => {
  const answer = await till.call("GET", `${at(collection, "pull")}?lwt=${lwt}&id=${id}&limit=${limit}`);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json as { documents: Record<string, unknown>[]; checkpoint: { id: string; lwt: number } };
};

describe("RxDB's replication", () => {
  test("pulls a collection page by page, exactly as many as asked for, and echoes the checkpoint when there is nothing new", async () => {
    const { shelf, till } = await newTillShop(["A", "B", "C", "D", "E"]);
    await till.push([]);
    const seen: unknown[] = [];
    let checkpoint = { id: "", lwt: 0 };
    for (const expected of [2, 2, 1]) {
      const page = await pull(till, "variant", checkpoint, 2);
      expect(page.documents).toHaveLength(expected);
      seen.push(...page.documents.map(({ item_code }) => item_code));
      checkpoint = page.checkpoint;
    }
    expect(seen.sort()).toEqual(["A", "B", "C", "D", "E"]);
    expect(checkpoint.id).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(await pull(till, "variant", checkpoint)).toEqual({ documents: [], checkpoint });
    await writeSql(shelf.tenant, ["DELETE FROM variants WHERE item_code = 'C'"]);
    await till.push([sale("A")]);
    const { documents } = await pull(till, "variant", checkpoint);
    expect(documents).toEqual([{ id: shelf.variants["C"], _deleted: true }]);
    const [document] = (await pull(till, "store")).documents;
    expect(document).toMatchObject({ id: shelf.store_id, name: "Shop", _deleted: false });
  });

  test("takes a customer's changed fields, and answers what holds where something else does", async () => {
    const { shelf, till } = await newTillShop();
    const other = await newTill(shelf, "Other");
    const send = async (rows: unknown[]) => (await till.call("POST", at("customer", "push"), rows)).json;
    const made = { id: "anna", fields: { name: "Anna", phone: "1" }, _deleted: false };
    expect(await send([{ newDocumentState: made }])).toEqual([]);
    expect(await send([{ newDocumentState: made }])).toEqual([]);
    const later = new Date(Date.now() + 1_000).toISOString();
    await other.push([op("customer.upsert", { customer_id: "anna", fields: { phone: "2" } }, { occurred_at: later })]);
    const renamed = { ...made, fields: { name: "Anne", phone: "1" } };
    expect(await send([{ assumedMasterState: made, newDocumentState: renamed }])).toEqual([]);
    const [row] = await shelf.rows("SELECT fields FROM customers");
    expect(JSON.parse(String(row?.["fields"]))).toEqual({ name: "Anne", phone: "2" });
  });

  test("is told what holds of what only the server changes, and that what is not there is gone", async () => {
    const { shelf, till } = await newTillShop();
    const id = shelf.variants["A"];
    const rows = [{ newDocumentState: { id, name: "Mine", _deleted: false } }, { newDocumentState: { id: "invented", _deleted: false } }];
    const { json } = await till.call("POST", at("variant", "push"), rows);
    expect(json).toMatchObject([
      { id, name: "Item A", _deleted: false },
      { id: "invented", _deleted: true },
    ]);
  });

  test("sees what is wrong as it expects to", async () => {
    const { till } = await newTillShop();
    const large = await till.call("GET", `${at("variant", "pull")}?limit=1001`);
    expect([large.status, large.json.error]).toEqual([422, true]);
    const unknown = await till.call("GET", at("nothing", "pull"));
    expect([unknown.status, unknown.json.error]).toEqual([404, true]);
    const gone = await till.call("GET", "/api/v1/sync/rxdb/variant/-1/pull");
    expect([gone.status, gone.json.code]).toEqual([426, "CLIENT_OUTDATED"]);
    const restored = await till.call("GET", `${at("variant", "pull")}?lwt=5&id=other_5`);
    expect([restored.status, restored.json.code, restored.json.error]).toEqual([409, "RESYNC_REQUIRED", true]);
  });

  test("hears of a change by the stream", async () => {
    const { shelf, till } = await newTillShop();
    const response = await exports.default.fetch(`http://servery.test${at("customer", "pullStream")}`, {
      headers: { authorization: `Bearer ${till.token}` },
    });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let text = "";
    const until = async (part: string) => {
      while (!text.includes(part)) text += decoder.decode((await reader.read()).value, { stream: true });
    };
    await until(": open");
    await till.push([op("customer.upsert", { customer_id: "anna", fields: { name: "Anna" } })]);
    await until("\n\ndata: ");
    await until('"anna"');
    const event = JSON.parse(text.slice(text.indexOf("data: ") + 6).split("\n\n")[0] ?? "");
    expect(event).toMatchObject({
      documents: [{ id: "anna", fields: { name: "Anna" }, _deleted: false }],
      checkpoint: { lwt: expect.any(Number) },
    });
    await reader.cancel();
    void shelf;
  });
});
