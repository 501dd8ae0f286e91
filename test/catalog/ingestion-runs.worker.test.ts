import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { startIngestion } from "../../src/domains/catalog/start-ingestion.ts";
import { utf8 } from "../../src/kernel/bytes.ts";
import type { DatabaseHandle } from "../../src/platform/db/database.ts";
import { statement } from "../../src/platform/db/statement.ts";
import type { Reply } from "../../src/platform/http/reply.ts";
import type { RequestScope, Scope } from "../../src/platform/http/scope.ts";
import { dyingAt } from "../support/worker/dying-database.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { cafe, ingest, newSource, shelf } from "./cata-payload.ts";

const rows = async (tenant: TestTenant, sql: string) => (await (await tenant.db()).read([statement(sql)], { fresh: true }))[0] ?? [];

const run = async (tenant: TestTenant, id: string) => {
  // The newest state: a run is read while it changes.
  const [row] = await rows(
    tenant,
    `SELECT status, chunks, chunks_done, received, inserted, unchanged FROM ingestion_runs WHERE run_id = '${id}'`,
  );
  return row;
};

/** Headers of a read that sees everything written up to now. */
async function sinceNow(tenant: TestTenant): Promise<Record<string, string>> {
  const touched = await tenant.call("PATCH", `/api/v1/source-systems/${await newSource(tenant, { name: crypto.randomUUID() })}`, {
    body: {},
  });
  return { "consistency-token": touched.headers.get("consistency-token") ?? "" };
}

function requestScope(scope: Scope, key: string, db: DatabaseHandle = scope.db): RequestScope {
  return {
    ...scope,
    db,
    principal: null,
    receipt: { principal: "test", method: "POST", route: "/ingestions", key, fingerprint: "one", request_id: "request" },
    url: new URL("http://servery.test/"),
    headers: new Headers(),
  };
}

const start = (scope: RequestScope, source: string, payload: unknown): Promise<Reply> =>
  startIngestion(scope, {
    source_system_id: source,
    bytes: utf8(JSON.stringify(payload)),
    content_type: "application/json",
    dry_run: false,
    confirm: false,
  });

