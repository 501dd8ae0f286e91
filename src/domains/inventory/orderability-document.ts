import type { TradingState } from "../stores/index.ts";
import { ITEM_REASONS } from "./orderability-judgement.ts";

/** Every reason there is, the most lasting first: an item's own go before those of the whole store. */
export const REASONS = [...ITEM_REASONS, "store_paused", "store_closed"] as const;
export type Reason = (typeof REASONS)[number];

/** As `orderability_documents.items` has it, by variant: item_code, reason, snoozed_until_ms, reason_after. */
export type StoredItems = Record<string, [code: string, reason: Reason | null, snoozedUntilMs: number | null, reasonAfter: Reason | null]>;

export interface OrderabilityItem {
  variant_id: string;
  orderable: boolean;
  reason?: Reason;
  available?: number;
}

/** What stands against an item at `nowMs`: a snooze ends by time. The item's own reason goes before the store's, it lasts longer. */
export function reasonAt(
  own: { reason: Reason | null; snoozed_until_ms: number | null; reason_after: Reason | null },
  trading: TradingState["reason"],
  nowMs: number,
): Reason | null {
  const hasEnded = own.snoozed_until_ms !== null && own.snoozed_until_ms <= nowMs;
  return (hasEnded ? own.reason_after : own.reason) ?? trading;
}

export const itemOf = (variantId: string, reason: Reason | null): OrderabilityItem =>
  reason === null ? { variant_id: variantId, orderable: true } : { variant_id: variantId, orderable: false, reason };

/** The items by code, in the order of their codes, and when a snooze among them ends next. */
export function itemsAt(
  stored: StoredItems,
  trading: TradingState["reason"],
  nowMs: number,
): { items: [code: string, item: OrderabilityItem][]; next_change_at_ms: number | null } {
  let next: number | null = null;
  const items = Object.entries(stored).map(([variantId, [code, reason, snoozed_until_ms, reason_after]]): [string, OrderabilityItem] => {
    if (snoozed_until_ms !== null && snoozed_until_ms > nowMs) next = Math.min(next ?? snoozed_until_ms, snoozed_until_ms);
    return [code, itemOf(variantId, reasonAt({ reason, snoozed_until_ms, reason_after }, trading, nowMs))];
  });
  return { items: items.sort(([a], [b]) => (a < b ? -1 : 1)), next_change_at_ms: next };
}

/**
 * The answer's JSON text. Codes are members as they are: one that looks like a number keeps its place, which an object of JavaScript would not
 * give it.
 */
export const answerText = (about: { as_of: string; version: number }, items: readonly [string, OrderabilityItem][]): string =>
  `{"as_of":${JSON.stringify(about.as_of)},"version":${about.version},"items":{${items
    .map(([code, item]) => `${JSON.stringify(code)}:${JSON.stringify(item)}`)
    .join(",")}}}`;
