import { expect, test } from "vitest";
import { renderErrorPage } from "./error-page.tsx";
import { renderLandingPage } from "./landing-page.tsx";
import { pageHeaders } from "./page-headers.ts";
import { renderStoreListPage } from "./store-list-page.tsx";
import { renderStorefrontPage } from "./storefront-page.tsx";

const pages = {
  storefront: renderStorefrontPage(
    {
      store: { id: "s", location_id: "l", name: "S", code: null, timezone: "UTC", locale: "en", currency: "USD", address: null },
      menu_version: 1,
      as_of: "2026-01-01T00:00:00Z",
      currency: "USD",
      categories: [],
    },
    { tenant_name: "T", stores: [] },
  ),
  stores: renderStoreListPage({ tenant_name: "T", stores: [] }),
  landing: renderLandingPage({ base_url: "http://127.0.0.1" }),
  error: renderErrorPage({ status: 404, title: "No", detail: "No", request_id: "r" }),
};

test.each(Object.entries(pages))("the policy allows exactly what the %s page holds inline", async (_name, html) => {
  const policy = (await pageHeaders())["content-security-policy"] ?? "";
  const inline = [...html.matchAll(/<(style|script)[^>]*>([\s\S]*?)<\/\1>/gu)];
  expect(inline.length).toBeGreaterThan(0);
  for (const [, tag, text = ""] of inline) {
    const directive = policy.split("; ").find((part) => part.startsWith(`${tag}-src `));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
    expect(directive).toContain(`'sha256-${btoa(String.fromCharCode(...digest))}'`);
  }
  expect(html).not.toMatch(/\s(?:style|on\w+)=/u);
});

test("nothing inline is allowed wholesale, and a caller cannot spoil the headers of the next", async () => {
  const headers = await pageHeaders();
  expect(headers["content-security-policy"]).not.toContain("unsafe");
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  headers["content-security-policy"] = "";
  expect((await pageHeaders())["content-security-policy"]).not.toBe("");
});
