import { fromUtf8 } from "../../../kernel/bytes.ts";
import { AppError } from "../../../kernel/errors.ts";
import { mapCata } from "./cata.ts";
import { csvProvider } from "./csv.ts";
import { mapDeliverect } from "./deliverect.ts";
import { mapDominos } from "./dominos.ts";
import { isExportedCsv, readExportedCsv } from "./exported-csv.ts";
import { mapIseller } from "./iseller.ts";
import { jsonRecordsProvider } from "./json-records.ts";
import { jsonProvider, type Provider } from "./provider.ts";
import { mapSaleor } from "./saleor.ts";
import { mapShopify } from "./shopify.ts";
import { mapSquare } from "./square.ts";
import { mapWooCommerce } from "./woocommerce.ts";

const cata = jsonProvider(mapCata);

/** Every provider that products can come from, by the name a source system is registered with. */
export const PROVIDERS: Record<string, Provider> = {
  cata,
  csv: csvProvider,
  deliverect: jsonProvider(mapDeliverect),
  dominos: jsonProvider(mapDominos),
  iseller: jsonProvider(mapIseller),
  json: jsonRecordsProvider,
  saleor: jsonProvider(mapSaleor),
  shopify: jsonProvider(mapShopify),
  square: jsonProvider(mapSquare),
  woocommerce: jsonProvider(mapWooCommerce),
};

const CATA = /^\s*\{\s*"format"\s*:\s*"cata\/1"/;
const HEAD_BYTES = 200;

/**
 * What reads this payload of a source system: its provider; for our own JSON (`format` first) and our own export, whatever the provider, we
 * do. null: its provider sends nothing of this type. Throws PROVIDER_UNKNOWN.
 */
export function readerOf(name: string, contentType: string, bytes: Uint8Array): Provider["read"] | null {
  const { content_types, read } = providerOf(name);
  if (csvProvider.content_types.includes(contentType) && isExportedCsv(bytes)) return readExportedCsv;
  if (contentType === "application/json" && CATA.test(fromUtf8(bytes.subarray(0, HEAD_BYTES)))) return cata.read;
  return content_types.includes(contentType) ? read : null;
}

/** Throws `AppError("PROVIDER_UNKNOWN")`, which lists the known ones. */
export function providerOf(name: string): Provider {
  const provider = Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined;
  if (provider === undefined) {
    throw new AppError("PROVIDER_UNKNOWN", { detail: `The providers known here are ${Object.keys(PROVIDERS).sort().join(", ")}.` });
  }
  return provider;
}
