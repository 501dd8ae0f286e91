import { describe, expect, test } from "vitest";
import { newTenant } from "../support/worker/tenant-fixture.ts";
import { ingest, newSource, productOf, remember } from "./cata-payload.ts";
import { PROVIDER_EXAMPLES, type ProviderExample } from "./provider-examples.ts";

describe.each(Object.entries<ProviderExample>(PROVIDER_EXAMPLES))("%s", (provider, { currency, payload, inserted, item_code, product }) => {
  test("goes in whole, and again unchanged", async () => {
    const tenant = await newTenant({ currency });
    const source = await newSource(tenant, { provider });
    const first = await ingest(tenant, source, payload);
    remember(tenant, first);
    expect(first.json).toMatchObject({ status: "completed", received: inserted.variant, failed: 0, errors: [] });
    expect(
      Object.fromEntries(Object.entries<{ inserted: number }>(first.json.by_entity).map(([entity, counts]) => [entity, counts.inserted])),
    ).toEqual(inserted);
    expect(await productOf(tenant, item_code)).toMatchObject(product);

    const second = await ingest(tenant, source, payload);
    expect(second.json).toMatchObject({ received: inserted.variant, inserted: 0, updated: 0, unchanged: inserted.variant, held: 0 });
  });
});

test("Revel's products alone keep the modifiers and the tax that came with the other lists", async () => {
  const { revel } = PROVIDER_EXAMPLES;
  const tenant = await newTenant({ currency: "USD" });
  const source = await newSource(tenant, { provider: "revel" });
  remember(tenant, await ingest(tenant, source, revel.payload));
  const { Product } = revel.payload;
  const alone = await ingest(tenant, source, { objects: Product.map((one) => (one.id === 11 ? { ...one, name: "Caffè latte" } : one)) });
  remember(tenant, alone);
  expect(alone.json).toMatchObject({ received: 3, failed: 0 });
  expect(await productOf(tenant, "LAT")).toMatchObject({ ...revel.product, name: "Caffè latte" });
});
