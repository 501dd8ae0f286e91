import { type AppError, ERRORS } from "../kernel/errors.ts";
import { renderErrorPage } from "./error-page.tsx";
import { renderLandingPage } from "./landing-page.tsx";
import { pageHeaders } from "./page-headers.ts";

/** What a person sees instead of a problem document. A host that is nobody's shop has the landing page at its root. */
export async function failurePage(failure: AppError, url: URL, requestId: string): Promise<Response> {
  const headers = { ...(await pageHeaders()), "cache-control": "no-store" };
  if (url.pathname === "/" && (failure.code === "TENANT_REQUIRED" || failure.code === "TENANT_UNKNOWN")) {
    return new Response(renderLandingPage({ base_url: url.origin }), { status: failure.code === "TENANT_REQUIRED" ? 200 : 404, headers });
  }
  const [status, title] = ERRORS[failure.code];
  const detail =
    failure.extras.detail ?? (status >= 500 ? "Please try again in a moment." : "Check the address, or go back to the list of stores.");
  return new Response(renderErrorPage({ status, title, detail, request_id: requestId }), { status, headers });
}
