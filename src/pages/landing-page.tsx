import { renderDocument } from "./page-document.tsx";
import { simplePageStyle } from "./page-style.ts";

export interface LandingPageProps {
  /** Origin this installation is reached at, without a trailing slash. */
  base_url: string;
  tenants?: { name: string; host_url: string }[];
}

const SUMMARY =
  "Servery is the commerce backend that runs at the edge. It takes catalogues in from points of sale, publishes menus to stores, and " +
  "answers every storefront what is on the menu and what can be ordered, while tills and kitchens keep selling through network failures.";

const LINKS = [
  { path: "/docs", title: "API reference", note: "Every route, with examples" },
  { path: "/openapi.json", title: "OpenAPI document", note: "The same, for machines (3.1)" },
  { path: "/healthz", title: "Health", note: "Whether this process answers" },
];

function Links({ links }: { links: { href: string; title: string; note: string }[] }) {
  return (
    <ul class="links">
      {links.map((link) => (
        <li>
          <a href={link.href}>
            <span>
              <b>{link.title}</b>
              <small>{link.note}</small>
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** The whole HTML for a host that belongs to no tenant. */
export function renderLandingPage({ base_url, tenants = [] }: LandingPageProps): string {
  const shops = tenants
    .filter((tenant) => /^https?:\/\//iu.test(tenant.host_url))
    .map((tenant) => ({ href: tenant.host_url, title: tenant.name, note: tenant.host_url.replace(/^https?:\/\/|\/$/giu, "") }));
  return renderDocument({
    lang: "en",
    dir: "ltr",
    title: "Servery",
    description: SUMMARY,
    brand: "Servery",
    style: simplePageStyle,
    children: (
      <main class="wrap simple">
        <h1>Servery</h1>
        <p class="lead">{SUMMARY}</p>
        {shops.length > 0 ? (
          <>
            <h2>Shops to look at</h2>
            <Links links={shops} />
          </>
        ) : null}
        <h2>For developers</h2>
        <Links links={LINKS.map(({ path, title, note }) => ({ href: `${base_url}${path}`, title, note }))} />
      </main>
    ),
  });
}
