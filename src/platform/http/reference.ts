import { z } from "zod";
import { type Endpoint, platformEndpoint } from "./endpoint.ts";
import { openApiDocument } from "./openapi.ts";

/** `/openapi.json` over the given routes and its own, and the page that shows it. */
export function referenceRoutes(others: readonly Endpoint[]): Endpoint[] {
  let text: string | null = null;
  const openapi: Endpoint = platformEndpoint(
    {
      method: "get",
      path: "/openapi.json",
      tag: "Reference",
      summary: "This API, as OpenAPI 3.1",
      access: "open",
      idempotency: "none",
      answers: { 200: { description: "The document", schema: z.record(z.string(), z.unknown()) } },
    },
    async () => {
      text ??= JSON.stringify(openApiDocument([...others, openapi]));
      return { status: 200, text, headers: { "cache-control": "public, max-age=60" } };
    },
  );
  return [openapi];
}
