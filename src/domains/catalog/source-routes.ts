import { z } from "zod";
import { type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id, PageQuery } from "../../platform/http/fields.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { createSourceSystem } from "./create-source-system.ts";
import { exportCatalog } from "./export/export-catalog.ts";
import { rejectedRows } from "./ingestion/rejected-rows.ts";
import { listRuns, readRun } from "./ingestion/run-view.ts";
import { Ingestion, IngestionPage } from "./ingestion-schemas.ts";
import { PROVIDERS } from "./providers/index.ts";
import { CreateSourceSystem, SourceSystem, SourceSystemDetail, SourceSystemPage, UpdateSourceSystem } from "./schemas.ts";
import { listSourceSystems, readSourceDetail } from "./source-systems.ts";
import { startIngestion } from "./start-ingestion.ts";
import { updateSourceSystem } from "./update-source-system.ts";

const MAX_PAYLOAD_BYTES = 32 * 1_048_576;

const SourceParams = z.strictObject({ source_system_id: Id });

/** A flag of a query string; absent is false. */
const Flag = z
  .enum(["true", "false"], "must be true or false")
  .default("false")
  .transform((text) => text === "true");

const tag = "Catalogue sources";

const createSource = endpoint(
  {
    method: "post",
    path: "/api/v1/source-systems",
    tag,
    summary: "Register where products come from",
    access: ["catalog"],
    idempotency: "required",
    body: CreateSourceSystem,
    answers: { 201: { description: "The source system", schema: SourceSystem } },
    errors: ["PROVIDER_UNKNOWN", "SOURCE_NAME_TAKEN", "LOCATION_UNKNOWN"],
  },
  async (scope, { body }) => replyOf(await createSourceSystem(scope, body)),
);

const listSources = endpoint(
  {
    method: "get",
    path: "/api/v1/source-systems",
    tag,
    summary: "Source systems, oldest first",
    access: ["catalog", "read"],
    idempotency: "none",
    query: PageQuery,
    answers: { 200: { description: "A page of source systems", schema: SourceSystemPage } },
  },
  async (scope, { query }) => ok(await listSourceSystems(scope.db, query)),
);

