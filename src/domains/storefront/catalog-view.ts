import { quantityFromE4 } from "../../kernel/quantity.ts";

/** Of a row of `orderability_projection`: what stands against an item by itself. */
export interface OrderabilityRow {
  reason_code: string | null;
  /** null: not counted there. */
  available_e4: number | null;
  /** Of a snooze that ends by itself, and what stands against the item then. */
  snoozed_until_ms: number | null;
  reason_after: string | null;
}

/** `reason` where it cannot be ordered, `available` where it is counted. */
export interface ItemOrderability {
  orderable: boolean;
  reason?: string;
  available?: number;
}

/** What may be told of an item now. Its own reason goes before the store's, which passes by itself; without a row (no members) nothing stands against it. */
export function itemOrderability(row: Partial<OrderabilityRow>, storeReason: string | null, nowMs: number): ItemOrderability {
  const until = row.snoozed_until_ms ?? null;
  const snoozeEnded = row.reason_code === "snoozed" && until !== null && until <= nowMs;
  const reason = (snoozeEnded ? row.reason_after : row.reason_code) ?? storeReason;
  const available = row.available_e4 ?? null;
  return {
    orderable: reason === null,
    ...(reason === null ? {} : { reason }),
    ...(available === null ? {} : { available: quantityFromE4(available) }),
  };
}

/** An item of the menu as it is read: `head` is its JSON without the closing brace, the lists as `items_flat` has them. */
export interface MenuRow {
  variant_id: string;
  head: string;
  modifier_groups: string;
  bundle: string;
}

interface FlatGroup {
  id: string;
  min: number;
  max: number | null;
  name: string;
  options: { id: string; name: string; price_minor: number; code: string | null; default: boolean }[];
}

function groupsJson(text: string): string {
  if (text === "[]") return text;
  const groups = (JSON.parse(text) as FlatGroup[]).map(({ id, name, min, max, options }) => ({
    id,
    name,
    min,
    max,
    options: options.map((option) => ({
      id: option.id,
      name: option.name,
      price: option.price_minor,
      code: option.code,
      default: option.default,
    })),
  }));
  return JSON.stringify(groups);
}

function bundleJson(text: string): string {
  if (text === "[]") return text;
  const parts: { code: string; name: string; quantity_e4: number }[] = JSON.parse(text);
  return JSON.stringify(parts.map(({ code, name, quantity_e4 }) => ({ code, name, quantity: quantityFromE4(quantity_e4) })));
}

/** The JSON of one item: the menu's part as the database wrote it, and what may be told of its orderability. */
export function itemJson({ head, modifier_groups, bundle }: MenuRow, { orderable, reason, available }: ItemOrderability): string {
  const why = reason === undefined ? "" : `,"reason":${JSON.stringify(reason)}`;
  const left = available === undefined ? "" : `,"available":${available}`;
  return `${head},"modifier_groups":${groupsJson(modifier_groups)},"bundle":${bundleJson(bundle)},"orderable":${orderable}${why}${left}}`;
}
