import { z } from "zod";
import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import { createNamespace } from "../db/namespaces.ts";
import { statement } from "../db/statement.ts";
import { type Endpoint, platformEndpoint } from "../http/endpoint.ts";
import { CurrencyCode, Locale, Name, PageQuery, pageOf } from "../http/fields.ts";
import { ok, type Reply, replyOf } from "../http/reply.ts";
import { unitOf } from "../http/scope.ts";
import { writerClient } from "../writer/client.ts";
import { deriveApiKey, hashApiKey } from "./api-key.ts";
import { cellRoutes } from "./cell-routes.ts";
import { forgetDirectory } from "./directory.ts";
import { migrateTenant } from "./migrate-tenant.ts";
import { moveRoutes } from "./move-routes.ts";
import { type ProvisionedTenant, provisionOnce } from "./provision-tenant.ts";
import { rateLimitRoutes } from "./rate-limit-routes.ts";
import { requireTenant } from "./require-tenant.ts";
import { ROLES } from "./roles.ts";

const Slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, "must be 1 to 40 small letters, digits and inner hyphens")
  // x-tenant-id takes either: a slug that is another tenant's id would stand for two tenants.
  .refine((slug) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(slug), "must not have the form of an id")
  .meta({ example: "kopi" });

const Domain = z
  .string()
  .toLowerCase()
  .regex(
    /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/,
    "must be a host name, as in menu.example.com",
  )
  .meta({ example: "menu.example.com" });

const TenantRow = z
  .object({
    tenant_id: z.string(),
    slug: Slug,
    name: z.string(),
    currency: z.string(),
    locale: z.string(),
    cell_id: z.string(),
    namespace: z.string(),
    status: z.enum(["creating", "active"]),
    schema_version: z.int(),
    last_migration_error: z.string().nullable(),
    hosts: z.array(z.string()),
    move: z
      .object({ state: z.enum(["copying", "cancelling", "switched"]), from_cell_id: z.string(), to_cell_id: z.string() })
      .nullable()
      .meta({ description: "Until the copy that the move left is dropped" }),
  })
  .meta({ id: "Tenant" });

const Provisioned = z
  .object({
    tenant_id: z.string(),
    slug: z.string(),
    host: z.string(),
    admin_key: z.string().meta({ description: "Shown here only; kept hashed" }),
  })
  .meta({ id: "ProvisionedTenant" });

const Report = z
  .object({ tenant_id: z.string(), from_version: z.int(), to_version: z.int(), applied: z.array(z.string()) })
  .meta({ id: "MigrationReport" });

const SlugParams = z.strictObject({ slug: z.string() });

const operator = { tag: "Operator", access: "operator" } as const;

const listTenants = platformEndpoint(
  {
    ...operator,
    method: "get",
    path: "/internal/tenants",
    summary: "All tenants, by slug",
    idempotency: "none",
    query: PageQuery,
    answers: { 200: { description: "A page of tenants", schema: pageOf(TenantRow) } },
  },
  async (scope, { query }) => {
    const after = query.cursor === undefined ? "" : String(decodeCursor(query.cursor, 1)[0]);
    const [rows = []] = await scope.central.read(
      [
        statement(
          `SELECT t.tenant_id, t.slug, t.name, t.currency, t.locale, t.cell_id, t.namespace, t.status, t.schema_version,
             t.last_migration_error,
             (SELECT json_group_array(domain) FROM domains d WHERE d.tenant_id = t.tenant_id) AS hosts,
             (SELECT json_object('state', m.state, 'from_cell_id', m.from_cell_id, 'to_cell_id', m.to_cell_id)
              FROM moves m WHERE m.tenant_id = t.tenant_id) AS move
           FROM tenants t WHERE t.slug > ? ORDER BY t.slug LIMIT ?`,
          after,
          query.limit + 1,
        ),
      ],
      { fresh: true },
    );
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    return ok({
      data: page.map((row) => ({ ...row, hosts: JSON.parse(String(row["hosts"])), move: JSON.parse(String(row["move"])) })),
      next_cursor: rows.length > query.limit && last ? encodeCursor([String(last["slug"])]) : null,
    });
  },
);

const createTenant = platformEndpoint(
  {
    ...operator,
    method: "post",
    path: "/internal/tenants",
    summary: "Create a tenant with its database and first admin key",
    description: "Creating the same tenant again answers 200 with the same key and changes nothing.",
    idempotency: "accepted",
    body: z.strictObject({
      slug: Slug,
      name: Name,
      currency: CurrencyCode,
      locale: Locale.default("en"),
      domain: Domain.optional(),
      cell_id: z.string().optional(),
    }),
    answers: { 201: { description: "Created", schema: Provisioned }, 200: { description: "It was there already", schema: Provisioned } },
    errors: ["TENANT_CONFLICT", "DOMAIN_TAKEN"],
  },
  async (scope, { body }): Promise<Reply> => {
    const result = await provisionOnce(scope, body);
    const reply = replyOf(result);
    if (result.kind !== "applied") return reply;
    const { key_id, ...tenant } = JSON.parse(result.answer) as ProvisionedTenant;
    const { text: _, ...head } = reply;
    return { ...head, body: { ...tenant, admin_key: await deriveApiKey(scope.config.TOKEN_SECRET, key_id) } };
  },
);

