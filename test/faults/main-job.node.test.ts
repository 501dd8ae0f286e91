import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiClient, operatorClient, tenantClient } from "../../scripts/api-client.ts";
import { freePort } from "../../scripts/free-port.ts";
import { generateKeys } from "../../scripts/keys.ts";
import { type LocalStack, registerLocalCell, startLocalStack } from "../../scripts/local-stack.ts";

/**
 * The main job with its parts dying under it: sqld nodes, the Worker's whole runtime. What was acknowledged must stand afterwards, and
 * what is wanted must finish by itself.
 */
const stateRoot = join(import.meta.dirname, "../../.tmp");
let dir: string;
let stack: LocalStack;
let tenant: ApiClient;
let slug: string;
let storeId: string;
let draftIds: string[];
const keys = generateKeys();

interface Publish {
  publish_id: string;
  stores: { store_id: string; status: string; menu_version: number | null }[];
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until<T>(what: string, deadlineMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + deadlineMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    await sleep(100);
  }
  throw new Error(`${what} did not come about in ${deadlineMs} ms`, { cause: last });
}

const menu = async (): Promise<Response> => fetch(`${stack.base_url}/api/v1/stores/${storeId}/menu`, { headers: { "x-tenant-id": slug } });

async function menuPrices(): Promise<number[]> {
  const response = await menu();
  if (!response.ok) throw new Error(`menu answered ${response.status}`);
  const document = (await response.json()) as { categories: { items: { price: number }[] }[] };
  return document.categories.flatMap(({ items }) => items.map(({ price }) => price));
}

const publish = (draft: number): Promise<Publish> =>
  tenant.post("/api/v1/menus/publishes", { draft_ids: [draftIds[draft]], store_ids: [storeId] });

const ended = async (publishId: string): Promise<string | undefined> => {
  const status = (await tenant.get<Publish>(`/api/v1/menus/publishes/${publishId}`)).stores[0]?.status;
  return status === "queued" || status === "regenerating" ? undefined : status;
};

beforeAll(async () => {
  mkdirSync(stateRoot, { recursive: true });
  dir = mkdtempSync(join(stateRoot, "faults-"));
  stack = await startLocalStack({ dir, port: await freePort(), keys });
  const operator = operatorClient(stack.base_url, keys.operator_key);
  await registerLocalCell(operator, stack.sqld);
  slug = "faults";
  const { admin_key } = await operator.post<{ admin_key: string }>("/internal/tenants", { slug, name: "Faults", currency: "USD" });
  tenant = tenantClient(stack.base_url, slug, admin_key);
  const store = await tenant.post<{ id: string }>("/api/v1/stores", { name: "One", timezone: "UTC", currency: "USD" });
  storeId = store.id;
  const source = await tenant.post<{ id: string }>("/api/v1/source-systems", { source_type: "pos", name: "Till", provider: "cata" });
  const products = Array.from({ length: 20 }, (_, index) => ({
    id: `p${index}`,
    item_code: `C${index}`,
    name: `Product ${index}`,
    price: 100,
  }));
  await tenant.post(`/api/v1/source-systems/${source.id}/ingestions`, { categories: [], modifier_groups: [], products });
  draftIds = [];
  // One draft a price: a menu that is mixed from two of them shows two prices.
  for (let price = 1; price <= 12; price++) {
    const items = products.map(({ item_code }) => ({ item_code, price: price * 100 }));
    const draft = await tenant.post<{ id: string }>("/api/v1/menus/drafts", {
      name: `All for ${price}`,
      currency: "USD",
      sections: [{ name: "All", display_type: "list", items }],
    });
    draftIds.push(draft.id);
  }
  const first = await publish(0);
  await until("the first menu", 20_000, () => ended(first.publish_id));
  // Said to be live by the primary where the replica was slow: then the replica may be a moment behind.
  await until("its first reading", 20_000, async () => ((await menu()).ok ? true : undefined));
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

describe("a part dies", () => {
  test("the replica: reads go on from the primary, and /readyz says so", async () => {
    expect(await menuPrices()).toEqual(Array(20).fill(100));
    await stack.sqld.stopReplica("SIGKILL");
    // Past the ten seconds after which no copy in memory is served.
    const until12s = Date.now() + 12_000;
    while (Date.now() < until12s) {
      expect(await menuPrices()).toEqual(Array(20).fill(100));
      await sleep(500);
    }
    const ready = await fetch(`${stack.base_url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      status: "degraded",
      dependencies: { "database.primary": "ok", "database.replica.local": "down" },
    });
    await stack.sqld.startReplica();
    await until(
      "readiness",
      15_000,
      async () => ((await (await fetch(`${stack.base_url}/readyz`)).json()) as { status: string }).status === "ok" || undefined,
    );
  }, 60_000);

  test("the primary, killed amid publishes: none acknowledged is lost, the last one wins, no reader sees a mix", async () => {
    const acknowledged: { publish_id: string; draft: number }[] = [];
    let reading = true;
    const seen = new Set<string>();
    const reader = (async () => {
      while (reading) {
        const response = await menu().catch(() => null);
        if (response?.ok) {
          const document = (await response.json()) as { categories: { items: { price: number }[] }[] };
          const prices = new Set(document.categories.flatMap(({ items }) => items.map(({ price }) => price)));
          seen.add([...prices].join("+"));
        } else await response?.arrayBuffer();
        await sleep(5);
      }
    })();
    const killer = (async () => {
      for (let round = 0; round < 3; round++) {
        await sleep(400);
        await stack.sqld.killPrimary("SIGKILL");
        await sleep(600);
        await stack.sqld.startPrimary();
      }
    })();
    for (let round = 0; round < 40; round++) {
      const draft = 1 + (round % 11);
      try {
        acknowledged.push({ publish_id: (await publish(draft)).publish_id, draft });
      } catch {
        // Not acknowledged: it may stand or not.
      }
    }
    await killer;
    const last = await publish(11);
    expect(await until("the last publish", 60_000, () => ended(last.publish_id))).toMatch(/live|unchanged/);
    for (const { publish_id } of acknowledged) {
      expect(await until(`publish ${publish_id}`, 60_000, () => ended(publish_id))).toMatch(/live|superseded|unchanged/);
    }
    reading = false;
    await reader;
    expect(await menuPrices()).toEqual(Array(20).fill(1200));
    expect([...seen].filter((prices) => prices.includes("+"))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(5);
  }, 180_000);

  test("the Worker's whole runtime, killed amid a regeneration: what is wanted finishes by itself", async () => {
    const wanted = await publish(3);
    stack.worker.kill();
    await stack.restartWorker();
    expect(await until("the publish after the restart", 60_000, () => ended(wanted.publish_id))).toMatch(/live|unchanged/);
    expect(await until("its menu", 20_000, async () => ((await menuPrices())[0] === 400 ? 400 : undefined))).toBe(400);
    const queues = await until("nothing wanted", 60_000, async () => {
      const state = await tenant.get<{ wanted: unknown[] }>("/api/v1/ops/queues");
      return state.wanted.length === 0 ? state : undefined;
    });
    expect(queues).toMatchObject({ wanted: [], dead_letters: [] });
  }, 180_000);
});
