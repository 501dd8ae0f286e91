import { formatAddress } from "./format-address.ts";
import { renderDocument } from "./page-document.tsx";
import { pageLocale } from "./page-locale.ts";
import { simplePageStyle } from "./page-style.ts";

export interface StoreListPageProps {
  tenant_name: string;
  stores: { id: string; name: string; locale: string; address: Record<string, string> | null }[];
}

/** The whole HTML of a tenant's home page: its stores, each a link to its menu. */
export function renderStoreListPage({ tenant_name, stores }: StoreListPageProps): string {
  return renderDocument({
    lang: "en",
    dir: "ltr",
    title: tenant_name,
    description: `Choose a store of ${tenant_name} to see its menu.`,
    brand: tenant_name,
    style: simplePageStyle,
    children: (
      <main class="wrap simple">
        <h1>
          <bdi>{tenant_name}</bdi>
        </h1>
        {stores.length === 0 ? (
          <>
            <p class="lead">There are no stores here yet.</p>
            <p class="reference">
              Is this your shop? Add a store with <code>POST /api/v1/stores</code>, publish a menu to it, and it is listed here.
            </p>
          </>
        ) : (
          <>
            <p class="lead">Choose a store to see its menu.</p>
            <ul class="links">
              {stores.map((store) => {
                const address = formatAddress(store.address, pageLocale(store.locale).region);
                return (
                  <li>
                    <a href={`/stores/${encodeURIComponent(store.id)}`}>
                      <span>
                        <b>
                          <bdi>{store.name}</bdi>
                        </b>
                        {address === null ? null : (
                          <small>
                            <bdi>{address}</bdi>
                          </small>
                        )}
                      </span>
                    </a>
                  </li>
                );
              })}
            </ul>
          </>
        )}
      </main>
    ),
  });
}
