import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import type { DatabaseHandle } from "../../src/platform/db/database.ts";
import { statement } from "../../src/platform/db/statement.ts";
import type { ReceiptKey, UnitOfWork } from "../../src/platform/db/unit-of-work.ts";
import { systemClock } from "../../src/platform/http/runtime.ts";
import { sweepUnit } from "../../src/platform/writer/sweep.ts";
import { cafe, newSource } from "../catalog/cata-payload.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

const receiptKey = (key: string, more: Partial<ReceiptKey> = {}): ReceiptKey => ({
  principal: "p",
  method: "POST",
  route: "/r",
  key,
  fingerprint: "f",
  request_id: "first",
  ...more,
});

const answering = (text: string, receipt?: ReceiptKey): UnitOfWork => ({
  id: systemClock.newId(),
  lane: "sale",
  wakes: false,
  steps: [],
  answer: { status: 201, select: statement("SELECT json_object('text', ?, 'commits', (SELECT commit_seq FROM commit_state))", text) },
  ...(receipt ? { receipt } : {}),
});

const rowsOf = async (db: DatabaseHandle, sql: string, ...args: (string | number)[]) =>
  (await db.read([statement(sql, ...args)], { fresh: true }))[0] ?? [];

/** All that the writer had in memory is gone, as when the platform moves it. */
const forgetful = (tenant: TestTenant) =>
  runInDurableObject(env.TENANT_WRITER.getByName(tenant.tenant_id), (writer) => Object.assign(writer, { group: null, target: null }));

const DAY_MS = 86_400_000;
const later = (ms: number) => sweepUnit(systemClock.newId(), Date.now() + ms);

describe("large answers", () => {
  test("are kept beside the receipt, answered again byte for byte, and go with it", async () => {
    const tenant = await newTenant();
    const db = await tenant.db();
    const answers = new Map<string, unknown>();
    for (const [key, length] of [
      ["small", 16_000],
      ["large", 17_000],
      ["huge", 900_000],
    ] as const) {
      const first = await db.write(answering("é".repeat(length), receiptKey(key)));
      expect(first).toMatchObject({ kind: "applied", status: 201, replayed: false });
      answers.set(key, first.kind === "applied" && first.answer);
    }
    expect(await rowsOf(db, "SELECT key, answer IS NULL AS apart FROM receipts WHERE principal = 'p' ORDER BY key")).toEqual([
      { key: "huge", apart: 1 },
      { key: "large", apart: 1 },
      { key: "small", apart: 0 },
    ]);
    for (const memory of ["warm", "gone"]) {
      if (memory === "gone") await forgetful(tenant);
      // All at once, so that they share a batch.
      const replays = await Promise.all([...answers].map(([key]) => db.write(answering("other", receiptKey(key)))));
      expect(replays.map((replay) => replay.kind === "applied" && replay.replayed && replay.answer)).toEqual([...answers.values()]);
    }
    expect(await db.write(answering("x", receiptKey("huge", { fingerprint: "other" })))).toEqual({ kind: "key_reused" });
    await db.write(later(DAY_MS + 2 * 3_600_000));
    expect(
      await rowsOf(
        db,
        "SELECT (SELECT count(*) FROM receipts WHERE principal = 'p') AS kept, (SELECT count(*) FROM large_answers) AS large",
      ),
    ).toEqual([{ kept: 0, large: 0 }]);
  });

  test("a refusal with many details too", async () => {
    const tenant = await newTenant();
    const db = await tenant.db();
    const refused = (): UnitOfWork => ({
      ...answering("", receiptKey("refused")),
      steps: [{ guard: "CONFLICT", holds: "0", details: statement("SELECT json_object('detail', ?)", "x".repeat(20_000)) }],
    });
    const first = await db.write(refused());
    await forgetful(tenant);
    expect(await rowsOf(db, "SELECT count(*) AS large FROM large_answers")).toEqual([{ large: 1 }]);
    expect(await db.write(refused())).toEqual({ ...first, replayed: true, version: expect.anything() });
  });

  test("an ingestion with many findings: its receipt stays small and its replay is the same bytes", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const payload = {
      ...cafe(),
      products: Array.from({ length: 600 }, (_, index) => ({ id: `p${index}`, name: "", item_code: `C${index}`, price: 1 })),
    };
    const send = () => tenant.call("POST", `/api/v1/source-systems/${source}/ingestions`, { body: payload, idempotency_key: "findings" });
    const first = await send();
    expect([first.status, first.json.failed]).toEqual([201, 600]);
    expect(first.text.length).toBeGreaterThan(16_384);
    await forgetful(tenant);
    const replay = await send();
    expect([replay.status, replay.headers.get("idempotent-replayed"), replay.text === first.text]).toEqual([201, "true", true]);
    const [receipt] = await rowsOf(
      await tenant.db(),
      "SELECT max(length(coalesce(answer, ''))) AS longest FROM receipts WHERE principal <> 'servery'",
    );
    expect(receipt?.["longest"]).toBeLessThan(1_000);
  });
});

