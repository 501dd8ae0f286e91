import type { StorefrontModifierGroup } from "../domains/menu/index.ts";
import type { PageMessages } from "./page-messages.ts";

/** How many options a customer must or may choose, in words: "Choose 1", "Optional, up to 3". */
export function modifierRule(
  group: Pick<StorefrontModifierGroup, "min" | "max">,
  messages: PageMessages,
  formatCount: (count: number) => string,
): string {
  const { min, max } = group;
  if (min <= 0) return max === null ? messages.optional : messages.optional_up_to(formatCount(max));
  if (max === null) return messages.choose_at_least(formatCount(min));
  return max <= min ? messages.choose(formatCount(min)) : messages.choose_between(formatCount(min), formatCount(max));
}
