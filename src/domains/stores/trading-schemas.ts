import { z } from "zod";
import { Id, Timestamp } from "../../platform/http/fields.ts";
import { WEEKDAYS } from "./opening-hours.ts";

const From = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day, as in 09:30");
const To = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "must be a time of day up to 24:00, as in 17:30");
const Windows = z
  .array(z.tuple([From, To]))
  .max(12, "must be at most 12 windows")
  .meta({ description: "From and to; one that does not end after it begins ends the next day. None: closed" });

const example = {
  weekly: {
    mon: [["11:00", "14:00"]],
    fri: [
      ["11:00", "14:00"],
      ["18:00", "02:00"],
    ],
  },
  exceptions: { "2026-12-25": [] },
};

export const Hours = z
  .strictObject({
    weekly: z
      .strictObject(
        Object.fromEntries(WEEKDAYS.map((day) => [day, Windows.optional()])) as Record<
          (typeof WEEKDAYS)[number],
          z.ZodOptional<typeof Windows>
        >,
      )
      .meta({ description: "Local wall time of the store's zone; a day that is not named is closed" }),
    exceptions: z
      .record(z.iso.date("must be a date, as in 2026-12-25"), Windows)
      .refine((dates) => Object.keys(dates).length <= 400, "must be at most 400 dates")
      .default({})
      .meta({ description: "By date: what holds instead of the weekday's" }),
  })
  .meta({ id: "OpeningHours", example });
export type Hours = z.output<typeof Hours>;

export const SetHours = z
  .strictObject({ hours: Hours.nullable().meta({ description: "null: always open" }) })
  .meta({ id: "SetOpeningHours", example: { hours: example } });

export const PauseStore = z
  .strictObject({ until: Timestamp.nullish().meta({ description: "When it ends by itself; without one: until further notice" }) })
  .meta({ id: "PauseStore", example: { until: "2036-11-20T12:00:00.000Z" } });
export type PauseStore = z.output<typeof PauseStore>;

export const StoreTrading = z
  .object({
    store_id: Id,
    state: z.enum(["open", "closed", "paused"]),
    next_change_at: Timestamp.nullable().meta({ description: "When the state may change by itself; null: not in sight" }),
    timezone: z.string(),
    hours: Hours.nullable().meta({ description: "null: always open" }),
    paused: z.boolean(),
    paused_until: Timestamp.nullable(),
  })
  .meta({
    id: "StoreTrading",
    example: {
      store_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11",
      state: "open",
      next_change_at: "2026-11-20T18:00:00.000Z",
      timezone: "Asia/Singapore",
      hours: example,
      paused: false,
      paused_until: null,
    },
  });
export type StoreTrading = z.infer<typeof StoreTrading>;
