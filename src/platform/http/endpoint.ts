import type { z } from "zod";
import type { ErrorCode } from "../../kernel/errors.ts";
import type { RateClass } from "../../kernel/rate-classes.ts";
import type { DatabaseHandle } from "../db/database.ts";
import type { Database } from "../db/tenant.ts";
import type { Caller } from "../tenancy/roles.ts";
import type { Reply } from "./reply.ts";
import type { RequestScope } from "./scope.ts";

/**
 * `open`: no tenant (health, documents). `operator`: the environment's operator, no tenant. `public`: a tenant, no credential.
 * Roles: a key of the tenant with one of them, or `admin`; `terminal`: a till.
 */
export type Access = "open" | "operator" | "public" | readonly Caller[];

/**
 * Whether the route takes an Idempotency-Key. A POST with an effect says `required`, PUT, PATCH and DELETE `accepted`; `none` is for
 * reads and for what is idempotent by its content. There is no default: a route that forgets does not compile.
 */
export type IdempotencyRule = "required" | "accepted" | "none";

export interface AnswerSpec {
  description: string;
  /** Default: application/json. */
  content_type?: string;
  schema?: z.ZodType;
  example?: unknown;
}

/** A body that is not parsed as JSON by the pipeline: it reaches the handler as bytes. */
export interface RawBody {
  content_types: readonly string[];
  max_bytes: number;
  /** By content type. */
  examples?: Readonly<Record<string, unknown>>;
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;

export interface EndpointInput<P, Q, B> {
  params: Parsed<P>;
  query: Parsed<Q>;
  /** The parsed JSON, or for a raw body its bytes. */
  body: B extends RawBody ? { bytes: Uint8Array; content_type: string } : Parsed<B>;
}

export interface EndpointSpec<P, Q, B> {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** As OpenAPI writes it: `/api/v1/stores/{store_id}`. */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  access: Access;
  idempotency: IdempotencyRule;
  /** How often it may be asked; see RATE_CLASSES. Without one: anonymous writes are limited as such, everything else is not. */
  rate_class?: RateClass;
  params?: P;
  query?: Q;
  body?: B;
  answers: Record<number, AnswerSpec>;
  /** The operator's credential does too, for the tenant that x-tenant-id names. */
  operator_too?: true;
  /** For callers that can set no header: `?tenant=` names the tenant as x-tenant-id does. */
  tenant_in_query?: true;
  /** A page for people: what goes wrong is answered as a page too. */
  page?: true;
  /** Its problems carry `error: true` too, which is what RxDB's client knows one by. */
  marks_errors?: true;
  /** Codes of its own, beside those that every route of its kind can answer. */
  errors?: readonly ErrorCode[];
}

// biome-ignore lint/suspicious/noExplicitAny: a registry holds endpoints of every input; each is checked where it is defined.
export type Endpoint = EndpointSpec<any, any, any> & { handle(scope: any, input: any): Promise<Reply | Response> };

/** What an `open` or `operator` handler gets: there is no tenant. */
export type PlatformScope = Omit<RequestScope, "tenant" | "db" | "principal"> & {
  central: DatabaseHandle;
  open(database: Database): DatabaseHandle;
};

export function endpoint<
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | RawBody | undefined = undefined,
>(spec: EndpointSpec<P, Q, B>, handle: (scope: RequestScope, input: EndpointInput<P, Q, B>) => Promise<Reply | Response>): Endpoint {
  return { ...spec, handle };
}

/** An endpoint without a tenant: `access` is `open` or `operator`. */
export function platformEndpoint<
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | RawBody | undefined = undefined,
>(
  spec: EndpointSpec<P, Q, B> & { access: "open" | "operator"; rate_class?: never },
  handle: (scope: PlatformScope, input: EndpointInput<P, Q, B>) => Promise<Reply | Response>,
): Endpoint {
  return { ...spec, handle };
}

export const isRawBody = (body: unknown): body is RawBody => typeof body === "object" && body !== null && "content_types" in body;
