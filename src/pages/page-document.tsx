import type { Child } from "hono/jsx";
import { monogram } from "./readable-label.ts";

export interface PageDocumentProps {
  lang: string;
  dir: "ltr" | "rtl";
  title: string;
  description: string;
  /** Whose initial is on the icon. */
  brand: string;
  /** One of the constants that page-headers.ts hashes: anything else is refused by the browser. */
  style: string;
  script?: string;
  children?: Child;
}

function favicon(brand: string): string {
  const letter = monogram(brand).replace(/[<&>]/gu, "");
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#16181b"/>` +
    `<text x="16" y="22" text-anchor="middle" font-family="sans-serif" font-size="18" font-weight="700" fill="#fff">${letter}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function PageDocument({ lang, dir, title, description, brand, style, script, children }: PageDocumentProps) {
  return (
    <html lang={lang} dir={dir}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <title>{title}</title>
        <meta name="description" content={description} />
        <meta name="theme-color" content="#ffffff" media="(prefers-color-scheme: light)" />
        <meta name="theme-color" content="#121416" media="(prefers-color-scheme: dark)" />
        <link rel="icon" type="image/svg+xml" href={favicon(brand)} />
        <style dangerouslySetInnerHTML={{ __html: style }} />
        {script === undefined ? null : <script dangerouslySetInnerHTML={{ __html: script }} />}
      </head>
      <body>{children}</body>
    </html>
  );
}

/** The whole HTML text of a page. All components here are synchronous, so the text is there at once. */
export const renderDocument = (props: PageDocumentProps): string => `<!doctype html>${(<PageDocument {...props} />).toString()}`;
