import { utf8 } from "../../../kernel/bytes.ts";
import type { RequestScope } from "../../../platform/http/scope.ts";
import { readSourceSystem } from "../source-systems.ts";
import { exportCsv } from "./export-csv.ts";
import { exportJson } from "./export-json.ts";
import { exportedPages } from "./exported-pages.ts";

const CONTENT_TYPES = { json: "application/json", csv: "text/csv; charset=utf-8; header=present" } as const;

/**
 * The source system's catalogue as a file that is read from the database as it is sent: whoever reads slowly holds up nobody, and whoever
 * goes away ends it. Throws NOT_FOUND; what fails later cuts the connection, and a file that was cut is refused when it is taken in.
 */
export async function exportCatalog(scope: RequestScope, sourceSystemId: string, format: "json" | "csv"): Promise<Response> {
  const source = await readSourceSystem(scope.db, sourceSystemId);
  const currency = source.settings.currency ?? scope.tenant.currency;
  const pages = exportedPages(scope.db, source.id);
  const texts = format === "json" ? exportJson(pages, currency) : exportCsv(pages, currency);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await texts.next();
      if (done) controller.close();
      else controller.enqueue(utf8(value));
    },
    async cancel() {
      await texts.return();
    },
  });
  const day = new Date(scope.clock.now()).toISOString().slice(0, 10);
  return new Response(body, {
    headers: {
      "content-type": CONTENT_TYPES[format],
      "content-disposition": `attachment; filename="${fileName(source.name)}-${day}.${format}"`,
    },
  });
}

/** Letters, digits and dashes, whatever the source system is called. */
const fileName = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 60) || "catalogue";
