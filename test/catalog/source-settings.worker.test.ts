import { expect, test } from "vitest";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { newSource } from "./cata-payload.ts";

const register = (tenant: TestTenant, provider: string, settings: object) =>
  tenant.call("POST", "/api/v1/source-systems", { body: { source_type: "seller", name: crypto.randomUUID(), provider, settings } });

test("a preset is one of its provider's; a wrong one is answered with those there are", async () => {
  const tenant = await newTenant();
  expect((await register(tenant, "csv", { preset: "vendure", option_separator: "/" })).status).toBe(201);
  expect((await register(tenant, "json", { preset: "bestbuy", fields: { name: ["title.en", "title"] }, key: ["name"] })).status).toBe(201);

  const unknown = await register(tenant, "csv", { preset: "magento" });
  expect([unknown.status, unknown.json.code]).toEqual([422, "VALIDATION_FAILED"]);
  for (const known of ["vendure", "spree", "medusa", "commercetools", "bestbuy"]) expect(unknown.text).toContain(known);
  const others = await register(tenant, "csv", { preset: "bestbuy" });
  expect([others.status, others.json.errors[0].path]).toEqual([422, "body.settings.preset"]);
  expect(others.json.errors[0].message).toMatch(/"vendure"/);
  expect(others.json.errors[0].message).not.toMatch(/dummyjson/);
  expect((await register(tenant, "square", { preset: "vendure" })).json.errors[0].message).toMatch(/which has none$/);
  for (const settings of [
    { image_base_url: "ftp://images.example/" },
    { image_base_url: "images" },
    { fields: { colour: "x" } },
    { key: [""] },
  ])
    expect([(await register(tenant, "json", settings)).status, settings]).toEqual([422, settings]);
});

test("settings are added to, and null takes one away", async () => {
  const tenant = await newTenant();
  const settings = { preset: "spree", repeated_rows: "join", option_units: { weight: "g" }, image_base_url: "https://images.example/" };
  const source = await newSource(tenant, { provider: "csv", settings });
  const patch = (changed: object) => tenant.call("PATCH", `/api/v1/source-systems/${source}`, { body: { settings: changed } });
  expect((await patch({ preset: "zepto", image_base_url: null, option_units: null })).json.settings).toEqual({
    preset: "zepto",
    repeated_rows: "join",
  });
  expect((await patch({ preset: null })).json.settings).toEqual({ repeated_rows: "join" });
  expect((await patch({ preset: "openfoodfacts" })).json.errors[0].message).toMatch(/"zepto"/);
});
