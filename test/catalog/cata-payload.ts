import { expect } from "vitest";
import type { TestTenant } from "../support/worker/tenant-fixture.ts";

export interface CataVariant {
  id?: string;
  item_code?: string;
  name?: string;
  price?: number;
  active?: boolean;
  bundle?: { item_code: string; quantity: number }[];
}

export interface CataProduct extends CataVariant {
  description?: string;
  image_url?: string;
  categories?: string[];
  allergens?: string[];
  modifier_groups?: { id: string; min?: number; max?: number | null }[];
  variants?: CataVariant[];
  version?: number;
}

export interface CataPayload {
  format: "cata/1";
  currency: string;
  categories?: { id: string; name: string; parent_id?: string }[];
  modifier_groups?: {
    id: string;
    name: string;
    min: number;
    max: number | null;
    options: { id: string; name: string; price: number; active?: boolean }[];
  }[];
  products: CataProduct[];
}

/** A small café: a product with sizes and milk, one without choices, a bundle. */
export const cafe = (): CataPayload => ({
  format: "cata/1",
  currency: "USD",
  categories: [
    { id: "iced", name: "Iced", parent_id: "drinks" },
    { id: "drinks", name: "Drinks" },
  ],
  modifier_groups: [
    {
      id: "milk",
      name: "Milk",
      min: 0,
      max: 1,
      options: [
        { id: "oat", name: "Oat", price: 80 },
        { id: "soy", name: "Soy", price: 60 },
      ],
    },
  ],
  products: [
    {
      id: "latte",
      name: "Latte",
      description: "Two shots.",
      categories: ["drinks", "iced"],
      allergens: ["milk"],
      modifier_groups: [{ id: "milk" }],
      variants: [
        { id: "latte-s", item_code: "LATTE-S", name: "Small", price: 500 },
        { id: "latte-l", item_code: "LATTE-L", name: "Large", price: 650 },
      ],
    },
    { id: "bun", name: "Bun", item_code: "BUN", price: 300, image_url: "https://img.example/bun.jpg", categories: ["drinks"] },
    {
      id: "set",
      name: "Breakfast set",
      item_code: "SET",
      price: 850,
      bundle: [
        { item_code: "LATTE-S", quantity: 1 },
        { item_code: "BUN", quantity: 1.5 },
      ],
    },
  ],
});

/** `count` products without choices. */
export const shelf = (count: number, description = ""): CataPayload => ({
  format: "cata/1",
  currency: "USD",
  products: Array.from({ length: count }, (_, index) => ({
    id: `p${index}`,
    name: `Product ${index}`,
    item_code: `CODE-${index}`,
    price: 100 + index,
    description,
  })),
});

/** A source system of the tenant. */
export async function newSource(
  tenant: TestTenant,
  options: { provider?: string; name?: string; settings?: object } = {},
): Promise<string> {
  const answer = await tenant.call("POST", "/api/v1/source-systems", {
    body: { source_type: "pos", name: options.name ?? "Tills", provider: options.provider ?? "cata", settings: options.settings ?? {} },
  });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.json.id;
}

export const ingest = (tenant: TestTenant, sourceId: string, payload: unknown, query = "", idempotency_key?: string) =>
  tenant.call("POST", `/api/v1/source-systems/${sourceId}/ingestions${query}`, {
    body: payload,
    ...(idempotency_key === undefined ? {} : { idempotency_key }),
  });

export const variantOf = async (tenant: TestTenant, itemCode: string) =>
  (await tenant.call("GET", `/api/v1/variants?item_code=${encodeURIComponent(itemCode)}`, { headers: await fresh(tenant) })).json.data[0];

export const productOf = async (tenant: TestTenant, itemCode: string) =>
  (await tenant.call("GET", `/api/v1/products?item_code=${encodeURIComponent(itemCode)}`, { headers: await fresh(tenant) })).json.data[0];

const tokens = new WeakMap<TestTenant, string>();

/** Reads after this see what the answer wrote. */
export function remember(tenant: TestTenant, answer: { headers: Headers }): void {
  const token = answer.headers.get("consistency-token");
  if (token) tokens.set(tenant, token);
}

async function fresh(tenant: TestTenant): Promise<Record<string, string>> {
  const token = tokens.get(tenant);
  return token ? { "consistency-token": token } : {};
}

/** A fresh key is known once the replica has it, and where it was asked for too early, once the directory has forgotten that. */
export const keyIsKnown = (tenant: TestTenant, key: string) =>
  expect.poll(async () => (await tenant.call("GET", "/api/v1/categories", { key })).status, { timeout: 8_000 }).not.toBe(401);
