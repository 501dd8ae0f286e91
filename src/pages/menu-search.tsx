import type { FoundItem } from "../domains/storefront/index.ts";
import { menuCards } from "./menu-card.ts";
import { type MenuContext, MenuItem } from "./menu-item.tsx";

/** What was looked for, and what was found, best first. */
export interface MenuSearch {
  query: string;
  items: FoundItem[];
}

/** The longest text that is looked for. */
export const QUERY_LENGTH = 200;

/** A form that asks for the same page with `?q=`, so that it needs no JavaScript. */
export function SearchForm({ action, query, context }: { action: string; query: string; context: MenuContext }) {
  const { messages, own_words } = context;
  return (
    <search class="find" {...own_words}>
      <form method="get" action={action}>
        <input
          type="search"
          name="q"
          value={query}
          maxlength={QUERY_LENGTH}
          aria-label={messages.search_menu}
          placeholder={messages.search_menu}
          enterkeyhint="search"
          autocomplete="off"
        />
        <button type="submit">{messages.search}</button>
      </form>
    </search>
  );
}

/** Why each item that cannot be ordered cannot, by code. */
export const reasonsOf = ({ items }: MenuSearch): Map<string, string> =>
  new Map(items.flatMap(({ code, orderable, reason }) => (orderable ? [] : [[code, reason ?? "hidden"] as const])));

/** In place of the menu: what was found, or that nothing was, and the way back. */
export function SearchResults({ search, whole_menu, context }: { search: MenuSearch; whole_menu: string; context: MenuContext }) {
  const { messages, own_words } = context;
  const { items, query } = search;
  return (
    <section class="t0" aria-labelledby="found">
      <h2 id="found">
        <span {...own_words}>{items.length > 0 ? messages.found_for : messages.found_nothing_for}</span> <bdi>{query}</bdi>
      </h2>
      {items.length > 0 ? null : <p {...own_words}>{messages.found_nothing_hint}</p>}
      <a class="eyebrow" href={whole_menu} {...own_words}>
        {messages.whole_menu}
      </a>
      {items.length > 0 ? (
        <ul class="list">
          {menuCards(items).map((card, index) => (
            <MenuItem card={card} place={{ category: 0, card: index }} view_type="LIST" with_tile={true} context={context} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}
