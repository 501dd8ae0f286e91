import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { queueHandlers } from "../../src/app.ts";
import { configOf } from "../../src/env.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { appliedAnswer } from "../../src/platform/http/reply.ts";
import { runtimeOf, systemClock } from "../../src/platform/http/runtime.ts";
import { unitOf } from "../../src/platform/http/scope.ts";
import { dispatch, retryDelayS } from "../../src/platform/queues/dispatch.ts";
import type { QueueMessage } from "../../src/platform/queues/messages.ts";
import { takeDueWork } from "../../src/platform/writer/delivery.ts";
import { sweepUnit } from "../../src/platform/writer/sweep.ts";
import { want, wantedDone } from "../../src/platform/writer/wanted.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

const NOTHING = { status: 200, select: statement("SELECT json_object()") };

async function deliver(queue: string, bodies: unknown[], handlers = queueHandlers) {
  const batch = createMessageBatch(
    queue,
    bodies.map((body, index) => ({ id: `m${index}`, timestamp: new Date(), attempts: 1, body })),
  );
  const context = createExecutionContext();
  await dispatch(
    runtimeOf(env, (work) => context.waitUntil(work)),
    batch,
    handlers,
  );
  return getQueueResult(batch, context);
}

const message = (tenant: TestTenant, key: string): QueueMessage => ({
  type: "wanted",
  tenant_id: tenant.tenant_id,
  kind: "regenerate_store",
  key,
  requests: 1,
  payload: { store_id: key },
});

async function wantedRow(tenant: TestTenant, key: string) {
  const [rows = []] = await (await tenant.db()).read([statement("SELECT * FROM wanted WHERE key = ?", key)], { fresh: true });
  return rows[0];
}

describe("a batch of messages", () => {
  test("each is acknowledged or sent back on its own; what cannot be read or has no tenant is let go", async () => {
    const tenant = await newTenant();
    const handlers = {
      ...queueHandlers,
      wanted: {
        regenerate_store: async (_: unknown, { key }: { key: string }) => {
          if (key === "poison") throw new Error("always");
        },
      },
    };
    const result = await deliver(
      "dev-items-flat-regen",
      [
        message(tenant, "a"),
        message(tenant, "poison"),
        { type: "nonsense" },
        { ...message(tenant, "b"), tenant_id: "gone" },
        message(tenant, "c"),
      ],
      handlers,
    );
    expect(result.explicitAcks).toEqual(["m0", "m2", "m3", "m4"]);
    expect(result.retryMessages.map(({ msgId }) => msgId)).toEqual(["m1"]);
  });

  test("the delay grows and is bounded", () => {
    expect([1, 2, 3, 9, 10, 50].map(retryDelayS)).toEqual([1, 2, 4, 256, 300, 300]);
  });
});

describe("a dead letter", () => {
  test("is kept, shown to the tenant's admin, and replayed: the work is then done", async () => {
    const tenant = await newTenant();
    const { scope } = await tenant.scope();
    const far = systemClock.now() + 3_600_000;
    appliedAnswer(
      await scope.db.write(unitOf(scope, { steps: [want("regenerate_store", "s1", { store_id: "s1" }, far)], answer: NOTHING })),
    );
    await deliver("dev-items-flat-regen-dlq", [message(tenant, "s1")]);
    expect(await wantedRow(tenant, "s1")).toMatchObject({ state: "dead" });

    const shown = await tenant.call("GET", "/api/v1/ops/queues");
    expect(shown.json.wanted).toEqual([]);
    expect(shown.json.dead_letters).toEqual([
      expect.objectContaining({ queue: "dev-items-flat-regen", replayed_at: null, message: expect.objectContaining({ key: "s1" }) }),
    ]);
    const id = shown.json.dead_letters[0].id;
    const asOperator = { key: null, headers: { authorization: `Bearer ${configOf(env).OPERATOR_KEY}` } };
    expect((await tenant.call("GET", "/api/v1/ops/queues", asOperator)).json.dead_letters).toHaveLength(1);
    expect((await tenant.call("GET", "/api/v1/products", asOperator)).status).toBe(401);
    const other = await newTenant();
    expect((await other.call("POST", `/api/v1/ops/dead-letters/${id}/replay`)).status).toBe(404);

    const idempotency_key = crypto.randomUUID();
    const replayed = await tenant.call("POST", `/api/v1/ops/dead-letters/${id}/replay`, { idempotency_key });
    expect([replayed.status, replayed.json]).toEqual([202, { id, status: "queued" }]);
    await tenant.settled();
    // The store is unknown, so regenerating finds nothing to do and says done.
    expect(await wantedRow(tenant, "s1")).toMatchObject({ state: "done" });
    const again = await tenant.call("POST", `/api/v1/ops/dead-letters/${id}/replay`, { idempotency_key });
    expect([again.status, again.text, again.headers.get("idempotent-replayed")]).toEqual([202, replayed.text, "true"]);
    expect((await tenant.call("GET", "/api/v1/ops/queues")).json.dead_letters[0].replayed_at).not.toBeNull();
  });
});