const readSource = endpoint(
  {
    method: "get",
    path: "/api/v1/source-systems/{source_system_id}",
    tag,
    summary: "One source system",
    access: ["catalog", "read"],
    idempotency: "none",
    params: SourceParams,
    answers: { 200: { description: "The source system", schema: SourceSystemDetail } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => ok(await readSourceDetail(scope, params.source_system_id)),
);

const updateSource = endpoint(
  {
    method: "patch",
    path: "/api/v1/source-systems/{source_system_id}",
    tag,
    summary: "Change a source system's name or settings, or switch it off",
    access: ["catalog"],
    idempotency: "accepted",
    params: SourceParams,
    body: UpdateSourceSystem,
    answers: { 200: { description: "The source system", schema: SourceSystem } },
    errors: ["NOT_FOUND", "SOURCE_NAME_TAKEN", "LOCATION_UNKNOWN"],
  },
  async (scope, { params, body }) =>
    replyOf(await updateSourceSystem(scope, params.source_system_id, body).catch((failure) => refuse(scope, scope.db, failure))),
);

const ingest = endpoint(
  {
    method: "post",
    path: "/api/v1/source-systems/{source_system_id}/ingestions",
    tag,
    summary: "Take a provider's payload in",
    description:
      "JSON or CSV, as the source system's provider sends it, or our own: cata/1 with `format` first, and what …/export gave. Up to 1 MiB it runs at once; a larger one is stored and run from a queue. A " +
      "retry with the same key goes on where the first attempt stopped. " +
      "Never writes a price that a customer pays, nor a name, description or image that is ours.",
    access: ["catalog"],
    idempotency: "required",
    params: SourceParams,
    query: z.strictObject({
      dry_run: Flag.meta({ description: "Count what a run would do and write nothing" }),
      confirm: Flag.meta({ description: "Hide what is missing though it is much, for a source with on_missing: hide" }),
    }),
    body: {
      content_types: [...new Set(Object.values(PROVIDERS).flatMap(({ content_types }) => content_types))],
      max_bytes: MAX_PAYLOAD_BYTES,
      examples: {
        "application/json": { format: "cata/1", currency: "SGD", products: [{ id: "p1", name: "Latte", item_code: "LATTE", price: 650 }] },
        "text/csv": "sku,name,size,price\nLATTE-R,Latte,Regular,5.80\nLATTE-L,Latte,Large,6.80\n",
      },
    },
    answers: {
      200: { description: "What a run would do (dry run)", schema: Ingestion },
      201: { description: "The run, ended", schema: Ingestion },
      202: { description: "The run, queued", schema: Ingestion },
    },
    errors: ["NOT_FOUND", "CONFLICT", "BAD_JSON", "PAYLOAD_UNREADABLE"],
  },
  (scope, { params, query, body }) => startIngestion(scope, { ...params, ...query, ...body }),
);

const exportSource = endpoint(
  {
    method: "get",
    path: "/api/v1/source-systems/{source_system_id}/export",
    tag,
    summary: "What a source system's provider has told, as a file",
    description:
      "JSON (our cata/1) or CSV, in the provider's own ids and values and without what is yours; read while it is sent. Taken in again by the " +
      "same source system it changes nothing; by another it is the same catalogue.",
    access: ["catalog", "read"],
    idempotency: "none",
    params: SourceParams,
    query: z.strictObject({ format: z.enum(["json", "csv"], "must be json or csv").default("json") }),
    answers: {
      200: {
        description: "The catalogue; with format=csv as text/csv",
        schema: z.object({ format: z.literal("cata/1") }).meta({ id: "ExportedCatalogue" }),
      },
    },
    errors: ["NOT_FOUND"],
  },
  (scope, { params, query }) => exportCatalog(scope, params.source_system_id, query.format),
);

const listIngestions = endpoint(
  {
    method: "get",
    path: "/api/v1/ingestions",
    tag,
    summary: "Ingestion runs, newest first",
    access: ["catalog", "read"],
    idempotency: "none",
    query: PageQuery.extend({ source_system_id: Id.optional() }),
    answers: { 200: { description: "A page of runs without their findings", schema: IngestionPage } },
  },
  async (scope, { query }) => ok(await listRuns(scope.db, query)),
);

const readIngestion = endpoint(
  {
    method: "get",
    path: "/api/v1/ingestions/{ingestion_id}",
    tag,
    summary: "One run: progress, counts and findings",
    access: ["catalog", "read"],
    idempotency: "none",
    params: z.strictObject({ ingestion_id: Id }),
    answers: { 200: { description: "The run", schema: Ingestion } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => ({ status: 200, text: await readRun(scope.db, params.ingestion_id) }),
);

const readRejectedRows = endpoint(
  {
    method: "get",
    path: "/api/v1/ingestions/{ingestion_id}/rejected-rows",
    tag,
    summary: "The rows a run did not take, as CSV, each with the reason",
    description:
      "The columns of the payload, then `reason` and `message`; of a JSON payload `position` and `item_code` instead of columns. At most the " +
      "first 10,000. A cell that a spreadsheet would run as a formula has an apostrophe before it, which a CSV source system takes off again.",
    access: ["catalog", "read"],
    idempotency: "none",
    params: z.strictObject({ ingestion_id: Id }),
    answers: {
      200: {
        description: "The rows",
        content_type: "text/csv",
        schema: z.string(),
        example: `sku,name,price,reason,message\r\nTEA,Tea,'-1,PRICE_NEGATIVE,"Row 5: price ""-1"" must not be negative."\r\n`,
      },
    },
    errors: ["NOT_FOUND"],
  },
  (scope, { params }) => rejectedRows(scope.db, params.ingestion_id),
);

export const sourceRoutes: Endpoint[] = [
  createSource,
  listSources,
  readSource,
  updateSource,
  ingest,
  exportSource,
  listIngestions,
  readIngestion,
  readRejectedRows,
];
