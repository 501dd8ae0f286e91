import type { StorefrontItem, StorefrontModifierGroup } from "../domains/menu/index.ts";
import { formatPrice, formatPriceDelta } from "./format-price.ts";
import type { MenuCard } from "./menu-card.ts";
import { modifierRule } from "./modifier-rule.ts";
import type { PageLocale } from "./page-locale.ts";
import { allergenLabel, type PageMessages } from "./page-messages.ts";
import { monogram, readableLabel } from "./readable-label.ts";
import { safeImageUrl } from "./safe-image-url.ts";

/** What every part of a menu page needs to speak to one customer. */
export interface MenuContext {
  locale: PageLocale;
  currency: string;
  messages: PageMessages;
  /** Marks the page's own words where they are in another language than the menu. */
  own_words: { lang?: string; dir?: "ltr" | "rtl" };
  list: Intl.ListFormat;
  number: Intl.NumberFormat;
  /** Why items cannot be ordered, by code, where the page knows it when it is made; else its script asks. */
  gone?: ReadonlyMap<string, string>;
}

function Gone({ code, context: { gone, messages, own_words } }: { code: string; context: MenuContext }) {
  const reason = gone?.get(code);
  if (reason === undefined) return null;
  const words: Record<string, string> = messages.reasons;
  return (
    <span class="gone" {...own_words}>
      {words[reason] ?? messages.reasons.hidden}
    </span>
  );
}

const GRID_PIXELS = 320;
const LIST_PIXELS = 96;

/** How many pictures are on the first screen at most; they are not waited for, the others load as they come near. */
const EARLY_PICTURES = 4;

/** Where a card stands, both counted from 0. */
export interface CardPlace {
  category: number;
  card: number;
}

function loadingOf({ category, card }: CardPlace): { loading?: "lazy"; fetchpriority?: "high" } {
  if (category > 0 || card >= EARLY_PICTURES) return { loading: "lazy" };
  return card === 0 ? { fetchpriority: "high" } : {};
}

function Tile({ item, title, view_type, place }: { item: StorefrontItem; title: string; view_type: "LIST" | "GRID"; place: CardPlace }) {
  const src = safeImageUrl(item.image_url);
  const pixels = view_type === "GRID" ? GRID_PIXELS : LIST_PIXELS;
  // Hidden from assistive technology: the name stands right beside it. The empty alt also keeps a failed picture from
  // showing a broken icon without JavaScript.
  return (
    <div class="tile" data-m={monogram(title)} aria-hidden="true">
      {src === null ? null : <img src={src} alt="" width={pixels} height={pixels} {...loadingOf(place)} decoding="async" />}
    </div>
  );
}

function ModifierGroup({ group, context }: { group: StorefrontModifierGroup; context: MenuContext }) {
  const { currency, locale, messages, number, own_words } = context;
  return (
    <>
      <h4>
        <bdi>{group.name}</bdi> <small {...own_words}>{modifierRule(group, messages, (count) => number.format(count))}</small>
      </h4>
      <ul>
        {group.options.map((option) => (
          <li>
            <span>
              <bdi>{option.name}</bdi> {option.default ? <small {...own_words}>{messages.default_choice}</small> : null}
            </span>
            {option.price === 0 ? null : <b>{formatPriceDelta(option.price, currency, locale.tag)}</b>}
          </li>
        ))}
      </ul>
    </>
  );
}

/** An item or a product's variants: names, prices and what a person must know are open, the modifiers fold away. */
export function MenuItem(props: {
  card: MenuCard;
  place: CardPlace;
  view_type: "LIST" | "GRID";
  with_tile: boolean;
  context: MenuContext;
}) {
  const { card, place, view_type, with_tile, context } = props;
  const { title, item, choices } = card;
  const { currency, list, locale, messages, number, own_words } = context;
  const groups = item.modifier_groups.filter((group) => group.options.length > 0);
  const allergens = item.allergens.map((allergen) => allergenLabel(allergen, messages));
  const headingId = `item-${place.category + 1}-${place.card + 1}`;
  const codes = choices.length > 0 ? choices.map(({ code }) => code) : [item.code];
  const kind = with_tile ? "item has-tile" : "item";
  const lonePrice = choices.length > 0 ? null : <span class="price">{formatPrice(item.price, currency, locale.tag)}</span>;
  return (
    <li class={codes.every((code) => context.gone?.has(code)) ? `${kind} out` : kind}>
      <div>
        <h3 id={groups.length > 0 ? headingId : undefined}>
          <bdi>{title}</bdi>
        </h3>
        {item.description ? (
          <p class="desc">
            <bdi>{item.description}</bdi>
          </p>
        ) : null}
        {choices.length > 0 ? (
          <ul class="choices">
            {choices.map((choice) => (
              <li data-code={choice.code}>
                <bdi>{choice.name}</bdi> <span class="price">{formatPrice(choice.price, currency, locale.tag)}</span>
                <Gone code={choice.code} context={context} />
              </li>
            ))}
          </ul>
        ) : null}
        {lonePrice !== null || item.tags.length > 0 ? (
          <p class="meta" data-code={lonePrice === null ? undefined : item.code}>
            {lonePrice}
            {item.tags.map((tag) => (
              <span class="tag">{readableLabel(tag)}</span>
            ))}
            {lonePrice === null ? null : <Gone code={item.code} context={context} />}
          </p>
        ) : null}
        {item.bundle.length > 0 ? (
          <p class="fact">
            <b {...own_words}>{messages.includes}</b>{" "}
            {list.format(item.bundle.map((part) => `${number.format(part.quantity)} × ${part.name}`))}
          </p>
        ) : null}
        {allergens.length > 0 ? (
          <p class="fact" {...own_words}>
            <b>{messages.contains}</b> {list.format(allergens)}
          </p>
        ) : null}
        {groups.length > 0 ? (
          <details class="more">
            {/* "Options" stands on many cards: the description tells a screen reader's user of which item these are. */}
            <summary aria-describedby={headingId}>
              <b {...own_words}>{messages.options}</b> <span>{list.format(groups.map((group) => group.name))}</span>
            </summary>
            {groups.map((group) => (
              <ModifierGroup group={group} context={context} />
            ))}
          </details>
        ) : null}
      </div>
      {with_tile ? <Tile item={item} title={title} view_type={view_type} place={place} /> : null}
    </li>
  );
}