const createKey = platformEndpoint(
  {
    ...operator,
    method: "post",
    path: "/internal/tenants/{slug}/keys",
    summary: "Create a key for one role",
    idempotency: "required",
    params: SlugParams,
    body: z.strictObject({ role: z.enum(ROLES), name: Name.default("default") }),
    answers: {
      201: {
        description: "The key; it cannot be shown again except by repeating this request with its Idempotency-Key",
        schema: z.object({ key_id: z.string(), role: z.enum(ROLES), name: z.string(), key: z.string() }).meta({ id: "ApiKey" }),
      },
    },
  },
  async (scope, { params, body }) => {
    const tenant = await requireTenant(scope, params.slug);
    const keyId = scope.clock.newId();
    const result = await scope.central.write(
      unitOf(scope, {
        steps: [
          statement(
            "INSERT INTO api_keys (key_id, tenant_id, key_hash, role, name, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)",
            keyId,
            tenant.tenant_id,
            await hashApiKey(await deriveApiKey(scope.config.TOKEN_SECRET, keyId)),
            body.role,
            body.name,
            scope.clock.now(),
          ),
        ],
        answer: { status: 201, select: statement("SELECT json_object('key_id', ?, 'role', ?, 'name', ?)", keyId, body.role, body.name) },
      }),
    );
    const reply = replyOf(result);
    if (result.kind !== "applied") return reply;
    // The receipt holds the row's id only; the key is derived from it for the first answer and for every replay.
    const answer = JSON.parse(result.answer) as { key_id: string };
    const { text: _, ...head } = reply;
    return { ...head, body: { ...answer, key: await deriveApiKey(scope.config.TOKEN_SECRET, answer.key_id) } };
  },
);

const revokeKey = platformEndpoint(
  {
    ...operator,
    method: "delete",
    path: "/internal/tenants/{slug}/keys/{key_id}",
    summary: "Revoke a key; it is refused everywhere within five seconds",
    idempotency: "accepted",
    params: z.strictObject({ slug: z.string(), key_id: z.string() }),
    answers: { 204: { description: "Revoked" } },
  },
  async (scope, { params }) => {
    const tenant = await requireTenant(scope, params.slug);
    const result = await scope.central.write(
      unitOf(scope, {
        steps: [
          statement(
            "UPDATE api_keys SET revoked_at_ms = coalesce(revoked_at_ms, ?) WHERE key_id = ? AND tenant_id = ?",
            scope.clock.now(),
            params.key_id,
            tenant.tenant_id,
          ),
          { guard: "NOT_FOUND" },
        ],
        answer: { status: 204, select: statement("SELECT json_object()") },
      }),
    );
    forgetDirectory();
    return replyOf(result);
  },
);

const addDomain = platformEndpoint(
  {
    ...operator,
    method: "post",
    path: "/internal/tenants/{slug}/domains",
    summary: "Serve the tenant under a domain",
    idempotency: "required",
    params: SlugParams,
    body: z.strictObject({ domain: Domain }),
    answers: { 201: { description: "The tenant is served there", schema: z.object({ domain: z.string() }) } },
    errors: ["DOMAIN_TAKEN"],
  },
  async (scope, { params, body }) => {
    const tenant = await requireTenant(scope, params.slug);
    const result = await scope.central.write(
      unitOf(scope, {
        steps: [
          statement(
            "INSERT INTO domains (domain, tenant_id, created_at_ms) VALUES (?, ?, ?) ON CONFLICT (domain) DO NOTHING",
            body.domain,
            tenant.tenant_id,
            scope.clock.now(),
          ),
          { guard: "DOMAIN_TAKEN", holds: "(SELECT tenant_id FROM domains WHERE domain = ?) = ?", args: [body.domain, tenant.tenant_id] },
        ],
        answer: { status: 201, select: statement("SELECT json_object('domain', ?)", body.domain) },
      }),
    );
    forgetDirectory();
    return replyOf(result);
  },
);

const migrateOne = platformEndpoint(
  {
    ...operator,
    method: "post",
    path: "/internal/tenants/{slug}/migrate",
    summary: "Bring one tenant's database to this Worker's version",
    idempotency: "none",
    params: SlugParams,
    answers: { 200: { description: "What was applied", schema: Report } },
  },
  async (scope, { params }) => {
    const tenant = await requireTenant(scope, params.slug);
    const report = await migrateTenant(scope, tenant);
    forgetDirectory();
    return ok({ tenant_id: tenant.tenant_id, ...report });
  },
);

const migrateCentral = platformEndpoint(
  {
    ...operator,
    method: "post",
    path: "/internal/central/migrate",
    summary: "Create and migrate the central database",
    idempotency: "none",
    answers: { 200: { description: "What was applied", schema: Report } },
  },
  async (scope) => {
    const { CENTRAL, SQLD_ADMIN_KEY } = scope.config;
    await createNamespace({ url: CENTRAL.admin_url, key: SQLD_ADMIN_KEY }, CENTRAL.namespace);
    const report = await writerClient(scope.bindings.TENANT_WRITER, scope.config).migrate(scope.central.database);
    return ok({ tenant_id: "central", ...report });
  },
);

export const tenancyRoutes: Endpoint[] = [
  ...cellRoutes,
  ...moveRoutes,
  ...rateLimitRoutes,
  listTenants,
  createTenant,
  createKey,
  revokeKey,
  addDomain,
  migrateOne,
  migrateCentral,
];