describe("wanted work", () => {
  test("is sent again ever more slowly until its own unit says done, and a request meanwhile keeps it wanted", async () => {
    const tenant = await newTenant();
    const { scope } = await tenant.scope();
    const write = (...steps: Parameters<typeof unitOf>[1]["steps"]) => scope.db.write(unitOf(scope, { steps, answer: NOTHING }));
    await write(want("regenerate_store", "s", { store_id: "s" }, 1_000));
    await write(want("regenerate_store", "s", { store_id: "s" }, 2_000));
    expect(await wantedRow(tenant, "s")).toMatchObject({ state: "wanted", requests: 2, due_at_ms: 1_000, wanted_at_ms: 1_000 });

    const waits: number[] = [];
    let nowMs = 1_000;
    for (let sending = 0; sending < 9; sending++) {
      const taken = appliedAnswer<{ wanted: unknown[]; next_due_at_ms: number }>(
        await scope.db.write(takeDueWork(systemClock.newId(), nowMs)),
      );
      expect(taken.wanted).toHaveLength(1);
      waits.push((taken.next_due_at_ms - nowMs) / 1_000);
      expect(appliedAnswer<{ wanted: unknown[] }>(await scope.db.write(takeDueWork(systemClock.newId(), nowMs))).wanted).toEqual([]);
      nowMs = taken.next_due_at_ms;
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 640, 900, 900]);

    await write(wantedDone("regenerate_store", "s", 1, nowMs));
    expect(await wantedRow(tenant, "s")).toMatchObject({ state: "wanted", requests: 2, due_at_ms: nowMs + 1_000 });
    await write(wantedDone("regenerate_store", "s", 2, nowMs));
    expect(await wantedRow(tenant, "s")).toMatchObject({ state: "done" });
    await write(want("regenerate_store", "s", { store_id: "s" }, nowMs + 10));
    expect(await wantedRow(tenant, "s")).toMatchObject({ state: "wanted", requests: 3, due_at_ms: nowMs + 1_000, sent: 0 });
  });
});

describe("the sweep", () => {
  test("takes what has expired, a bounded number at a time, and leaves the rest", async () => {
    const tenant = await newTenant();
    const { scope } = await tenant.scope();
    await tenant.call("POST", "/api/v1/stores", { body: { name: "One", timezone: "UTC", currency: "USD" } });
    const count = async () => {
      const [receipts, batches] = await scope.db.read(
        [statement("SELECT count(*) AS n FROM receipts WHERE method = 'POST'"), statement("SELECT count(*) AS n FROM batches")],
        {
          fresh: true,
        },
      );
      return [receipts?.[0]?.["n"], batches?.[0]?.["n"]];
    };
    const now = systemClock.now();
    await scope.db.write(sweepUnit(systemClock.newId(), now));
    expect((await count())[0]).toBe(1);
    await scope.db.write(sweepUnit(systemClock.newId(), now + 86_400_000 + 60_000));
    expect((await count())[0]).toBe(1);
    await scope.db.write(sweepUnit(systemClock.newId(), now + 90_000_000 + 60_000));
    expect((await count())[0]).toBe(0);
    expect(Number((await count())[1])).toBeLessThanOrEqual(2);
  });
});
