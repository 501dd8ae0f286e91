import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { cellsOfRow, csvLine } from "../../src/domains/catalog/providers/csv-table.ts";
import { startIngestion } from "../../src/domains/catalog/start-ingestion.ts";
import { utf8 } from "../../src/kernel/bytes.ts";
import { statement } from "../../src/platform/db/statement.ts";
import type { RequestScope } from "../../src/platform/http/scope.ts";
import { type CallAnswer, newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { ingest, newSource, remember, variantOf } from "./cata-payload.ts";

const send = (tenant: TestTenant, source: string, text: string, contentType = "text/csv; charset=utf-8", query = ""): Promise<CallAnswer> =>
  tenant.call("POST", `/api/v1/source-systems/${source}/ingestions${query}`, { raw: utf8(text), headers: { "content-type": contentType } });

const csvSource = (tenant: TestTenant, settings: object = {}, name = "Price list"): Promise<string> =>
  newSource(tenant, { provider: "csv", name, settings });

/** The rejected rows of a run, cell by cell, as new as the answer. */
async function rejected(tenant: TestTenant, run: CallAnswer, delimiter: "," | ";" = ","): Promise<string[][]> {
  const answer = await tenant.call("GET", `/api/v1/ingestions/${run.json.id}/rejected-rows`, {
    headers: { "consistency-token": run.headers.get("consistency-token") ?? "" },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
  expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="rejected-rows-${run.json.id}.csv"`);
  expect(answer.text.endsWith("\r\n")).toBe(true);
  return answer.text
    .slice(0, -2)
    .split("\r\n")
    .map((line) => cellsOfRow(utf8(line), delimiter));
}

const menu = [
  "SKU;Name;Size;Price;Category;Active",
  'LATTE-R;Latte;Regular;5,80;"Drinks > Coffee";yes',
  "LATTE-L;Latte;Large;6,80;Drinks > Coffee;yes",
  "KAYA;Kaya toast;;1.003,20;Breakfast;",
  "OLD;Old bun;;1,00;Breakfast;no",
].join("\r\n");

describe("a table over HTTP", () => {
  test("is taken in with its currency's decimals, and again without a change", async () => {
    const tenant = await newTenant({ currency: "SGD" });
    const source = await csvSource(tenant, { decimal_mark: "," });
    const dry = await send(tenant, source, menu, "text/csv", "?dry_run=true");
    expect(dry.json).toMatchObject({ status: "completed", received: 4, inserted: 4 });
    const first = await send(tenant, source, menu);
    expect([first.status, first.json.by_entity.product.inserted, first.json.by_entity.category.inserted]).toEqual([201, 3, 3]);
    expect(first.json).toMatchObject({ status: "completed", received: 4, inserted: 4, failed: 0 });
    remember(tenant, first);
    expect(await variantOf(tenant, "LATTE-L")).toMatchObject({
      name: "Latte – Large",
      base_price: 680,
      currency: "SGD",
      attributes: { Size: "Large" },
      visible: true,
    });
    expect(await variantOf(tenant, "KAYA")).toMatchObject({ name: "Kaya toast", base_price: 100_320 });
    expect(await variantOf(tenant, "OLD")).toMatchObject({ visible: false });

    const again = await send(tenant, source, menu, "application/csv");
    expect(again.json).toMatchObject({ unchanged: 4, inserted: 0, updated: 0 });
    expect(await rejected(tenant, again)).toEqual([["position", "item_code", "reason", "message"]]);
  });

  test("goes to sources of its provider only, and JSON to the others", async () => {
    const tenant = await newTenant();
    const [table, json] = [await csvSource(tenant), await newSource(tenant, { name: "Tills" })];
    const answers = [
      await send(tenant, json, menu),
      await ingest(tenant, table, { products: [] }),
      await ingest(tenant, table, { products: [] }, "?dry_run=true"),
      await send(tenant, table, "x".repeat(1_100_000), "application/json"),
    ];
    for (const [index, { status, json: problem }] of answers.entries()) {
      expect([status, problem.code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
      expect(problem.detail).toBe(
        index === 0
          ? 'Source system "Tills" takes application/json: its provider is cata.'
          : 'Source system "Price list" takes text/csv or application/csv: its provider is csv.',
      );
    }
    const other = await send(tenant, table, menu, "text/plain");
    expect([other.status, other.json.detail]).toEqual([415, "Send one of: application/json, text/csv, application/csv."]);
    const none = await send(tenant, table, '{"products": []}');
    expect([none.status, none.json.code]).toEqual([422, "PAYLOAD_UNREADABLE"]);
  });

  test("is read as its source declares it", async () => {
    const tenant = await newTenant({ currency: "IDR" });
    const source = await csvSource(tenant, {
      decimal_mark: ",",
      delimiter: "|",
      columns: { Kode: "item_code", Nama: "name", Harga: "price" },
    });
    const text = "Kode|Nama|Harga|Price\nA|Nasi goreng|Rp 15.000|1\n";
    const taken = await send(tenant, source, text);
    expect(taken.json).toMatchObject({ inserted: 1 });
    remember(tenant, taken);
    expect(await variantOf(tenant, "A")).toMatchObject({ base_price: 1_500_000, currency: "IDR" });

    const path = `/api/v1/source-systems/${source}`;
    const patched = await tenant.call("PATCH", path, { body: { settings: { columns: { Harga: null, Kode: "product_id" } } } });
    expect(patched.json.settings).toEqual({ decimal_mark: ",", delimiter: "|", columns: { Kode: "product_id", Nama: "name" } });
    expect((await send(tenant, source, text, "text/csv", "?dry_run=true")).json).toMatchObject({ updated: 1 });

    const bad = await tenant.call("PATCH", path, {
      body: { settings: { decimal_mark: "·", delimiter: "x", columns: { Harga: "prize" } } },
    });
    expect(bad.json.errors.map(({ path: at }: { path: string }) => at)).toEqual([
      "body.settings.decimal_mark",
      "body.settings.delimiter",
      "body.settings.columns.Harga",
    ]);
  });

  test("over 1 MiB runs from the queue, and says why it could not be read", async () => {
    const tenant = await newTenant();
    const source = await csvSource(tenant);
    const long = "x".repeat(400);
    const text = `sku,name,description,price\n${Array.from({ length: 2_600 }, (_, index) => `C${index},Item ${index},${long},${index === 7 ? "-" : ""}1.50\n`).join("")}`;
    const queued = await send(tenant, source, text);
    expect([queued.status, queued.json.status]).toEqual([202, "queued"]);
    const broken = await send(tenant, source, text.replace("Item 9,", '"Item 9,'));
    await tenant.settled();

    const db = await tenant.db();
    const [runs = []] = await db.read(
      [statement("SELECT run_id, status, received, inserted, failed, failure FROM ingestion_runs ORDER BY run_id")],
      { fresh: true },
    );
    expect(runs).toEqual([
      { run_id: queued.json.id, status: "completed", received: 2_600, inserted: 2_599, failed: 1, failure: null },
      { run_id: broken.json.id, status: "failed", received: 0, inserted: 0, failed: 0, failure: "A quote in row 11 is never closed." },
    ]);
    expect((await env.MEDIA.list({ prefix: `${tenant.tenant_id}/ingestions/` })).objects).toEqual([]);
    const since = await tenant.call("PATCH", `/api/v1/source-systems/${source}`, { body: {} });
    expect(await rejected(tenant, { ...since, json: queued.json })).toEqual([
      ["sku", "name", "description", "price", "reason", "message"],
      ["C7", "Item 7", long, "'-1.50", "PRICE_NEGATIVE", 'Row 9: price "-1.50" must not be negative.'],
    ]);
  }, 60_000);
});

describe("ten thousand rows", () => {
  test("take few round trips a thousand, and show how far they are", async () => {
    const tenant = await newTenant();
    const source = await csvSource(tenant);
    const text = `sku,name,size,price\n${Array.from({ length: 10_000 }, (_, index) => `C${index},Item ${index >> 1},${index % 2 ? "L" : "S"},${index % 90}.50\n`).join("")}`;
    expect(text.length).toBeLessThan(1_048_576);
    const { scope, meter } = await tenant.scope();
    const request: RequestScope = {
      ...scope,
      principal: null,
      receipt: undefined,
      url: new URL("http://servery.test/"),
      headers: new Headers(),
    };
    const startedMs = performance.now();
    const running = startIngestion(request, {
      source_system_id: source,
      bytes: utf8(text),
      content_type: "text/csv",
      dry_run: false,
      confirm: false,
    });

    const seen = new Set<number>();
    let isRunning = true;
    const watching = (async () => {
      while (isRunning) {
        const list = await tenant.call("GET", "/api/v1/ingestions");
        for (const run of list.json.data) if (run.status === "running") seen.add(run.progress.chunks_done);
        await scheduler.wait(20);
      }
    })();
    const reply = await running;
    const runMs = performance.now() - startedMs;
    isRunning = false;
    await watching;

    expect(JSON.parse(reply.text ?? "")).toMatchObject({ status: "completed", received: 10_000, inserted: 10_000, failed: 0 });
    expect([...seen].filter((chunks) => chunks > 0).length).toBeGreaterThanOrEqual(3);
    // Two a chunk of 200 rows; the source, the opening and the end.
    expect(meter.round_trips).toBeLessThanOrEqual(103);
    expect(meter.round_trips / 10).toBeLessThanOrEqual(60);
    console.info(`10,000 rows of CSV: ${meter.round_trips} round trips, ${Math.round(runMs)} ms`);
  }, 120_000);
});

describe("rejected rows", () => {
  test("come back as a table that can be mended and sent again", async () => {
    const tenant = await newTenant();
    const source = await csvSource(tenant, { delimiter: ";" });
    const header = ["sku", "name", "note", "price", "tags"];
    const run = await send(
      tenant,
      source,
      [
        header,
        ["T", "Tea", "", "1.50", ""],
        ["=B", 'Bun "big"; \nfresh', "@home", "2,50", "+new"],
        ["C", "Cake; warm", "", "", ""].slice(0, 3),
      ]
        .map((row) => csvLine(row, ";"))
        .join(""),
    );
    expect(run.json).toMatchObject({ received: 3, inserted: 1, failed: 2 });
    // Only what a report always had.
    expect(Object.keys(run.json.errors[0]).sort()).toEqual(["item_code", "message", "position", "reason"]);

    const answer = await tenant.call("GET", `/api/v1/ingestions/${run.json.id}/rejected-rows`, {
      headers: { "consistency-token": run.headers.get("consistency-token") ?? "" },
    });
    expect(answer.text).toBe(
      [
        "sku;name;note;price;tags;reason;message\r\n",
        `'=B;"Bun ""big""; \nfresh";'@home;2,50;'+new;PRICE_INVALID;"Row 3: price ""2,50"" is not a number with the decimal mark ""."" (settings.decimal_mark)."\r\n`,
        'C;"Cake; warm";;;;CELLS_MISSING;"Row 4: The row ends after 3 of 5 cells; a line break within a cell needs quotes around the cell."\r\n',
      ].join(""),
    );

    const again = await send(tenant, source, answer.text.replace("2,50", "-2.50"));
    expect(again.json).toMatchObject({ received: 2, inserted: 1, failed: 1 });
    const mended = await send(tenant, source, answer.text.replace("2,50", "2.50"));
    expect(mended.json).toMatchObject({ received: 2, inserted: 1, unchanged: 1, failed: 0 });
    expect(await rejected(tenant, again, ";")).toEqual([
      [...header, "reason", "message"],
      expect.arrayContaining(["'=B", "'@home", "'-2.50", "'+new", "PRICE_NEGATIVE"]),
    ]);
    remember(tenant, mended);
    expect(await variantOf(tenant, "=B")).toMatchObject({ name: 'Bun "big"; fresh', base_price: 250 });
  });

  test("are all there where the report stops, also those that another source's code refused", async () => {
    const tenant = await newTenant();
    const first = await csvSource(tenant);
    const second = await csvSource(tenant, {}, "Other list");
    await send(tenant, first, `sku,name\n${Array.from({ length: 300 }, (_, index) => `C${index},Item ${index}\n`).join("")}`);
    const rows = Array.from({ length: 2_700 }, (_, index) => [`C${index}`, `Item ${index}`, index % 9 === 0 ? "1.50" : "-1"]);
    const run = await send(tenant, second, `sku,name,price\n${rows.map((row) => csvLine(row, ",")).join("")}`);
    expect(run.json).toMatchObject({ received: 2_700, inserted: 266, failed: 2_434, errors_truncated: true });
    expect(run.json.errors).toHaveLength(1_000);

    const [header, ...lines] = await rejected(tenant, run);
    expect(header).toEqual(["sku", "name", "price", "reason", "message"]);
    const expected = rows.flatMap(([sku = "", name, price = ""], index) => {
      if (price === "-1") return [[sku, name, "'-1", "PRICE_NEGATIVE", `Row ${index + 2}: price "-1" must not be negative.`]];
      if (index >= 300) return [];
      const message = `Row ${index + 2}: item_code "${sku}" of "${sku}" of source system "Other list" belongs to "${sku}" of source system "Price list".`;
      return [[sku, name, price, "ITEM_CODE_TAKEN", message]];
    });
    const bySku = (a: (string | undefined)[], b: (string | undefined)[]) => Number(a[0]?.slice(1)) - Number(b[0]?.slice(1));
    expect(lines.sort(bySku)).toEqual(expected.sort(bySku));
  }, 60_000);

  test("of JSON are named by their position; an unknown run is 404", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const run = await ingest(tenant, source, { products: [{ id: "=x", name: "X", price: -1 }] });
    expect(await rejected(tenant, run)).toEqual([
      ["position", "item_code", "reason", "message"],
      ["products[0]", "'=x", "PRICE_NEGATIVE", run.json.errors[0].message],
    ]);
    const unknown = await tenant.call("GET", `/api/v1/ingestions/${tenant.tenant_id}/rejected-rows`);
    expect([unknown.status, unknown.json.code]).toEqual([404, "NOT_FOUND"]);
  });
});
