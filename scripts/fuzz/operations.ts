/** A JSON Schema as OpenAPI 3.1 writes it, as far as the document uses it. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  format?: string;
  pattern?: string;
  example?: unknown;
  default?: unknown;
};

/** One route, as the document tells it. */
export type Operation = {
  /** `POST /api/v1/stores` */
  name: string;
  method: string;
  path: string;
  access: "open" | "operator" | "public" | string[];
  takes_key: boolean;
  /** It answers pages for people, so its errors may be pages. */
  is_page: boolean;
  path_names: string[];
  query: { name: string; schema: Schema }[];
  body: { content_type: string; schema: Schema; example: unknown }[];
  /** The statuses that the document lists. */
  statuses: Set<number>;
};

export type OpenApiDocument = {
  paths: Record<string, Record<string, OpenApiOperation>>;
  components?: { schemas?: Record<string, Schema> };
};

type OpenApiOperation = {
  tags?: string[];
  parameters?: { name: string; in: string; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema?: Schema; example?: unknown }> };
  responses: Record<string, unknown>;
  "x-servery-access": Operation["access"];
  "x-servery-idempotency": "required" | "accepted" | "none";
};

const PAGE_TAGS = new Set(["Pages", "Reference"]);

export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      access: operation["x-servery-access"],
      takes_key: operation["x-servery-idempotency"] !== "none",
      is_page: operation.tags?.some((tag) => PAGE_TAGS.has(tag)) ?? false,
      path_names: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ""),
      query: (operation.parameters ?? [])
        .filter((parameter) => parameter.in === "query")
        .map(({ name, schema }) => ({ name, schema: schema ?? {} })),
      body: Object.entries(operation.requestBody?.content ?? {}).map(([content_type, { schema, example }]) => ({
        content_type,
        schema: schema ?? {},
        example,
      })),
      statuses: new Set(Object.keys(operation.responses).map(Number)),
    })),
  );
}
