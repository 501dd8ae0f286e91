import { AppError } from "../../../kernel/errors.ts";
import { mapCata } from "./cata.ts";
import { csvProvider } from "./csv.ts";
import { mapDeliverect } from "./deliverect.ts";
import { mapIseller } from "./iseller.ts";
import { jsonProvider, type Provider } from "./provider.ts";
import { mapRevel } from "./revel.ts";
import { mapShopify } from "./shopify.ts";
import { mapSquare } from "./square.ts";
import { mapWooCommerce } from "./woocommerce.ts";

/** Every provider that products can come from, by the name a source system is registered with. */
export const PROVIDERS: Record<string, Provider> = {
  cata: jsonProvider(mapCata),
  csv: csvProvider,
  deliverect: jsonProvider(mapDeliverect),
  iseller: jsonProvider(mapIseller),
  revel: jsonProvider(mapRevel),
  shopify: jsonProvider(mapShopify),
  square: jsonProvider(mapSquare),
  woocommerce: jsonProvider(mapWooCommerce),
};

/** Throws `AppError("PROVIDER_UNKNOWN")`, which lists the known ones. */
export function providerOf(name: string): Provider {
  const provider = Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined;
  if (provider === undefined) {
    throw new AppError("PROVIDER_UNKNOWN", { detail: `The providers known here are ${Object.keys(PROVIDERS).sort().join(", ")}.` });
  }
  return provider;
}
