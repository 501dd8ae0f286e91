import { beforeEach, describe, expect, it } from "vitest";
import { dropCachedMenu } from "../../src/domains/menu/index.ts";
import { readyAnswer } from "../../src/platform/http/ready-answers.ts";
import { forgetDirectory } from "../../src/platform/tenancy/directory.ts";
import { addDraft, addItems, addStore, publish } from "../support/worker/menu-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

let tenant: TestTenant;
let store: string;
let path: string;

const priced = async (price: number) => {
  const draft = await addDraft(tenant, [{ name: "Coffee", display_type: "grid", items: [{ item_code: "A", price }] }]);
  await publish(tenant, { draft_ids: [draft], store_ids: [store] });
};

beforeEach(async () => {
  tenant = await newTenant();
  await addItems(tenant, ["A"]);
  store = await addStore(tenant, "One");
  path = `/api/v1/stores/${store}/menu`;
  await priced(450);
});

const ours = () => ({ "x-tenant-id": tenant.slug });
const get = (headers: Record<string, string> = {}, at = path) => tenant.fetch(at, { headers: { ...ours(), ...headers } });
const ready = (headers: Record<string, string> = {}, afterMs = 0, method = "GET") =>
  readyAnswer(new Request(`http://servery.test${path}`, { method, headers: { ...ours(), ...headers } }), Date.now() + afterMs);

describe("a public answer that is kept ready", () => {
  it("is the first answer again, under another request id", async () => {
    const encodings = { "accept-encoding": "gzip" };
    const first = await get(encodings);
    const again = ready(encodings);
    expect(again).not.toBeNull();
    const named = ({ headers }: Response) => Object.fromEntries([...headers].filter(([name]) => name !== "x-request-id"));
    expect(named(again as Response)).toEqual(named(first));
    expect(await again?.arrayBuffer()).toEqual(await first.arrayBuffer());
    expect(again?.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
    expect(ready({ ...encodings, "x-request-id": "mine" })?.headers.get("x-request-id")).toBe("mine");
  });

  it("is told from what the same address answers to other headers", async () => {
    const etag = (await get()).headers.get("etag") ?? "";
    expect(ready()?.status).toBe(200);
    expect(ready({ "if-none-match": etag })).toBeNull();
    await get({ "if-none-match": etag });
    expect(ready({ "if-none-match": etag })?.status).toBe(304);
    expect(ready({ "accept-encoding": "gzip" })).toBeNull();
    expect(ready({ "x-tenant-id": "another" })).toBeNull();
    expect(ready({}, 0, "HEAD")).toBeNull();
  });

  it.each(["authorization", "apikey", "consistency-token", "min-menu-version"])("is not for a request with %s", async (name) => {
    await get();
    expect(ready()).not.toBeNull();
    expect(ready({ [name]: "1" })).toBeNull();
    const before = await get({ "accept-encoding": "x-only-here", ...(name === "min-menu-version" ? { [name]: "1" } : { [name]: "none" }) });
    await before.body?.cancel();
    expect(ready({ "accept-encoding": "x-only-here" })).toBeNull();
  });

  it("ends after a second, with the menu that it was made of, and with what is known of tenants", async () => {
    const { scope } = await tenant.scope();
    await get();
    expect(ready({}, 500)).not.toBeNull();
    expect(ready({}, 1_000)).toBeNull();
    dropCachedMenu(scope, store);
    expect(ready()).toBeNull();
    await get();
    expect(ready()).not.toBeNull();
    forgetDirectory();
    expect(ready()).toBeNull();
  });

  it("never hides a publish from the isolate that made it", async () => {
    for (const price of [500, 600, 700]) {
      await get();
      await priced(price);
      const token = (await tenant.call("PATCH", `/api/v1/stores/${store}`, { body: { code: "ONE" } })).headers.get("consistency-token");
      const { json } = await tenant.call("GET", path, { headers: { "consistency-token": token ?? "" } });
      expect(json.categories[0].items[0].price).toBe(price);
      expect(await (await get()).json()).toMatchObject({ menu_version: json.menu_version });
    }
  });

  it("is not made of a failure", async () => {
    for (const at of ["/api/v1/stores/nope/menu", "/api/v1/stores"]) {
      await (await get({}, at)).text();
      expect(readyAnswer(new Request(`http://servery.test${at}`, { headers: ours() }), Date.now()), at).toBeNull();
    }
  });
});
