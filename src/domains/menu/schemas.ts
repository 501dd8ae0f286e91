import { z } from "zod";
import { CurrencyCode, Id, ItemCode, Name, pageOf, Timestamp } from "../../platform/http/fields.ts";
import { DRAFT_LIMITS, reportDuplicateItems, reportDuplicateSections, reportTwoPrices } from "./draft-rules.ts";

const SectionName = Name.meta({ description: "Unique in its draft; also the storefront's category", example: "Coffee" });
const DisplayType = z.enum(["list", "grid"]).meta({ example: "list" });
const Provider = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,59}$/, "must be small letters, digits, - and _")
  .meta({ description: "Whose categories the sections become", example: "servery" });

/** As `PriceMinor`, but not z.int(): its refusal would keep the rules over the whole draft from being checked. */
const DraftPrice = z
  .number()
  .refine(Number.isSafeInteger, "must be a whole number of minor units")
  .min(0, "must not be negative")
  .max(1_000_000_000_000)
  .nullish()
  .meta({
    type: "integer",
    description: "What the customer pays, minor units of the draft's currency. Without one the draft is kept but cannot be published",
    example: 650,
  });

const DraftItem = z.strictObject({ item_code: ItemCode, price: DraftPrice });

const DraftSection = z.strictObject({
  name: SectionName,
  display_type: DisplayType.default("list"),
  items: z
    .array(DraftItem)
    .max(DRAFT_LIMITS.items_per_section, `must be at most ${DRAFT_LIMITS.items_per_section} items`)
    // Problems of single fields must not hide these: everything is told at once.
    .superRefine(reportDuplicateItems, { when: ({ value }) => Array.isArray(value) }),
});

const draftExample = {
  name: "Weekday menu",
  currency: "SGD",
  sections: [{ name: "Coffee", display_type: "grid", items: [{ item_code: "LATTE-M", price: 650 }] }],
};

export const SaveDraft = z
  .strictObject({
    name: Name.meta({ example: "Weekday menu" }),
    currency: CurrencyCode,
    provider: Provider.default("servery"),
    sections: z
      .array(DraftSection)
      .max(DRAFT_LIMITS.sections, `must be at most ${DRAFT_LIMITS.sections} sections`)
      .superRefine(reportDuplicateSections, { when: ({ value }) => Array.isArray(value) })
      .superRefine(reportTwoPrices, { when: ({ value }) => Array.isArray(value) }),
  })
  .meta({ id: "SaveDraft", example: draftExample });
export type SaveDraft = z.output<typeof SaveDraft>;

export const DraftProblem = z.object({
  path: z.string().meta({ example: "sections.0.items.2" }),
  item_code: z.string(),
  reason: z.enum(["item_unknown", "hidden", "price_missing"]),
  message: z.string(),
});

const draftId = Id;

