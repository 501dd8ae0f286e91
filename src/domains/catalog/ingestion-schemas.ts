import { z } from "zod";
import { Id, pageOf, Timestamp } from "../../platform/http/fields.ts";

const count = z.int().min(0);
const entity = z.object({ inserted: count, updated: count, unchanged: count });
const offered = z.union([z.string(), z.number()]).nullable();

const summary = {
  id: Id.nullable().meta({ description: "null for a dry run, which leaves no trace" }),
  source_system_id: Id,
  status: z.enum(["queued", "running", "completed", "failed", "needs_confirmation"]),
  dry_run: z.boolean(),
  received: count.meta({ description: "Variants; inserted + updated + unchanged + failed once the run has ended" }),
  inserted: count,
  updated: count,
  unchanged: count,
  failed: count,
  held: count.meta({ description: "Fields that are ours and stayed as they are" }),
  hidden: count.meta({ description: "Variants that stopped being visible" }),
  unchanged_older: count.meta({ description: "Of the unchanged: what came was older than what was applied" }),
  by_entity: z.object({ category: entity, modifier_group: entity, product: entity, variant: entity }),
  stock: z.object({ stated: count, changed: count, left_out: count }).meta({
    description: "What it said of stock: all, what was news and is counted into the ledger, and what is of no known place or variant",
  }),
  failure: z.string().nullable().meta({ description: "Why it failed or needs confirmation" }),
  progress: z.object({ chunks: count, chunks_done: count }),
  started_at: Timestamp,
  completed_at: Timestamp.nullable(),
};

const none = { inserted: 0, updated: 0, unchanged: 0 };
const summaryExample = {
  id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11",
  source_system_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a12",
  status: "completed",
  dry_run: false,
  received: 27,
  inserted: 0,
  updated: 0,
  unchanged: 26,
  failed: 1,
  held: 1,
  hidden: 0,
  unchanged_older: 0,
  by_entity: { category: none, modifier_group: none, product: none, variant: { ...none, unchanged: 26 } },
  stock: { stated: 0, changed: 0, left_out: 0 },
  failure: null,
  progress: { chunks: 1, chunks_done: 1 },
  started_at: "2026-11-20T09:30:00.000Z",
  completed_at: "2026-11-20T09:30:01.000Z",
};

export const IngestionSummary = z.object(summary).meta({ id: "IngestionSummary", example: summaryExample });
export const IngestionPage = pageOf(IngestionSummary).meta({ id: "IngestionPage" });

const more = z.boolean().meta({ description: "Only the first 1,000 are listed; the counts are complete" });

export const Ingestion = z
  .object({
    ...summary,
    images: z
      .object({ pending: count, copied: count, unchanged: count, refused: count, failed: count })
      .meta({ description: "Products whose image this run wants copied; one that a later run wants again counts there" }),
    held_fields: z.array(z.object({ item_code: z.string(), field: z.string(), kept: offered, offered })),
    held_fields_truncated: more,
    errors: z.array(z.object({ position: z.string(), item_code: z.string().nullable(), reason: z.string(), message: z.string() })),
    errors_truncated: more,
    left_alone: z.array(z.object({ item_code: z.string(), reason: z.string(), message: z.string() })),
    left_alone_truncated: more,
  })
  .meta({
    id: "Ingestion",
    example: {
      ...summaryExample,
      images: { pending: 2, copied: 20, unchanged: 1, refused: 1, failed: 0 },
      held_fields: [{ item_code: "LATTE-M", field: "name", kept: "House latte", offered: "Latte" }],
      held_fields_truncated: false,
      errors: [{ position: "products[4]", item_code: "TEA", reason: "PRICE_NEGATIVE", message: "price must not be negative" }],
      errors_truncated: false,
      left_alone: [],
      left_alone_truncated: false,
    },
  });
export type Ingestion = z.infer<typeof Ingestion>;
