import { z } from "zod";

const quantity = z.number();
/** null: the variant is not tracked there. */
const figure = z.number().nullable();

const figures = { quantity_on_hand: figure, quantity_reserved: figure, quantity_available: figure };
const place = { location_id: z.string(), variant_id: z.string() };

/** The `data` of every event that the ledger emits, by event type. Figures are those after the unit of work. */
export const ledgerEvents = {
  "inventory.stock.adjusted": z.strictObject({
    movement_id: z.string(),
    ...place,
    movement_type: z.string(),
    /** null for a count, which has `quantity` instead. */
    quantity_delta: z.number().nullable(),
    quantity: z.number().nullable(),
    ...figures,
    reference_type: z.string().nullable(),
    reference_id: z.string().nullable(),
  }),
  "inventory.stock.reserved": z.strictObject({ order_id: z.string(), ...place, quantity, expires_at_ms: z.int().nullable(), ...figures }),
  "inventory.stock.released": z.strictObject({
    order_id: z.string(),
    ...place,
    quantity,
    reason: z.enum(["released", "expired"]),
    ...figures,
  }),
  "inventory.stock.committed": z.strictObject({
    order_id: z.string(),
    ...place,
    quantity,
    /** Reserved and not taken. */
    quantity_freed: quantity,
    ...figures,
  }),
  "incident.created": z.strictObject({
    incident_id: z.string(),
    kind: z.literal("stock_drift"),
    summary: z.string(),
    /** The first hundred. */
    places: z.array(
      z.strictObject({
        ...place,
        stored_on_hand: figure,
        stored_reserved: figure,
        ledger_on_hand: quantity,
        ledger_reserved: quantity,
      }),
    ),
  }),
};

/** The members of a position's figures in an event's data, of `stock_positions AS p` or of no position. */
export const FIGURES_SQL = `'quantity_on_hand', p.on_hand_e4 / 10000.0, 'quantity_reserved', p.reserved_e4 / 10000.0,
  'quantity_available', p.available_e4 / 10000.0`;
