import { simplePageStyle } from "./page-style.ts";
import { storefrontScript } from "./storefront-script.ts";
import { storefrontStyle } from "./storefront-style.ts";

async function sourceHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

let cached: Readonly<Record<string, string>> | undefined;

/**
 * The headers every page here is sent with (caching is the route's to say). Only our own inline style and script
 * run, by hash; pictures may come from any provider's host.
 */
export async function pageHeaders(): Promise<Record<string, string>> {
  // The value is kept, not its promise: in Workers a promise belongs to the request that made it.
  if (!cached) {
    const [script, ...styles] = await Promise.all([storefrontScript, storefrontStyle, simplePageStyle].map(sourceHash));
    cached = {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": [
        "default-src 'none'",
        `script-src ${script}`,
        `style-src ${styles.join(" ")}`,
        "img-src * data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
      ].join("; "),
      "referrer-policy": "strict-origin-when-cross-origin",
      "x-content-type-options": "nosniff",
    };
  }
  return { ...cached };
}
