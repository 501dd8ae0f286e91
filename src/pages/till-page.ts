import { type Endpoint, platformEndpoint } from "../platform/http/endpoint.ts";

/** The same for every shop and till, so that it can be kept on the device: what is whose is read there. */
const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>Till</title>
<meta name="description" content="A till that sells with the network down.">
<meta name="theme-color" content="#16181b">
<link rel="manifest" href="/till/manifest.webmanifest">
<link rel="icon" type="image/svg+xml" href="/till/icon.svg">
<link rel="apple-touch-icon" href="/till/icon-192.png">
<link rel="stylesheet" href="/till/till.css">
<script src="/till/till.js" defer></script>
</head>
<body>
<div id="till"><main><noscript>The till needs JavaScript.</noscript></main></div>
</body>
</html>
`;

export const tillPageRoutes: Endpoint[] = [
  platformEndpoint(
    {
      method: "get",
      path: "/till",
      tag: "Pages",
      summary: "A till, as a page that works with no network after the first visit",
      access: "open",
      idempotency: "none",
      page: true,
      answers: { 200: { description: "The page" } },
    },
    async () =>
      new Response(page, {
        headers: {
          "content-type": "text/html; charset=utf-8",
          "cache-control": "no-cache",
          "content-security-policy": [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
          ].join("; "),
          "referrer-policy": "no-referrer",
          "x-content-type-options": "nosniff",
        },
      }),
  ),
];
