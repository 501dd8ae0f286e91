import type { Browser, BrowserContextOptions } from "playwright-core";
import type { StorefrontDocument } from "../../src/domains/menu/storefront-document.ts";
import { pageHeaders } from "../../src/pages/page-headers.ts";
import { watchLayoutShifts } from "./layout-shifts.ts";
import { type OpenedPage, openPage } from "./opened-page.ts";

interface StorefrontPageModule {
  renderStorefrontPage(document: StorefrontDocument, options: { tenant_name: string; stores: { id: string; name: string }[] }): string;
}

/** By a name that the compiler does not follow: what it imports is typed against the Worker's runtime, tests against Node and the browser. */
const storefrontPage = "../../src/pages/storefront-page.tsx";
export const { renderStorefrontPage }: StorefrontPageModule = await import(/* @vite-ignore */ storefrontPage);

const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="teal"/></svg>`;
const pageAddress = "http://page.test/";
export const pictureAddress = `${pageAddress}picture.svg`;

/** Shows a page that no server made, under the policy that the Worker sends with it. */
export async function openRendered(browser: Browser, html: string, options: BrowserContextOptions): Promise<OpenedPage> {
  const headers = await pageHeaders();
  return openPage(browser, pageAddress, { reducedMotion: "reduce", ...options }, async (page) => {
    await watchLayoutShifts(page);
    await page.route("**/*", (route) =>
      route.request().url() === pageAddress
        ? route.fulfill({ body: html, headers })
        : route.fulfill({ body: picture, contentType: "image/svg+xml" }),
    );
  });
}