describe("how long receipts are kept", () => {
  test("a caller's for a day at least, a till operation's for good", async () => {
    const tenant = await newTenant();
    const db = await tenant.db();
    const first = await db.write(answering("sale", receiptKey("operation", { kept: "forever" })));
    await db.write(answering("sale", receiptKey("ordinary")));
    await db.write(later(DAY_MS - 60_000));
    const kept = () => rowsOf(db, "SELECT key FROM receipts WHERE principal = 'p' ORDER BY key");
    expect(await kept()).toEqual([{ key: "operation" }, { key: "ordinary" }]);
    await db.write(later(100 * 365 * DAY_MS));
    expect(await kept()).toEqual([{ key: "operation" }]);
    await forgetful(tenant);
    const again = await db.write(answering("other", receiptKey("operation", { kept: "forever" })));
    expect(again).toMatchObject({ replayed: true, answer: first.kind === "applied" && first.answer });
  });

  test("20,000 old ones change nothing for a write, and are swept to the last in bounded steps", async () => {
    const tenant = await newTenant();
    const db = await tenant.db();
    const cost = async () => {
      const done = await db.write(answering("a", receiptKey(systemClock.newId())));
      return done.kind === "applied" ? done.cost : null;
    };
    const before = await cost();
    await db.write({
      ...answering("fill"),
      steps: [
        statement(
          `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
           INSERT INTO receipts (principal, method, route, key, fingerprint, request_id, status, answer, created_at_ms, expires_at_ms)
           SELECT 'old', 'POST', '/r', 'key-' || i, 'f', 'r', 201, '{"n":' || i || '}', 0, i FROM n`,
        ),
      ],
    });
    expect(await cost()).toEqual(before);

    const step = await db.write(later(0));
    expect(step).toMatchObject({ kind: "applied", answer: '{"is_more":true}' });
    // 250 rows and their entries in the index of expiry.
    expect(step.kind === "applied" ? step.cost.rows_written : 0).toBeLessThan(1_000);
    expect(await rowsOf(db, "SELECT count(*) AS left FROM receipts WHERE principal = 'old'")).toEqual([{ left: 19_750 }]);

    // The scheduled handler's call takes one step and goes on behind it.
    const { id, namespace, primary_url, placed_at_ms } = db.database;
    await env.TENANT_WRITER.getByName(id).sweep({ id, namespace, primary_url, placed_at_ms });
    await vi.waitUntil(async () => (await rowsOf(db, "SELECT count(*) AS left FROM receipts WHERE principal = 'old'"))[0]?.["left"] === 0, {
      timeout: 18_000,
      interval: 50,
    });
    expect(await rowsOf(db, "SELECT count(*) AS mine FROM receipts WHERE principal = 'p'")).toEqual([{ mine: 2 }]);
    expect(await cost()).toEqual(before);
  });
});
