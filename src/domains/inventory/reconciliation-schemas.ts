import { z } from "zod";
import { Id, ItemCode, Timestamp } from "../../platform/http/fields.ts";
import { Counted, named, namesOneVariant, ONE_NAME, place } from "./schemas.ts";

export const CreateReconciliation = z
  .strictObject({
    location_id: Id,
    from: Timestamp,
    to: Timestamp,
    counts: z
      .array(z.strictObject({ ...named, quantity: Counted }).refine(namesOneVariant, ONE_NAME))
      .min(1, "must not be empty; leave it out instead")
      .max(5_000, "must be at most 5000")
      .optional()
      .meta({
        description: "What was counted at the end; only these variants are shown then. Without it: what the ledger's counts came to",
      }),
    limit: z.int().min(1).max(5_000).default(5_000),
    cursor: Id.optional().meta({ description: "next_cursor of the part before" }),
  })
  .refine(({ from, to }) => from < to, { path: ["to"], message: "must be later than from" })
  .meta({
    id: "CreateReconciliation",
    example: {
      location_id: place.location_id,
      from: "2026-11-19T00:00:00.000Z",
      to: "2026-11-20T00:00:00.000Z",
      counts: [{ item_code: "LATTE-M", quantity: 12 }],
    },
  });
export type CreateReconciliation = z.output<typeof CreateReconciliation>;

export const Reconciliation = z
  .object({
    location_id: Id,
    from: Timestamp,
    to: Timestamp,
    data: z.array(
      z.object({
        variant_id: Id,
        item_code: ItemCode,
        opening: z.number(),
        purchases: z.number(),
        sales: z.number(),
        returns: z.number(),
        waste: z.number(),
        adjustments: z.number(),
        transfers: z.number(),
        expected: z.number(),
        counted: z.number().nullable(),
        variance: z.number().nullable(),
      }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({
    id: "Reconciliation",
    description:
      "Each figure as it changed the stock, so sales and waste are negative and `opening` to `transfers` add up to `expected`. `variance` is `counted - expected`; both null where nobody counted",
    example: {
      location_id: place.location_id,
      from: "2026-11-19T00:00:00.000Z",
      to: "2026-11-20T00:00:00.000Z",
      data: [
        {
          variant_id: place.variant_id,
          item_code: "LATTE-M",
          opening: 10,
          purchases: 24,
          sales: -18,
          returns: 0,
          waste: -1,
          adjustments: 0,
          transfers: -2,
          expected: 13,
          counted: 12,
          variance: -1,
        },
      ],
      next_cursor: null,
    },
  });
