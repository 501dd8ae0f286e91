import { AppError } from "../../../kernel/errors.ts";
import { takingTurns } from "../../../kernel/steps.ts";
import type { CanonicalCatalog } from "../canonical.ts";
import { providerOf, readerOf } from "../providers/index.ts";
import type { PayloadTable } from "../providers/provider.ts";
import type { SourceSystem } from "../source-systems.ts";
import type { ProductContext } from "./decide-products.ts";
import { splitChunks } from "./split-chunks.ts";

/** A payload made ready: what every run of it does, in the same order. */
export interface IngestionPlan {
  source: SourceSystem;
  chunks: CanonicalCatalog[];
  /** The payload as it came, where it is a table. */
  table: PayloadTable | null;
  /** Rows of the payload, counted in variants. */
  received: number;
  /** What is certainly not missing, though a row of it may have failed. */
  offered: { external_ids: ReadonlySet<string>; item_codes: ReadonlySet<string> };
  /** Rows that failed and name no item code: what they are of may be anything that we have. */
  unnamed_errors: number;
  offered_groups: ProductContext["offered_groups"];
  /** Whether what the payload does not hold is to be hidden: asked for, and the payload is more than counts of stock. */
  hides_missing: boolean;
  /** The caller has seen how much would be hidden. */
  confirm: boolean;
}

export function notSent({ name, provider }: SourceSystem): AppError {
  const types = providerOf(provider).content_types.join(" or ");
  return new AppError("UNSUPPORTED_MEDIA_TYPE", { detail: `Source system "${name}" takes ${types}: its provider is ${provider}.` });
}

/** Maps and splits a payload. Throws PAYLOAD_UNREADABLE where it is not the provider's, BAD_JSON where it is not even JSON, UNSUPPORTED_MEDIA_TYPE. */
export async function planIngestion(
  source: SourceSystem,
  payload: Uint8Array,
  contentType: string,
  tenantCurrency: string,
  confirm: boolean,
): Promise<IngestionPlan> {
  const context = { currency: source.settings.currency ?? tenantCurrency };
  const read = readerOf(source.provider, contentType, payload);
  if (!read) throw notSent(source);
  const { catalog, table } = await takingTurns(read(payload, context, source.settings), () => scheduler.wait(0));
  const variants = catalog.products.flatMap((product) => product.variants);
  const errorCodes = catalog.row_errors.flatMap(({ item_code }) => item_code ?? []);
  const received = variants.length + catalog.row_errors.length;
  return {
    source,
    chunks: splitChunks(catalog, table?.bytesOf),
    table,
    received,
    offered: {
      external_ids: new Set(variants.map(({ external_id }) => external_id)),
      item_codes: new Set([...variants.map(({ item_code }) => item_code), ...errorCodes]),
    },
    unnamed_errors: catalog.row_errors.length - errorCodes.length,
    offered_groups: new Map(catalog.modifier_groups.map((group) => [group.external_id, group])),
    hides_missing: source.settings.on_missing === "hide" && (received > 0 || catalog.stock.length === 0),
    confirm,
  };
}

/** What a chunk's decision knows beside the chunk and the state. */
export const productContext = (plan: IngestionPlan, newId: () => string): ProductContext => ({
  source_system_id: plan.source.id,
  source_name: plan.source.name,
  offered: plan.offered.external_ids,
  offered_groups: plan.offered_groups,
  newId,
});
