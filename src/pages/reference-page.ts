import { type Endpoint, platformEndpoint } from "../platform/http/endpoint.ts";

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Servery API reference</title>
<meta name="description" content="Every route of Servery with its fields, answers and errors.">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/reference/swagger-ui.css">
</head>
<body>
<main id="reference"><noscript>This page needs JavaScript; <a href="/openapi.json">the OpenAPI document</a> does not.</noscript></main>
<script src="/reference/swagger-ui-bundle.js"></script>
<script src="/reference/start.js"></script>
</body>
</html>
`;

export const referencePageRoutes: Endpoint[] = [
  platformEndpoint(
    {
      method: "get",
      path: "/docs",
      tag: "Reference",
      summary: "This reference, as a page",
      access: "open",
      idempotency: "none",
      page: true,
      answers: { 200: { description: "The page" } },
    },
    async () =>
      new Response(page, {
        headers: {
          "content-type": "text/html; charset=utf-8",
          "cache-control": "public, max-age=300",
          // Swagger UI sets style attributes and shows its pictures as data URIs.
          "content-security-policy":
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
          "referrer-policy": "no-referrer",
          "x-content-type-options": "nosniff",
        },
      }),
  ),
];
