import { describe, expect, inject, test } from "vitest";
import { statement } from "../../src/platform/db/statement.ts";
import { addStore, locationOf } from "../support/worker/menu-fixture.ts";
import { type CallAnswer, newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { newSource, productOf, remember } from "./cata-payload.ts";
import { type FixtureCase, type FixtureFolder, PRESET_FOLDERS } from "./fixture-folders.ts";
import { SYSTEM_FOLDERS } from "./fixture-systems.ts";

const fixturesUrl = inject("fixturesUrl");
const fileText = async (folder: string, file: string): Promise<string> => (await fetch(`${fixturesUrl}/${folder}/${file}`)).text();

/** A tenant whose one store is where the provider's stock lies. */
async function newMerchant(folder: FixtureFolder, { currency = folder.currency, settings = {} }: Partial<FixtureCase>) {
  const tenant = await newTenant({ currency });
  const location_id = await locationOf(tenant, await addStore(tenant, "Shop", currency));
  const source = await newSource(tenant, { provider: folder.provider, settings: { ...folder.settings, ...settings, location_id } });
  return { tenant, source };
}

const send = (tenant: TestTenant, source: string, provider: string, payload: string): Promise<CallAnswer> =>
  tenant.call("POST", `/api/v1/source-systems/${source}/ingestions`, {
    raw: payload,
    headers: { "content-type": provider === "csv" ? "text/csv" : "application/json" },
  });

/** Waits for the run and its counts; the copying of images, whose hosts are not here, is not waited for. */
async function ended(tenant: TestTenant): Promise<void> {
  const db = await tenant.db();
  const waiting = statement("SELECT count(*) AS waiting FROM wanted WHERE state = 'wanted' AND kind IN ('run_ingestion', 'count_stock')");
  await expect.poll(async () => (await db.read([waiting], { fresh: true }))[0]?.[0]?.["waiting"], { timeout: 50_000 }).toBe(0);
}

/** The run as it ended. */
async function takeIn(tenant: TestTenant, source: string, provider: string, payload: string) {
  const answer = await send(tenant, source, provider, payload);
  expect([201, 202], answer.text.slice(0, 500)).toContain(answer.status);
  await ended(tenant);
  const touched = await tenant.call("PATCH", `/api/v1/source-systems/${source}`, { body: {} });
  remember(tenant, touched);
  const token = { "consistency-token": touched.headers.get("consistency-token") ?? "" };
  return (await tenant.call("GET", `/api/v1/ingestions/${answer.json.id}`, { headers: token })).json;
}

/** What a second ingestion of the same must leave as it is. */
async function trace(tenant: TestTenant) {
  const [rows] = await (await tenant.db()).read(
    [
      statement(`SELECT (SELECT count(*) FROM catalog_item_versions) AS versions, (SELECT revision FROM catalog_state) AS revision,
        (SELECT count(*) FROM outbox WHERE event_type LIKE 'catalog.%.upserted') AS upserted,
        (SELECT count(*) FROM outbox WHERE event_type LIKE 'inventory.%') AS counted,
        (SELECT count(*) FROM stock_movements) AS movements,
        (SELECT count(*) FROM wanted WHERE kind LIKE 'regenerate%') AS regenerations`),
    ],
    { fresh: true },
  );
  return rows?.[0];
}

async function made(tenant: TestTenant): Promise<unknown[]> {
  const [rows] = await (await tenant.db()).read(
    [
      statement(`SELECT (SELECT count(*) FROM products) AS products, (SELECT count(*) FROM categories) AS categories,
        (SELECT count(*) FROM modifier_groups) AS modifier_groups`),
    ],
    { fresh: true },
  );
  return Object.values(rows?.[0] ?? {});
}

const reasons = (errors: { reason: string }[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(errors, ({ reason }) => reason)].map(([reason, all]) => [reason, all.length]));

describe.skipIf(fixturesUrl === null).each(Object.entries({ ...PRESET_FOLDERS, ...SYSTEM_FOLDERS }))("%s", (name, folder) => {
  test("every file is taken, or known to be none", async () => {
    const files: string[] = JSON.parse(await fileText(name, ""));
    const named = [...folder.cases.flatMap((one) => one.files), ...(folder.refused ?? []), ...(folder.counts_only ?? [])];
    expect(files).toEqual([...new Set(named)].sort());
  });

  test.each(folder.cases.map((one, index) => [`${one.files.join(" + ")} (${one.currency ?? folder.currency}, ${index})`, one] as const))(
    "%s",
    async (_, one) => {
      const { tenant, source } = await newMerchant(folder, one);
      const texts = await Promise.all(one.files.map((file) => fileText(name, file)));
      const payload = (one.payload ?? ((text) => text ?? ""))(...texts);
      const failed = Object.values(one.failed ?? {}).reduce((sum, count) => sum + count, 0);

      const first = await takeIn(tenant, source, folder.provider, payload);
      expect(first).toMatchObject({ status: "completed", received: one.received, inserted: one.received - failed, updated: 0, failed });
      expect(reasons(first.errors)).toEqual(one.failed ?? {});
      expect(await made(tenant)).toEqual(one.made);
      if (one.stock !== undefined) expect(first.stock).toMatchObject({ changed: one.stock });
      for (const [code, { variant, ...product }] of Object.entries(one.rows ?? {})) {
        const shown = await productOf(tenant, code);
        expect(shown, code).toMatchObject(product);
        expect(shown.variants.find(({ item_code }: { item_code: string }) => item_code === code)).toMatchObject(variant ?? {});
      }

      const before = await trace(tenant);
      const again = await takeIn(tenant, source, folder.provider, payload);
      expect(again).toMatchObject({
        status: "completed",
        received: one.received,
        inserted: 0,
        updated: 0,
        unchanged: one.received - failed,
        failed,
        held: 0,
        hidden: 0,
      });
      for (const entity of Object.values(again.by_entity)) expect(entity).toMatchObject({ inserted: 0, updated: 0 });
      if (one.stock !== undefined) expect(again.stock).toMatchObject({ changed: 0 });
      expect(await trace(tenant)).toEqual(before);
    },
    120_000,
  );

  test.skipIf(!folder.refused && !folder.counts_only)("files without products", async () => {
    const { tenant, source } = await newMerchant(folder, {});
    for (const file of folder.refused ?? []) {
      const answer = await send(tenant, source, folder.provider, await fileText(name, file));
      expect([answer.status, answer.json.code], file).toEqual([422, "PAYLOAD_UNREADABLE"]);
    }
    for (const file of folder.counts_only ?? []) {
      const answer = await send(tenant, source, folder.provider, await fileText(name, file));
      if (answer.status !== 422) expect([answer.status, answer.json.received], file).toEqual([201, 0]);
    }
    expect(await made(tenant)).toEqual([0, 0, 0]);
  });
});
