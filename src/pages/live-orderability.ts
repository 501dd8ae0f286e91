import type { StorefrontDocument } from "../domains/menu/index.ts";
import type { MenuContext } from "./menu-item.tsx";

/** What the page's script needs to show what cannot be ordered: where to ask, and the words for each reason. */
export const liveOrderability = ({ store }: StorefrontDocument, { messages, own_words }: Pick<MenuContext, "messages" | "own_words">) => ({
  "data-orderability": `/api/v1/stores/${encodeURIComponent(store.id)}/orderability?only=unorderable`,
  "data-reasons": JSON.stringify(messages.reasons),
  "data-lang": own_words.lang,
});
