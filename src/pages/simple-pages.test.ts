import { expect, test } from "vitest";
import { renderErrorPage } from "./error-page.tsx";
import { renderLandingPage } from "./landing-page.tsx";
import { renderStoreListPage } from "./store-list-page.tsx";

const HOSTILE = `<script>alert("x")</script>`;

test("the tenant's home page links to each store, with its address where there is one", () => {
  const html = renderStoreListPage({
    tenant_name: `Northwind ${HOSTILE}`,
    stores: [
      { id: "a/b", name: "Harbour", locale: "en-US", address: { line1: "12 Harbour Street", city: "Portland" } },
      { id: "c", name: HOSTILE, locale: "en", address: null },
    ],
  });
  expect(html).toMatch(/^<!doctype html><html lang="en" dir="ltr">/u);
  expect(html).toContain('href="/stores/a%2Fb"');
  expect(html).toContain("12 Harbour Street, Portland");
  expect(html).toContain('href="/stores/c"');
  expect(html).not.toContain("<script");
});

test("a tenant without stores is told what to do", () => {
  expect(renderStoreListPage({ tenant_name: "New", stores: [] })).toContain("There are no stores here yet.");
});

test("the landing page links to the documents and to the shops it is given, http only", () => {
  const html = renderLandingPage({
    base_url: "http://127.0.0.1:8787",
    tenants: [
      { name: "Northwind", host_url: "http://northwind.localhost:8787/" },
      { name: "Bad", host_url: "javascript:alert(1)" },
    ],
  });
  for (const path of ["/docs", "/openapi.json", "/healthz"]) expect(html).toContain(`href="http://127.0.0.1:8787${path}"`);
  expect(html).toContain('href="http://northwind.localhost:8787/"');
  expect(html).not.toContain("javascript:");
  expect(renderLandingPage({ base_url: "" })).not.toContain("Shops to look at");
});

test("the error page names the request, and says to try again only where that can help", () => {
  const missing = renderErrorPage({ status: 404, title: HOSTILE, detail: "It may have closed.", request_id: "req-1" });
  expect(missing).toContain("<code>req-1</code>");
  expect(missing).toContain("It may have closed.");
  expect(missing).toContain('href="/"');
  expect(missing).not.toContain("<script");
  expect(missing).not.toContain("reload");
  expect(renderErrorPage({ status: 503, title: "Busy", detail: "", request_id: "r" })).toContain("reload the page");
});
