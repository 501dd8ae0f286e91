import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallFailed, type TillClient, UnsentWork } from "../../src/client/index.ts";
import { openTillDatabase, writeMeta } from "../../src/client/till-database.ts";
import { createDevice } from "./fake-device.ts";
import { createFakeServer, type FakeServer, type Fate } from "./fake-server.ts";

const sale = (order_id: string, note = "") => ({
  type: "order.create" as const,
  payload: { order_id, currency: "SGD", note, lines: [], close: true },
});

const orderIds = (server: FakeServer): string[] => server.applied.map(({ payload }) => (payload as { order_id: string }).order_id);

async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 4_000; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`did not come to be: ${what}`);
}

const allSent = (tab: TillClient) => until(async () => (await tab.queue.counts()).unsent === 0, "everything is sent");

async function pairedTab(server: FakeServer, random?: () => number) {
  const device = createDevice(server, random);
  const tab = await device.openTab();
  await tab.pair("GOOD", "Counter 1");
  return { device, tab };
}

describe("a till's queue", () => {
  it("arrives once and in order, whatever is lost on the way, over tabs that crash", async () => {
    const fates: Fate[] = ["answered", "request lost", "answer lost"];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("sell", "sell", "sell", "crash"), { minLength: 1, maxLength: 25 }),
        fc.infiniteStream(fc.nat({ max: 2 })),
        async (steps, chance) => {
          const server = createFakeServer();
          const { device, tab } = await pairedTab(server);
          let tabs = [tab, await device.openTab()];
          let turns = 0;
          server.fate = () => (turns++ < 40 ? (fates[chance.next().value ?? 0] ?? "answered") : "answered");
          const sold: string[] = [];
          for (const [place, step] of steps.entries()) {
            const [first] = tabs as [TillClient];
            if (step === "crash") {
              tabs = [...tabs.slice(1), await device.openTab()];
              device.crash(first);
              continue;
            }
            const [operation] = await (tabs[place % 2] ?? first).record([sale(`o${place}`)]);
            sold.push(operation?.id ?? "");
          }
          await allSent(tabs[0] as TillClient);
          expect(server.applied.map(({ id }) => id)).toEqual(sold);
          for (const each of tabs) await each.stop();
        },
      ),
      { numRuns: 25 },
    );
  });

  it("is on disk before it is said to have happened, and outlives every tab", async () => {
    const server = createFakeServer();
    const { device, tab } = await pairedTab(server);
    server.fate = () => "request lost";
    await tab.record([sale("o1")], [{ key: "o1", value: { total: 5 } }]);
    device.crash(tab);
    const later = await device.openTab();
    expect((await later.queue.unsent()).map(({ id }) => id)).toHaveLength(1);
    expect((await later.journal()).map(({ key, value }) => [key, value])).toEqual([["o1", { total: 5 }]]);
    server.fate = () => "answered";
    later.retryNow();
    await allSent(later);
    expect(orderIds(server)).toEqual(["o1"]);
    await later.stop();
  });

  it("goes in pushes of at most 500 operations and 1 MiB", async () => {
    const server = createFakeServer();
    const { tab } = await pairedTab(server);
    await until(() => tab.status().state === "idle", "it is idle");
    server.fate = () => "request lost";
    await tab.record(Array.from({ length: 1_200 }, (_, place) => sale(`small${place}`)));
    await tab.record(Array.from({ length: 20 }, (_, place) => sale(`large${place}`, "x".repeat(100_000))));
    server.fate = () => "answered";
    tab.retryNow();
    await allSent(tab);
    expect(server.applied).toHaveLength(1_220);
    expect(server.batches.every((batch) => batch.length <= 500)).toBe(true);
    expect(server.batches.filter((batch) => batch.length > 0).length).toBeGreaterThanOrEqual(4);
    await tab.stop();
  });

  it("keeps what is refused, says why, and goes on with the rest", async () => {
    const server = createFakeServer();
    const { tab } = await pairedTab(server);
    server.judge = ({ payload }) =>
      (payload as { order_id: string }).order_id === "bad"
        ? { status: "rejected", code: "VARIANT_UNKNOWN", detail: "No such variant." }
        : { status: "applied" };
    await tab.record([sale("a"), sale("bad"), sale("b")]);
    await allSent(tab);
    expect(orderIds(server)).toEqual(["a", "b"]);
    const [failed] = (await tab.queue.all()).filter(({ status }) => status === "FAILED");
    expect(failed?.last_error).toMatchObject({ code: "VARIANT_UNKNOWN", detail: "No such variant." });
    expect(await tab.queue.counts()).toEqual({ unsent: 0, failed: 1 });
    await tab.acknowledge([failed?.id ?? ""]);
    await until(() => server.acknowledged.includes(failed?.id ?? ""), "the server knows that it was seen");
    expect(await tab.queue.counts()).toEqual({ unsent: 0, failed: 0 });
    await tab.stop();
  });

  it("is not held up by one operation for which the server refuses the whole request", async () => {
    const server = createFakeServer();
    const { tab } = await pairedTab(server);
    server.refuse = ({ operations }) =>
      operations.some(({ payload }) => (payload as { order_id: string }).order_id === "o13")
        ? { status: 400, code: "VALIDATION_FAILED" }
        : null;
    await tab.record(Array.from({ length: 30 }, (_, place) => sale(`o${place}`)));
    await allSent(tab);
    expect(orderIds(server)).toEqual(Array.from({ length: 30 }, (_, place) => `o${place}`).filter((id) => id !== "o13"));
    expect(await tab.queue.counts()).toEqual({ unsent: 0, failed: 1 });
    await tab.stop();
  });

  it("stops where the terminal was revoked, says so, loses nothing, and goes on after a new pairing", async () => {
    const server = createFakeServer();
    const { tab } = await pairedTab(server);
    await tab.record([sale("before")]);
    await allSent(tab);
    server.revoke();
    await tab.record([sale("after")]);
    await until(() => tab.status().state === "refused", "it says that it was refused");
    await tab.record([sale("later")]);
    expect(tab.status().last_error).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await tab.queue.counts()).toEqual({ unsent: 2, failed: 0 });
    const exported = JSON.parse(await tab.exportUnsent());
    expect(exported).toMatchObject({ format: "servery-till-queue/1", terminal: { terminal_id: "t1" } });
    expect(exported.operations.map((each: { payload: { order_id: string } }) => each.payload.order_id)).toEqual(["after", "later"]);
    expect(JSON.stringify(exported)).not.toContain("svt_");
    await tab.pair("GOOD", "Counter 1 again");
    await allSent(tab);
    expect(await tab.terminalIds()).toEqual(["t1", "t2"]);
    expect(orderIds(server)).toEqual(["before", "after", "later"]);
    await tab.stop();
  });

  it("does not book one store's sales at another", async () => {
    const server = createFakeServer();
    const { tab } = await pairedTab(server);
    server.fate = () => "answer lost";
    await tab.record([sale("o1")]);
    await until(() => tab.status().state === "waiting", "it fails");
    server.fate = () => "answered";
    server.revoke();
    await until(() => tab.status().state === "refused", "it is refused");
    await expect(tab.pair("GOODs2", "Elsewhere")).rejects.toThrow(UnsentWork);
    expect(tab.credentials()?.store_id).toBe("s1");
    await expect(tab.pair("WRONG", "Elsewhere")).rejects.toThrow(CallFailed);
    expect(await tab.queue.counts()).toEqual({ unsent: 1, failed: 0 });
    await tab.stop();
  });

  it("never lets go of what was not sent, and of what was only when the copy has it", async () => {
    const server = createFakeServer();
    const { tab } = await pairedTab(server);
    await tab.record(Array.from({ length: 300 }, (_, place) => sale(`o${place}`)));
    await allSent(tab);
    await until(async () => (await tab.ahead()).length === 0, "the copy has them");
    await until(async () => (await tab.queue.all()).length === 100, "old ones go");
    server.fate = () => "request lost";
    await tab.record(Array.from({ length: 300 }, (_, place) => sale(`p${place}`)));
    await tab.queue.prune(0);
    expect(await tab.queue.counts()).toEqual({ unsent: 300, failed: 0 });
    await tab.stop();
  });
});

