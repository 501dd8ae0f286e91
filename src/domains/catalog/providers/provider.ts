import { fromUtf8 } from "../../../kernel/bytes.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { Steps } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, ProviderContext, ProviderMapper } from "../canonical.ts";
import type { CsvSettings } from "./csv-columns.ts";
import type { JsonSettings } from "./json-fields.ts";

/** What a source system was told about its payloads. */
export type ProviderSettings = CsvSettings & JsonSettings;

/** A payload that came as a table, so that a row which was not taken can be given back as it came. */
export interface PayloadTable {
  delimiter: string;
  header: string[];
  /** How long the row at this position is in the payload; 0 where there is none. */
  bytesOf(position: string): number;
  /** The row's cells; null where there is none. */
  cellsOf(position: string): string[] | null;
}

export interface ReadPayload {
  catalog: CanonicalCatalog;
  /** null for a payload that is no table. */
  table: PayloadTable | null;
}

export interface Provider {
  /** What its payloads are sent as. */
  content_types: readonly string[];
  /** A row that cannot be read becomes a `RowError`. Throws PAYLOAD_UNREADABLE where the whole cannot, and BAD_JSON. */
  read(bytes: Uint8Array, context: ProviderContext, settings: ProviderSettings): Steps<ReadPayload>;
}

/** A provider whose payloads are JSON. */
export const jsonProvider = (map: ProviderMapper): Provider => ({
  content_types: ["application/json"],
  *read(bytes, context, { image_base_url }) {
    return { catalog: yield* map(parseJson(bytes), { ...context, image_base_url }), table: null };
  },
});

/** Throws BAD_JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    throw new AppError("BAD_JSON");
  }
}
