import { expect, inject, test } from "vitest";
import { startIngestion } from "../../src/domains/catalog/start-ingestion.ts";
import { utf8 } from "../../src/kernel/bytes.ts";
import type { RequestScope } from "../../src/platform/http/scope.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { newSource } from "./cata-payload.ts";

const PRODUCTS = 20_000;
/** The issue asks for fewer than 60; what stands is far below, and stays there. */
const ROUND_TRIPS_PER_THOUSAND = 15;

const table = utf8(
  ["sku,name,price", ...Array.from({ length: PRODUCTS }, (_, index) => `S${index},Product ${index},${index % 900}.50`)].join("\n"),
);

async function taken(tenant: TestTenant, source: string, key: string) {
  const { scope, meter } = await tenant.scope();
  const request: RequestScope = {
    ...scope,
    principal: null,
    receipt: { principal: "test", method: "POST", route: "/ingestions", key, fingerprint: "one", request_id: "request" },
    url: new URL("http://servery.test/"),
    headers: new Headers(),
  };
  const startedMs = Date.now();
  const reply = await startIngestion(request, {
    source_system_id: source,
    bytes: table,
    content_type: "text/csv",
    dry_run: false,
    confirm: false,
  });
  const { round_trips, rows_written } = meter;
  return { run: JSON.parse(reply.text ?? ""), per_thousand: round_trips / (PRODUCTS / 1_000), rows_written, ms: Date.now() - startedMs };
}

test("20,000 products take few round trips a thousand rows, unchanged ones next to no rows", async () => {
  const tenant = await newTenant();
  const source = await newSource(tenant, { provider: "csv" });
  const first = await taken(tenant, source, "first");
  expect(first.run).toMatchObject({ status: "completed", received: PRODUCTS, inserted: PRODUCTS, failed: 0 });
  expect(first.per_thousand).toBeLessThanOrEqual(ROUND_TRIPS_PER_THOUSAND);

  const again = await taken(tenant, source, "again");
  expect(again.run).toMatchObject({ unchanged: PRODUCTS, inserted: 0, updated: 0 });
  expect(again.per_thousand).toBeLessThanOrEqual(ROUND_TRIPS_PER_THOUSAND);
  // A run's progress, not its rows.
  expect(again.rows_written).toBeLessThanOrEqual(PRODUCTS / 20);
  const figures = [first, again].map((one) => `| ${one.per_thousand} | ${one.rows_written} | ${one.ms} |`);
  const page = [
    `${PRODUCTS} products, then again`,
    "",
    "| round trips per 1,000 rows | rows written | ms |",
    "| --- | --- | --- |",
    ...figures,
    "",
  ];
  await fetch(`${inject("artifactsUrl")}/ingestion-round-trips.md`, { method: "PUT", body: page.join("\n") });
}, 180_000);
