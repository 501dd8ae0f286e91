import { type ApiClient, tenantClient } from "../api-client.ts";
import { demoTenants } from "../demo/demo-tenants.ts";
import type { Demo } from "../state-directory.ts";

/** What there is in one tenant: requests are made of it, so that they get past the front door. */
export type KnownTenant = {
  tenant_id: string;
  slug: string;
  host: string;
  admin_key: string;
  kds_key: string;
  values: Map<string, string[]>;
  /** What its sources send, small. */
  payloads: unknown[];
};

export type KnownWorld = { operator_key: string; tenants: KnownTenant[] };

/** Square's own shape, of each object type the mapper reads. */
const SQUARE_PAYLOAD = {
  objects: [
    { type: "CATEGORY", id: "CAT1", version: 1, category_data: { name: "Hot" } },
    { type: "TAX", id: "TAX1", version: 1, tax_data: { name: "GST", percentage: "9.0", calculation_phase: "TAX_SUBTOTAL_PHASE" } },
    { type: "IMAGE", id: "IMG1", version: 1, image_data: { url: "https://pictures.example/tea.png" } },
    {
      type: "MODIFIER_LIST",
      id: "ML1",
      version: 1,
      modifier_list_data: {
        name: "Milk",
        selection_type: "SINGLE",
        modifiers: [{ type: "MODIFIER", id: "M1", modifier_data: { name: "Oat", price_money: { amount: 50, currency: "SGD" } } }],
      },
    },
    {
      type: "ITEM",
      id: "ITEM1",
      version: 1584718720593,
      updated_at: "2026-03-20T15:38:40.593Z",
      is_deleted: false,
      present_at_all_locations: true,
      item_data: {
        name: "Tea",
        description_html: "<p>Hot</p>",
        category_id: "CAT1",
        categories: [{ id: "CAT1", ordinal: 1 }],
        tax_ids: ["TAX1"],
        image_ids: ["IMG1"],
        modifier_list_info: [{ modifier_list_id: "ML1", min_selected_modifiers: 0, max_selected_modifiers: 1, enabled: true }],
        variations: [
          {
            type: "ITEM_VARIATION",
            id: "VAR1",
            version: 1,
            item_variation_data: {
              item_id: "ITEM1",
              name: "Mug",
              sku: "TEA-M",
              ordinal: 1,
              pricing_type: "FIXED_PRICING",
              price_money: { amount: 150, currency: "SGD" },
            },
          },
        ],
      },
    },
  ],
};

/** Reads what the demo tenants hold, and registers one source a provider so that each one's mapper is reached. */
export async function readKnownWorld(operator: ApiClient, operatorKey: string, demo: Demo): Promise<KnownWorld> {
  const all = await operator.get<{ data: { tenant_id: string; slug: string }[] }>("/internal/tenants");
  const tenants: KnownTenant[] = [];
  for (const { slug, host, admin_key, kds_key } of demo.tenants) {
    const client = tenantClient(demo.base_url, slug, admin_key);
    const tenantId = all.data.find((tenant) => tenant.slug === slug)?.tenant_id ?? "";
    for (const provider of ["cata", "square", "csv"]) {
      await client.post("/api/v1/source-systems", { source_type: "pos", name: `Fuzzed ${provider}`, provider });
    }
    const catalogue = demoTenants.find((tenant) => tenant.slug === slug)?.payload(demo.base_url);
    tenants.push({
      tenant_id: tenantId,
      slug,
      host,
      admin_key,
      kds_key,
      values: await readValues(client, [slug, tenantId]),
      payloads: [
        ...(catalogue
          ? [
              { ...catalogue, products: catalogue.products.slice(0, 4) },
              { ...catalogue, products: catalogue.products.slice(-3) },
            ]
          : []),
        SQUARE_PAYLOAD,
      ],
    });
  }
  return { operator_key: operatorKey, tenants };
}

async function readValues(client: ApiClient, slugs: string[]): Promise<Map<string, string[]>> {
  const list = async (path: string, ...fields: string[]) => {
    const { data } = await client.get<{ data: Record<string, unknown>[] }>(`${path}?limit=8`);
    return data.map((row) => String(fields.map((field) => row[field]).find((value) => value !== undefined)));
  };
  const stores = await list("/api/v1/stores", "id");
  const drafts = await list("/api/v1/menus/drafts", "id");
  const publishes = await list("/api/v1/menus/publishes", "publish_id");
  const codes = await list("/api/v1/variants", "item_code");
  return new Map([
    ["store_id", stores],
    ["store_ids", stores],
    ["draft_id", drafts],
    ["draft_ids", drafts],
    ["publish_id", publishes],
    ["product_id", await list("/api/v1/products", "id")],
    ["variant_id", await list("/api/v1/variants", "id")],
    ["source_system_id", await list("/api/v1/source-systems", "id")],
    ["ingestion_id", await list("/api/v1/ingestions", "id")],
    ["item_code", codes],
    ["code", codes],
    ["slug", slugs],
    ["currency", ["SGD", "USD", "JPY", "KWD"]],
    ["timezone", ["Asia/Singapore", "UTC", "Pacific/Chatham"]],
    ["locale", ["en-SG", "ar", "zh-Hant-TW"]],
    ["provider", ["cata", "square", "csv", "servery"]],
    ["cell_id", ["local"]],
    ["limit", ["1", "2", "500"]],
    ["dry_run", ["true", "false"]],
  ]);
}
