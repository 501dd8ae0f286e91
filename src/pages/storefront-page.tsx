import type { StorefrontCategory, StorefrontDocument } from "../domains/menu/index.ts";
import { formatAddress } from "./format-address.ts";
import { liveOrderability } from "./live-orderability.ts";
import { menuCards } from "./menu-card.ts";
import { type MenuContext, MenuItem } from "./menu-item.tsx";
import { type MenuSearch, reasonsOf, SearchForm, SearchResults } from "./menu-search.tsx";
import { renderDocument } from "./page-document.tsx";
import { pageLocale } from "./page-locale.ts";
import { pageMessages } from "./page-messages.ts";
import { safeImageUrl } from "./safe-image-url.ts";
import { storefrontScript } from "./storefront-script.ts";
import { storefrontStyle } from "./storefront-style.ts";

export interface StorefrontPageOptions {
  tenant_name: string;
  /** All stores of the tenant, for the switcher; the document's own may be among them. */
  stores: { id: string; name: string }[];
  /** What the menu was searched for: it is shown in place of the menu. */
  search?: MenuSearch | undefined;
}

const TONES = 6;
/** From here on laying out every item at once takes the browser more time than a guest has. */
const LONG_MENU_ITEMS = 500;
const storePath = (storeId: string): string => `/stores/${encodeURIComponent(storeId)}`;
const anchor = (category: StorefrontCategory): string => `category-${category.id}`;

function StoreHeader({
  document,
  options,
  context,
}: {
  document: StorefrontDocument;
  options: StorefrontPageOptions;
  context: MenuContext;
}) {
  const address = formatAddress(document.store.address, context.locale.region);
  return (
    <header class="top">
      <div class="wrap">
        <a class="eyebrow" href="/">
          <bdi>{options.tenant_name}</bdi>
        </a>
        <h1>
          <bdi>{document.store.name}</bdi>
        </h1>
        {address === null ? null : (
          <address>
            <bdi>{address}</bdi>
          </address>
        )}
        {options.stores.length > 1 ? (
          <details class="stores">
            <summary {...context.own_words}>{context.messages.change_store}</summary>
            <ul>
              {options.stores.map((store) => (
                <li>
                  <a href={storePath(store.id)} aria-current={store.id === document.store.id ? "page" : undefined}>
                    <bdi>{store.name}</bdi>
                  </a>
                </li>
              ))}
            </ul>
          </details>
        ) : null}
        {document.categories.length > 0 ? (
          <SearchForm action={storePath(document.store.id)} query={options.search?.query ?? ""} context={context} />
        ) : null}
      </div>
    </header>
  );
}