describe("ingestion runs", () => {
  test("a run that died anywhere goes on with the same key and does everything once", async () => {
    const payload = shelf(450);
    for (const when of ["before", "after"] as const) {
      // Opening, three chunks, the end.
      for (let write = 1; write <= 5; write++) {
        const tenant = await newTenant();
        const source = await newSource(tenant);
        const { scope } = await tenant.scope();
        await expect(start(requestScope(scope, "k", dyingAt(scope.db, write, when)), source, payload)).rejects.toThrow("died");
        const reply = await start(requestScope(scope, "k"), source, payload);
        expect(JSON.parse(reply.text ?? "")).toMatchObject({
          status: "completed",
          received: 450,
          inserted: 450,
          updated: 0,
          unchanged: 0,
          failed: 0,
          progress: { chunks: 3, chunks_done: 3 },
        });
        expect((await start(requestScope(scope, "k"), source, payload)).text).toBe(reply.text);
        expect(
          await rows(
            tenant,
            `SELECT (SELECT count(*) FROM variants) AS variants, (SELECT count(*) FROM catalog_item_versions) AS versions,
               (SELECT count(*) FROM ingestion_runs) AS runs, (SELECT revision FROM catalog_state) AS revision,
               (SELECT count(*) FROM outbox WHERE event_type = 'catalog.variant.upserted') AS events,
               (SELECT count(*) FROM outbox WHERE event_type = 'catalog.ingestion.completed') AS completed`,
          ),
        ).toEqual([{ variants: 450, versions: 450, runs: 1, revision: 3, events: 450, completed: 1 }]);
      }
    }
  }, 60_000);

  test("progress shows while it runs", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const { scope } = await tenant.scope();
    await expect(start(requestScope(scope, "k", dyingAt(scope.db, 3, "before")), source, shelf(450))).rejects.toThrow("died");
    const id = String((await rows(tenant, "SELECT run_id FROM ingestion_runs"))[0]?.["run_id"]);
    const shown = await tenant.call("GET", `/api/v1/ingestions/${id}`, { headers: await sinceNow(tenant) });
    expect(shown.json).toMatchObject({
      status: "running",
      progress: { chunks: 3, chunks_done: 1 },
      inserted: 200,
      received: 450,
      completed_at: null,
    });
    const list = await tenant.call("GET", "/api/v1/ingestions", { headers: await sinceNow(tenant) });
    expect(list.json.data).toMatchObject([{ id, status: "running", progress: { chunks_done: 1 } }]);
  });

  test("a thousand rows take few round trips and few statements, again even fewer rows written", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const first = await tenant.scope();
    await start(requestScope(first.scope, "first"), source, shelf(1_000));
    // The source, the run's opening, two for each of five chunks, the end.
    expect(first.meter.round_trips).toBeLessThanOrEqual(13);
    expect(first.meter.statements).toBeLessThanOrEqual(300);

    const second = await tenant.scope();
    const reply = await start(requestScope(second.scope, "second"), source, shelf(1_000));
    expect(JSON.parse(reply.text ?? "")).toMatchObject({ unchanged: 1_000 });
    expect(second.meter.round_trips).toBeLessThanOrEqual(13);
    expect(second.meter.rows_written).toBeLessThanOrEqual(40);
  });

  test("two sources taken in at once end as if one after the other", async () => {
    const tenant = await newTenant();
    const [one, two] = [await newSource(tenant, { name: "One" }), await newSource(tenant, { name: "Two" })];
    const other = shelf(900);
    other.products = other.products.map((product) => ({ ...product, item_code: `TWO-${product.item_code}` }));
    const answers = await Promise.all([ingest(tenant, one, shelf(900)), ingest(tenant, two, other)]);
    for (const { json } of answers) expect(json).toMatchObject({ status: "completed", inserted: 900, failed: 0 });
    expect(await rows(tenant, "SELECT count(*) AS variants FROM variants")).toEqual([{ variants: 1_800 }]);
  });

  test("the same key at once runs once", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const key = crypto.randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => ingest(tenant, source, shelf(600), "", key)));
    const done = answers.filter(({ status }) => status === 201);
    expect(done.length).toBeGreaterThan(0);
    for (const { text, json } of done) {
      expect(text).toBe(done[0]?.text);
      expect(json).toMatchObject({ inserted: 600, unchanged: 0 });
    }
    expect(
      await rows(tenant, "SELECT count(*) AS versions, (SELECT count(*) FROM ingestion_runs) AS runs FROM catalog_item_versions"),
    ).toEqual([{ versions: 600, runs: 1 }]);
  });

  test("a large payload is stored and run from the queue", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const key = crypto.randomUUID();
    const payload = shelf(2_600, "x".repeat(400));
    const queued = await ingest(tenant, source, payload, "", key);
    expect(queued.status).toBe(202);
    expect(queued.json).toMatchObject({ status: "queued", received: 0, progress: { chunks: 0, chunks_done: 0 }, completed_at: null });
    await tenant.settled();
    expect(await run(tenant, queued.json.id)).toMatchObject({ status: "completed", received: 2_600, inserted: 2_600 });
    const again = await ingest(tenant, source, payload, "", key);
    expect([again.status, again.text]).toEqual([202, queued.text]);
    const stored = await env.MEDIA.list({ prefix: `${tenant.tenant_id}/ingestions/` });
    expect(stored.objects).toEqual([]);
    const dry = await ingest(tenant, source, payload, "?dry_run=true");
    expect(dry.json).toMatchObject({ received: 2_600, unchanged: 2_600 });
  }, 60_000);

  test("a large payload that nobody can read fails its run, and says why", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const path = `/api/v1/source-systems/${source}/ingestions`;
    const answers = [
      await tenant.call("POST", path, { raw: `{"format":"cata/1",${" ".repeat(1_100_000)}` }),
      await tenant.call("POST", path, { raw: `{"items":[]${" ".repeat(1_100_000)}}` }),
    ];
    await tenant.settled();
    for (const { json } of answers) {
      const [row] = await rows(tenant, `SELECT status, failure FROM ingestion_runs WHERE run_id = '${json.id}'`);
      expect(row).toMatchObject({ status: "failed", failure: expect.stringMatching(/JSON/) });
    }
    expect(await rows(tenant, "SELECT count(*) AS products FROM products")).toEqual([{ products: 0 }]);
  }, 60_000);

  test("over 32 MiB is refused", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const answer = await tenant.call("POST", `/api/v1/source-systems/${source}/ingestions`, { raw: new Uint8Array(33 * 1_048_576) });
    expect(answer.status).toBe(413);
    expect(answer.json.code).toBe("BODY_TOO_LARGE");
  });

  test("findings are listed up to a thousand and counted beyond", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const payload = shelf(1_300);
    for (const product of payload.products.slice(0, 1_200)) product.price = -1;
    const answer = await ingest(tenant, source, payload);
    expect(answer.json).toMatchObject({
      received: 1_300,
      inserted: 100,
      failed: 1_200,
      errors_truncated: true,
      held_fields_truncated: false,
    });
    expect(answer.json.errors).toHaveLength(1_000);
    expect(answer.json.errors[999].item_code).toBe("CODE-999");
  });

  test("a dry run over many chunks counts what the run does", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    await ingest(tenant, source, {
      ...shelf(0),
      products: [...shelf(400).products, ...cafe().products.slice(1, 2)],
      categories: cafe().categories,
    });
    const payload = shelf(1_200);
    payload.products.forEach((product, index) => {
      if (index % 7 === 0) product.name = `Renamed ${index}`;
      if (index % 11 === 0) product.active = false;
      if (index % 13 === 0) product.price = -1;
    });
    const dry = (await ingest(tenant, source, payload, "?dry_run=true")).json;
    const real = (await ingest(tenant, source, payload)).json;
    for (const field of [
      "status",
      "received",
      "inserted",
      "updated",
      "unchanged",
      "failed",
      "held",
      "hidden",
      "by_entity",
      "errors",
      "held_fields",
      "progress",
    ]) {
      expect(dry[field], field).toEqual(real[field]);
    }
    expect(real.received).toBe(real.inserted + real.updated + real.unchanged + real.failed);
  });
});