export const Draft = z
  .object({
    id: draftId,
    name: z.string(),
    currency: z.string(),
    provider: z.string(),
    revision: z.int().meta({ description: "Raised by every change" }),
    sections: z.array(
      z.object({
        name: z.string(),
        display_type: DisplayType,
        items: z.array(z.object({ item_code: z.string(), price: z.int().nullable() })),
      }),
    ),
    problems: z.array(DraftProblem).meta({
      description:
        "What would keep a publish from taking these items now: `item_unknown` and `price_missing` fail it, `hidden` is left out",
    }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({
    id: "Draft",
    example: {
      id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a21",
      provider: "servery",
      revision: 1,
      ...draftExample,
      problems: [],
      created_at: "2026-11-20T09:30:00.000Z",
      updated_at: "2026-11-20T09:30:00.000Z",
    },
  });
export type Draft = z.infer<typeof Draft>;

export const DraftSummary = z
  .object({
    id: draftId,
    name: z.string(),
    currency: z.string(),
    provider: z.string(),
    revision: z.int(),
    section_count: z.int(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: "DraftSummary" });
export const DraftPage = pageOf(DraftSummary).meta({ id: "DraftPage" });

/** An id that a publish names. Not checked for its form: one that cannot exist is answered like one that does not. */
const NamedId = z
  .string()
  .min(1, "must not be empty")
  .max(100, "must be at most 100 characters")
  .meta({ example: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a21" });
const MOST_DRAFTS = 50;
const MOST_STORES = 1_000;

const namedIds = (most: number) =>
  z
    .array(NamedId)
    .min(1, "must name at least one")
    .max(most, `must name at most ${most}`)
    .refine((ids) => new Set(ids).size === ids.length, "must not name one twice");

export const StartPublish = z
  .strictObject({
    draft_ids: namedIds(MOST_DRAFTS).optional().meta({ description: "The live set of each store from now on, in this order" }),
    publish_id: NamedId.optional().meta({ description: "Instead of draft_ids: bring back what this publish made live" }),
    store_ids: namedIds(MOST_STORES).optional().meta({ description: "May be left out with publish_id: then the stores of that publish" }),
  })
  .superRefine(({ draft_ids, publish_id, store_ids }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if (draft_ids && publish_id !== undefined) refuse("publish_id", "must not be given beside draft_ids");
    if (!draft_ids && publish_id === undefined) refuse("draft_ids", "is needed, or publish_id to roll back");
    if (!store_ids && publish_id === undefined) refuse("store_ids", "is needed");
  })
  .meta({
    id: "StartPublish",
    example: { draft_ids: ["019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a21"], store_ids: ["019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11"] },
  });
export type StartPublish = z.output<typeof StartPublish>;

const STATUSES = ["queued", "regenerating", "live", "failed", "unchanged", "superseded"] as const;
export type PublishStatus = (typeof STATUSES)[number];

export const StartedPublish = z.object({ publish_id: Id, stores: z.array(z.object({ store_id: Id, status: z.enum(STATUSES) })) }).meta({
  id: "StartedPublish",
  example: {
    publish_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a31",
    stores: [{ store_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11", status: "queued" }],
  },
});

const FailureReason = z.object({
  reason: z.enum(["item_unknown", "price_missing", "currency_mismatch"]),
  menu: z.string(),
  section: z.string().optional(),
  item_code: z.string().optional(),
  message: z.string(),
});

const LeftOutItem = z.object({
  item_code: z.string(),
  menu: z.string(),
  section: z.string(),
  reason: z.enum(["hidden", "in_earlier_menu"]),
});

export const PublishedStore = z.object({
  store_id: Id,
  status: z.enum(STATUSES).meta({
    description:
      "`live`: the replica that answered serves it. `unchanged`: it is what the store already showed. `failed`: the store keeps its old menu whole. " +
      "`superseded`: a newer publish of this store came first",
  }),
  menu_version: z.int().nullable().meta({ description: "The version the store's storefront is at" }),
  reasons: z.array(FailureReason),
  left_out: z.array(LeftOutItem),
});
export type PublishedStore = z.infer<typeof PublishedStore>;

export const Publish = z
  .object({ publish_id: Id, rollback_of: Id.nullable(), created_at: Timestamp, stores: z.array(PublishedStore) })
  .meta({
    id: "Publish",
    example: {
      publish_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a31",
      rollback_of: null,
      created_at: "2026-11-20T09:30:00.000Z",
      stores: [{ store_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11", status: "live", menu_version: 3, reasons: [], left_out: [] }],
    },
  });
export type Publish = z.infer<typeof Publish>;

export const PublishSummary = z
  .object({ publish_id: Id, rollback_of: Id.nullable(), created_at: Timestamp, store_count: z.int() })
  .meta({ id: "PublishSummary" });
export const PublishPage = pageOf(PublishSummary).meta({ id: "PublishPage" });

export const Regenerate = z
  .strictObject({ store_id: NamedId })
  .meta({ id: "Regenerate", example: { store_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11" } });

export const Regenerating = z.object({ store_id: Id, status: z.literal("queued") }).meta({
  id: "Regenerating",
  example: { store_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11", status: "queued" },
});