function CategoryNav({ categories, label }: { categories: StorefrontCategory[]; label: string }) {
  return (
    <nav class="cats" aria-label={label}>
      <ul>
        {categories.map((category) => (
          <li>
            <a href={`#${encodeURIComponent(anchor(category))}`}>
              <bdi>{category.name}</bdi>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Category({ category, index, context }: { category: StorefrontCategory; index: number; context: MenuContext }) {
  // A list without a single picture reads better as plain text than as a column of empty tiles.
  const withTiles = category.view_type === "GRID" || category.items.some((item) => safeImageUrl(item.image_url) !== null);
  const headingId = `heading-${index + 1}`;
  return (
    <section id={anchor(category)} class={`t${index % TONES}`} aria-labelledby={headingId}>
      <h2 id={headingId}>
        <bdi>{category.name}</bdi>
      </h2>
      <ul class={category.view_type === "GRID" ? "grid" : "list"}>
        {menuCards(category.items).map((card, cardIndex) => (
          <MenuItem
            card={card}
            place={{ category: index, card: cardIndex }}
            view_type={category.view_type}
            with_tile={withTiles}
            context={context}
          />
        ))}
      </ul>
    </section>
  );
}

function EmptyMenu({ document, options, context }: { document: StorefrontDocument; options: StorefrontPageOptions; context: MenuContext }) {
  const { messages, own_words } = context;
  const others = options.stores.filter((store) => store.id !== document.store.id);
  return (
    <div class="empty">
      <svg viewBox="0 0 64 64" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" aria-hidden="true">
        <path d="M8 48h48M12 42a20 20 0 0 1 40 0zM32 22v-5M28 17h8" />
      </svg>
      <div {...own_words}>
        <h2>{messages.empty_title}</h2>
        <p>{messages.empty_detail}</p>
        <p>{messages.empty_merchant}</p>
      </div>
      {others.length > 0 ? (
        <>
          <h3 {...own_words}>{messages.other_stores}</h3>
          <ul>
            {others.map((store) => (
              <li>
                <a href={storePath(store.id)}>
                  <bdi>{store.name}</bdi>
                </a>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </div>
  );
}

function updatedAt(document: StorefrontDocument, locale: string): string {
  const at = new Date(document.as_of);
  const style = { dateStyle: "medium", timeStyle: "short" } as const;
  try {
    return new Intl.DateTimeFormat(locale, { ...style, timeZone: document.store.timezone }).format(at);
  } catch {
    // A zone this runtime does not know must not cost the page.
    return new Intl.DateTimeFormat(locale, { ...style, timeZone: "UTC" }).format(at);
  }
}

function MenuFooter({ document, context }: { document: StorefrontDocument; context: MenuContext }) {
  const { locale, messages, own_words } = context;
  return (
    <footer>
      <div class="wrap">
        <p {...own_words}>{messages.allergen_note}</p>
        <p {...own_words}>
          {messages.menu_updated} <time datetime={document.as_of}>{updatedAt(document, locale.tag)}</time>
        </p>
      </div>
    </footer>
  );
}

/**
 * The whole HTML of one store's menu, to be sent with `pageHeaders()`. Complete without JavaScript.
 * Throws RangeError where the document's currency is not ISO 4217.
 */
export function renderStorefrontPage(document: StorefrontDocument, options: StorefrontPageOptions): string {
  const locale = pageLocale(document.store.locale);
  const messages = pageMessages(locale.language);
  const context: MenuContext = {
    locale,
    currency: document.currency,
    messages,
    own_words: messages.language === locale.language ? {} : { lang: messages.language, dir: messages.dir },
    list: new Intl.ListFormat(locale.tag, { type: "unit", style: "short" }),
    number: new Intl.NumberFormat(locale.tag, { maximumFractionDigits: 4 }),
    ...(options.search ? { gone: reasonsOf(options.search) } : {}),
  };
  const categories = document.categories.filter((category) => category.items.length > 0);
  const isLong = categories.reduce((sum, { items }) => sum + items.length, 0) >= LONG_MENU_ITEMS;
  const place = `${document.store.name} · ${options.tenant_name}`;
  const names = categories.map((category) => category.name);
  return renderDocument({
    lang: locale.tag,
    dir: locale.dir,
    title: `${options.search ? `${options.search.query} · ` : ""}${messages.menu} · ${place}`,
    description: names.length > 0 ? `${place}: ${context.list.format(names)}` : `${place}: ${messages.empty_title}`,
    brand: options.tenant_name,
    style: storefrontStyle,
    script: storefrontScript,
    children: (
      <>
        <a class="skip" href="#menu" {...context.own_words}>
          {messages.skip_to_menu}
        </a>
        <StoreHeader document={document} options={options} context={context} />
        {categories.length > 0 && options.search ? (
          <main id="menu" class="wrap" tabindex={-1} {...liveOrderability(document, context)}>
            <SearchResults search={options.search} whole_menu={storePath(document.store.id)} context={context} />
          </main>
        ) : categories.length > 0 ? (
          <div class="body">
            <CategoryNav categories={categories} label={messages.categories} />
            <main id="menu" class={isLong ? "wrap long" : "wrap"} tabindex={-1} {...liveOrderability(document, context)}>
              {categories.map((category, index) => (
                <Category category={category} index={index} context={context} />
              ))}
            </main>
          </div>
        ) : (
          <main id="menu" class="wrap" tabindex={-1}>
            <EmptyMenu document={document} options={options} context={context} />
          </main>
        )}
        {categories.length > 0 ? <MenuFooter document={document} context={context} /> : null}
      </>
    ),
  });
}
