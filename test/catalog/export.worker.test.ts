import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CanonicalCatalog } from "../../src/domains/catalog/canonical.ts";
import { exportedPages } from "../../src/domains/catalog/export/exported-pages.ts";
import { applyChunks } from "../../src/domains/catalog/ingestion/apply-chunks.ts";
import { finishRun } from "../../src/domains/catalog/ingestion/finish-run.ts";
import { splitChunks } from "../../src/domains/catalog/ingestion/split-chunks.ts";
import { normaliseAllergens } from "../../src/domains/catalog/providers/food-labels.ts";
import { insertRun } from "../../src/domains/catalog/queued-run.ts";
import { readSourceSystem } from "../../src/domains/catalog/source-systems.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { unitOf } from "../../src/platform/http/scope.ts";
import { type CallAnswer, newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { canonicalCatalog } from "./canonical-arbitrary.ts";
import { cafe, ingest, newSource, shelf } from "./cata-payload.ts";

const rows = async (tenant: TestTenant, sql: string) => (await (await tenant.db()).read([statement(sql)], { fresh: true }))[0] ?? [];

async function source(tenant: TestTenant, provider: string): Promise<string> {
  const body = { source_type: "pos", name: `${provider} ${crypto.randomUUID()}`, provider };
  return (await tenant.call("POST", "/api/v1/source-systems", { body })).json.id;
}

/** What was written is exported: by a token, else a replica may not have it yet. */
async function exported(tenant: TestTenant, id: string, format: "json" | "csv", token: string | null): Promise<string> {
  const headers = token === null ? {} : { "consistency-token": token };
  const answer = await tenant.call("GET", `/api/v1/source-systems/${id}/export?format=${format}`, { headers });
  expect(answer.status, answer.text).toBe(200);
  return answer.text;
}

const takeIn = (tenant: TestTenant, id: string, text: string, format: "json" | "csv"): Promise<CallAnswer> =>
  tenant.call("POST", `/api/v1/source-systems/${id}/ingestions`, {
    raw: text,
    headers: { "content-type": format === "json" ? "application/json" : "text/csv" },
  });

const nothing = { inserted: 0, updated: 0 };

/** Everything that came in was there as it is. */
function expectUnchanged(answer: CallAnswer, what: string): void {
  expect(answer.status, `${what}: ${answer.text}`).toBe(201);
  const { status, failed, inserted, updated, hidden, held, by_entity, received, unchanged, errors } = answer.json;
  expect({ status, failed, inserted, updated, hidden, held, errors }, what).toEqual({
    status: "completed",
    failed: 0,
    inserted: 0,
    updated: 0,
    hidden: 0,
    held: 0,
    errors: [],
  });
  expect(unchanged, what).toBe(received);
  for (const counts of Object.values(by_entity)) expect(counts, what).toMatchObject(nothing);
}

/** The catalogue by the provider's own ids: what a source system's tables hold, without ids and times of ours. */
async function catalogueOf(tenant: TestTenant): Promise<string[]> {
  const ext = (type: string, id: string) =>
    `(SELECT external_id FROM source_entities WHERE entity_type = '${type}' AND canonical_id = ${id})`;
  const tables = await Promise.all(
    [
      // Options in their order: one that the group has no more may stand in the place of another.
      `SELECT ${ext("category", "category_id")} AS id, ${ext("category", "parent_id")} AS parent, original_name, position FROM categories ORDER BY 1`,
      `SELECT ${ext("modifier_group", "g.modifier_group_id")} AS id, g.original_name, min_select, max_select, o.external_id, o.name, price_delta_minor,
         item_code, provider_active, is_default, row_number() OVER (PARTITION BY g.modifier_group_id ORDER BY position, o.external_id) AS place
       FROM modifier_groups AS g JOIN modifier_options AS o ON o.modifier_group_id = g.modifier_group_id ORDER BY 1, position, o.external_id`,
      `SELECT ${ext("product", "product_id")} AS id, original_name, original_description, external_image_url, tags, allergens, tax_rate_e4,
         provider_active, variant_count FROM products ORDER BY 1`,
      `SELECT ${ext("variant", "variant_id")} AS id, ${ext("product", "product_id")} AS product, item_code, option_name, barcode, base_price_minor,
         currency, attributes, provider_active, position FROM variants ORDER BY 1`,
      `SELECT ${ext("product", "product_id")} AS product, ${ext("category", "category_id")} AS category, position FROM product_categories ORDER BY 1, 3`,
      `SELECT ${ext("product", "product_id")} AS product, ${ext("modifier_group", "modifier_group_id")} AS id, position, min_select, max_select
       FROM product_modifier_groups ORDER BY 1, 3`,
      `SELECT ${ext("variant", "bundle_variant_id")} AS id, item_code, quantity_e4, position FROM bundle_components ORDER BY 1, 4`,
      // A version is the product's: what its variants keep of it is of the run that wrote them.
      "SELECT entity_type, external_id, content_hash, iif(entity_type = 'variant', 0, provider_version) AS version FROM source_entities ORDER BY 1, 2",
    ].map((sql) => rows(tenant, sql)),
  );
  return tables.flat().map((row) => JSON.stringify(row));
}

/** Applies what a mapper might have made, as a run does. */
async function apply(tenant: TestTenant, sourceId: string, catalog: CanonicalCatalog): Promise<string> {
  const { scope } = await tenant.scope();
  const runId = scope.clock.newId();
  const variants = catalog.products.flatMap((product) => product.variants);
  const chunks = splitChunks(catalog);
  const run = {
    run_id: runId,
    source_system_id: sourceId,
    status: "running" as const,
    body_key: null,
    content_type: "x",
    chunks: chunks.length,
  };
  const answer = { status: 200, select: statement("SELECT 'null'") };
  await scope.db.write(unitOf(scope, { steps: [insertRun(run, scope.clock.now())], answer }));
  await applyChunks(scope, runId, {
    source: await readSourceSystem(scope.db, sourceId, { fresh: true }),
    chunks,
    table: null,
    received: variants.length,
    offered: {
      external_ids: new Set(variants.map(({ external_id }) => external_id)),
      item_codes: new Set(variants.map(({ item_code }) => item_code)),
    },
    unnamed_errors: 0,
    hides_missing: false,
    offered_groups: new Map(catalog.modifier_groups.map((group) => [group.external_id, group])),
    confirm: false,
  });
  await scope.db.write(finishRun(scope, runId, null));
  return runId;
}

/** Texts that a table or HTML could take for something else. */
const text = fc.constantFrom(
  "Latte",
  "=1+1",
  "'=x",
  "-",
  "a, b",
  'say "hi"',
  "<b>bold</b>",
  "&amp; & <",
  "Ünï",
  "5 < 6 > 4",
  "@me",
  "#x",
  "1e5",
  "yes",
);
const labels = fc.uniqueArray(fc.constantFrom("vegan", "gluten", "milk", "wheat", "new_in"), { maxLength: 3 }).map(normaliseAllergens);

/** The small world of `canonicalCatalog` with everything else that a mapper may say. */
const richCatalog: fc.Arbitrary<CanonicalCatalog> = fc
  .tuple(
    canonicalCatalog,
    fc.array(fc.record({ name: text, description: fc.option(text), tags: labels, allergens: labels, tax: fc.option(fc.nat(1_000_000)) }), {
      minLength: 5,
      maxLength: 5,
    }),
    fc.array(
      fc.record({
        name: fc.option(text),
        barcode: fc.option(fc.constantFrom("0123", "=9", "A B")),
        price: fc.option(fc.nat(100_000)),
        currency: fc.constantFrom("USD", "JPY", "KWD"),
        attributes: fc.dictionary(fc.constantFrom("Size", "Roast", "2"), text, { maxKeys: 2 }),
        bundle: fc.uniqueArray(
          fc.record({ item_code: fc.constantFrom("C1", "C2", "elsewhere"), quantity_e4: fc.integer({ min: 1, max: 90_000 }) }),
          {
            selector: ({ item_code }) => item_code,
            maxLength: 2,
          },
        ),
      }),
      { minLength: 12, maxLength: 12 },
    ),
    fc.record({
      min: fc.nat(3),
      extra: fc.option(fc.nat(2)),
      link: fc.constantFrom(null, 2, "unlimited" as const),
      price: fc.integer({ min: -50, max: 50 }),
    }),
    fc.boolean(),
  )
  .map(([catalog, products, variants, bounds, isImaged]) => ({
    ...catalog,
    categories: catalog.categories.map((category, at) => ({
      ...category,
      parent_external_id: at === 0 ? null : (catalog.categories[at - 1]?.external_id ?? null),
    })),
    modifier_groups: catalog.modifier_groups.map((group) => ({
      ...group,
      min_select: bounds.min,
      max_select: bounds.extra === null ? null : Math.max(1, bounds.min + bounds.extra),
      options: group.options.map((option, at) => ({
        ...option,
        // As other providers have it: the same id in several groups.
        external_id: at === 0 ? option.external_id : `o${at}`,
        price_delta_minor: bounds.price,
        item_code: at === 1 ? "C3" : null,
        is_default: at === 0,
      })),
    })),
    products: catalog.products.map((product, at) => {
      const more = products[at] ?? { name: "x", description: null, tags: [], allergens: [], tax: null };
      return {
        ...product,
        name: more.name,
        description: more.description,
        tags: more.tags,
        allergens: more.allergens,
        tax_rate_e4: more.tax,
        image_url: isImaged ? `https://images.example.com/${at}.png?a=1&b=2` : null,
        modifier_groups: product.modifier_groups.map((link) => ({
          ...link,
          min_select: bounds.link === null ? null : 1,
          max_select: bounds.link,
        })),
        variants: product.variants.map((variant) => {
          const { price, currency, ...own } = variants[Number(variant.external_id.slice(1))] ?? {
            price: null,
            currency: "USD",
            name: null,
            barcode: null,
            attributes: {},
            bundle: [],
          };
          return { ...variant, ...own, base_price_minor: price, currency: price === null ? null : currency };
        }),
      };
    }),
  }));

describe("what is exported", () => {
  test("is all unchanged when it comes back, and in an empty tenant the same catalogue, whatever the provider sent", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(richCatalog, { minLength: 1, maxLength: 2 }), fc.constantFrom("json", "csv"), async (given, format) => {
        // A variant that its product's last payload left out, of a product that is not sold, is not told from the others.
        const catalogs =
          given.length === 1
            ? given
            : given.map((one) => ({ ...one, products: one.products.map((product) => ({ ...product, is_active: true })) }));
        const [tenant, empty] = await Promise.all([newTenant(), newTenant()]);
        const id = await source(tenant, "square");
        for (const catalog of catalogs) await apply(tenant, id, catalog);
        // Of two payloads the second may move a product's last variant elsewhere: what has nothing to sell is not exported.
        fc.pre((await rows(tenant, "SELECT 1 FROM products WHERE variant_count = 0")).length === 0);
        const token = (await tenant.call("PATCH", `/api/v1/source-systems/${id}`, { body: {} })).headers.get("consistency-token");
        const before = await catalogueOf(tenant);
        const revision = await rows(tenant, "SELECT revision FROM catalog_state");
        const file = await exported(tenant, id, format, token);
        expectUnchanged(await takeIn(tenant, id, file, format), file);
        expect(await rows(tenant, "SELECT revision FROM catalog_state")).toEqual(revision);
        expect(await catalogueOf(tenant)).toEqual(before);

        const other = await source(empty, "shopify");
        const taken = await takeIn(empty, other, file, format);
        expect([taken.status, taken.json.failed], taken.text).toEqual([201, 0]);
        const there = await catalogueOf(empty);
        expect(there.filter((row) => !before.includes(row))).toEqual([]);
        expect(before.filter((row) => !there.includes(row))).toEqual([]);
      }),
      { numRuns: 25, endOnFailure: true, includeErrorInReport: true },
    );
  }, 480_000);

  test("of another provider, and written by hand, likewise", async () => {
    const tenant = await newTenant();
    const id = await newSource(tenant, { provider: "shopify" });
    const variant = (at: number) => ({
      id: 100 + at,
      title: `Size ${at}`,
      option1: `Size ${at}`,
      sku: `S-${at}`,
      price: "5.00",
      position: at,
    });
    const shop = {
      products: [
        {
          id: 1,
          title: "Tee & <Co>",
          body_html: "5 &lt; 6 &amp; more",
          tags: "a, b",
          status: "active",
          variants: [variant(1), variant(2)],
        },
      ],
    };
    const first = await ingest(tenant, id, shop);
    expect(first.json).toMatchObject({ inserted: 2, failed: 0 });
    const token = first.headers.get("consistency-token");
    for (const format of ["json", "csv"] as const)
      expectUnchanged(await takeIn(tenant, id, await exported(tenant, id, format, token), format), format);
    // The provider's own payload is still what was applied.
    expect((await ingest(tenant, id, shop)).json).toMatchObject({ unchanged: 2, updated: 0 });
    // Somebody's own catalogue in cata/1 is taken by any source system.
    const byHand = await ingest(tenant, id, { format: "cata/1", products: [{ id: "own", name: "Own", item_code: "OWN", price: 100 }] });
    expect(byHand.json).toMatchObject({ status: "completed", inserted: 1 });

    const table = await newSource(tenant, { provider: "csv", name: "Table" });
    const csv = await takeIn(
      tenant,
      table,
      "sku,name,size,price,category\nA-1,Mug,Small,4.00,Ware > Mugs\nA-2,Mug,Large,6.00,Ware > Mugs\n",
      "csv",
    );
    expect(csv.json).toMatchObject({ inserted: 2 });
    for (const format of ["json", "csv"] as const) {
      const file = await exported(tenant, table, format, csv.headers.get("consistency-token"));
      expectUnchanged(await takeIn(tenant, table, file, format), format);
    }
    // What is neither its provider's nor ours is refused as before.
    expect((await takeIn(tenant, id, "sku,name\n", "csv")).status).toBe(415);
    expect((await takeIn(tenant, table, '{"products":[]}', "json")).status).toBe(415);
  });

  test("what is ours is not in it, and stays ours", async () => {
    const tenant = await newTenant();
    const id = await newSource(tenant);
    await ingest(tenant, id, cafe());
    const [latte] = await rows(tenant, "SELECT product_id FROM products WHERE original_name = 'Latte'");
    const renamed = await tenant.call("PATCH", `/api/v1/products/${latte?.["product_id"]}`, {
      body: { name: "Our latte", visible: false },
    });
    const file = await exported(tenant, id, "json", renamed.headers.get("consistency-token"));
    expect(file).not.toContain("Our latte");
    const again = await takeIn(tenant, id, file, "json");
    expect(again.json).toMatchObject({ inserted: 0, updated: 0, failed: 0 });
    expect(await rows(tenant, "SELECT name, merchant_hidden FROM products WHERE original_name = 'Latte'")).toEqual([
      { name: "Our latte", merchant_hidden: 1 },
    ]);
  });

  test("what somebody changes in it is taken, and a row that cannot be is given back with its place", async () => {
    const tenant = await newTenant();
    const id = await newSource(tenant);
    const first = await ingest(tenant, id, shelf(3));
    const table = await exported(tenant, id, "csv", first.headers.get("consistency-token"));
    const lines = table.split("\r\n");
    const at = lines.findIndex((line) => line.includes("CODE-1"));
    const edited = lines.map((line, index) => (index === at ? line.replace(/,\d+\.\d\d,USD/, ",7.77,USD") : line)).join("\r\n");
    expect(edited).not.toBe(table);
    expect((await takeIn(tenant, id, edited, "csv")).json).toMatchObject({ inserted: 0, updated: 1, unchanged: 2, failed: 0 });
    expect(await rows(tenant, "SELECT base_price_minor FROM variants WHERE item_code = 'CODE-1'")).toEqual([{ base_price_minor: 777 }]);

    const broken = await takeIn(tenant, id, edited.replace(",7.77,USD", ",seven,USD"), "csv");
    expect(broken.json).toMatchObject({ failed: 1, errors: [{ position: `row ${at + 1}`, item_code: "CODE-1", reason: "PRICE_INVALID" }] });
    const token = { "consistency-token": broken.headers.get("consistency-token") ?? "" };
    const rejected = await tenant.call("GET", `/api/v1/ingestions/${broken.json.id}/rejected-rows`, { headers: token });
    expect(rejected.text).toMatch(/^servery_export,product_id,.*reason,message\r\n.*seven.*PRICE_INVALID/);

    // Mended, those rows alone are taken.
    const mended = await takeIn(tenant, id, rejected.text.replace(",seven,USD", ",8.88,USD"), "csv");
    expect(mended.json, mended.text).toMatchObject({ received: 1, failed: 0, updated: 1 });

    const json = await ingest(tenant, id, {
      format: "cata/1",
      products: [
        { id: "x", name: "", item_code: "X" },
        { id: "y", name: "Y", price: -1 },
      ],
    });
    const file = await tenant.call("GET", `/api/v1/ingestions/${json.json.id}/rejected-rows`, {
      headers: { "consistency-token": json.headers.get("consistency-token") ?? "" },
    });
    expect(
      file.text
        .split("\r\n")
        .slice(0, 3)
        .map((line) => line.split(",").slice(0, 3).join(",")),
    ).toEqual(["position,item_code,reason", "products[0],X,NAME_MISSING", "products[1],y,PRICE_NEGATIVE"]);
  });

  test("5,000 products are read a hundred at a time while they are sent; who goes away reads no more; a file that was cut is refused", async () => {
    const tenant = await newTenant();
    const id = await newSource(tenant);
    const first = await ingest(tenant, id, shelf(5_000));
    expect([201, 202]).toContain(first.status);
    await tenant.settled();
    const { scope, meter } = await tenant.scope();
    const fresh = { ...scope.db, read: (statements: Parameters<typeof scope.db.read>[0]) => scope.db.read(statements, { fresh: true }) };
    const sizes: number[] = [];
    for await (const page of exportedPages(fresh, id)) sizes.push(page.rows.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    // One a page, and one each for categories and groups, of which there are none.
    expect(meter.round_trips).toBeLessThanOrEqual(50 + 3);

    const answer = await tenant.call("GET", `/api/v1/source-systems/${id}`);
    const token = first.headers.get("consistency-token") ?? answer.headers.get("consistency-token");
    for (const format of ["json", "csv"] as const) {
      const text = await exported(tenant, id, format, token);
      const queued = await takeIn(tenant, id, text, format);
      expect([201, 202], queued.text.slice(0, 300)).toContain(queued.status);
      await tenant.settled();
      const [run] = await rows(tenant, `SELECT status, received, unchanged FROM ingestion_runs WHERE run_id = '${queued.json.id}'`);
      expect(run, format).toEqual({ status: "completed", received: 5_000, unchanged: 5_000 });
      const cut = await takeIn(
        tenant,
        id,
        format === "json" ? text.slice(0, text.length / 2) : text.slice(0, text.lastIndexOf("variant,")),
        format,
      );
      if (cut.status === 202) {
        await tenant.settled();
        expect(await rows(tenant, `SELECT status, received FROM ingestion_runs WHERE run_id = '${cut.json.id}'`)).toEqual([
          { status: "failed", received: 0 },
        ]);
      } else expect([400, 422]).toContain(cut.status);
    }

    const before = meter.round_trips;
    const pages = exportedPages(fresh, id);
    await pages.next();
    await pages.return();
    expect(meter.round_trips - before).toBeLessThanOrEqual(3);
    const response = await tenant.fetch(`/api/v1/source-systems/${id}/export`, { headers: { apikey: tenant.admin_key } });
    expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="[\w-]+-\d{4}-\d\d-\d\d\.json"$/);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect((await tenant.call("GET", "/api/v1/categories")).status).toBe(200);
  }, 240_000);
});