describe("what is kept beside the operations", () => {
  it("goes after days, and not while anything is unsent", async () => {
    const server = createFakeServer();
    const { device, tab } = await pairedTab(server);
    await tab.record([sale("o1")], [{ key: "o1", value: 1 }]);
    await allSent(tab);
    server.fate = () => "request lost";
    await tab.record([sale("o2")], [{ key: "o2", value: 2 }]);
    device.clock.now_ms += 4 * 24 * 60 * 60 * 1000;
    await tab.queue.pruneJournal(device.clock.now_ms);
    expect((await tab.journal()).map(({ key }) => key)).toEqual(["o1", "o2"]);
    await tab.record([sale("o3")], [{ key: "o3", value: 3 }]);
    server.fate = () => "answered";
    tab.retryNow();
    await until(async () => (await tab.journal()).length === 1, "old ones go");
    expect((await tab.journal()).map(({ key }) => key)).toEqual(["o3"]);
    await tab.stop();
  });
});

describe("a till's copy of the feed", () => {
  it("is what the feed is, page by page, and forgets what was removed", async () => {
    const server = createFakeServer();
    for (let place = 0; place < 1_234; place++) server.put("product", `p${place}`, { place });
    const { tab } = await pairedTab(server);
    await until(async () => (await tab.copy.list("product")).length === 1_234, "all is there");
    server.put("product", "p7", null, true);
    server.put("product", "p8", { place: "new" });
    tab.retryNow();
    await until(async () => (await tab.copy.list("product")).length === 1_233, "one is gone");
    expect(await tab.copy.get("product", "p8")).toEqual({ place: "new" });
    await tab.stop();
  });

  it("is dropped where the server says so; the queue is not", async () => {
    const server = createFakeServer();
    for (let place = 0; place < 10; place++) server.put("product", `p${place}`, { place });
    const { tab } = await pairedTab(server);
    await until(async () => (await tab.copy.list("product")).length === 10, "all is there");
    await writeMeta(await openTillDatabase("till"), "cursor", "of another time");
    await tab.record([sale("o1")]);
    await allSent(tab);
    server.restore();
    server.put("product", "p10", {});
    tab.retryNow();
    await until(async () => (await tab.copy.list("product")).length === 11, "it was pulled anew");
    expect(orderIds(server)).toEqual(["o1"]);
    await tab.stop();
  });
});
