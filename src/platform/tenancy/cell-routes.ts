import { z } from "zod";
import { databaseToken } from "../db/access-token.ts";
import { createNamespace } from "../db/namespaces.ts";
import { statement } from "../db/statement.ts";
import { type Endpoint, platformEndpoint } from "../http/endpoint.ts";
import { ok, replyOf } from "../http/reply.ts";
import { unitOf } from "../http/scope.ts";
import { CENTRAL_CELL, readCell } from "./cells.ts";
import { forgetDirectory } from "./directory.ts";
import { dropDatabase } from "./drop-database.ts";
import { restoreDatabase } from "./restore-database.ts";

const CellId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be 1 to 40 small letters, digits and hyphens")
  .meta({ example: "eu-1" });

const Namespace = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be 1 to 63 small letters, digits and hyphens");

const Nodes = {
  primary_url: z.url(),
  admin_url: z.url(),
  replicas: z.array(z.strictObject({ region: z.string().min(1), url: z.url() })),
};

const CellRow = z
  .object({ cell_id: CellId, driver: z.literal("sqld"), ...Nodes, tenants: z.int().meta({ description: "How many live in it" }) })
  .meta({ id: "Cell" });

const CentralNodes = z.object({ namespace: Namespace, ...Nodes }).meta({ id: "CentralNodes" });

const DatabaseParams = z.strictObject({ cell_id: CellId.meta({ description: "Or `central`" }), namespace: Namespace });

const Access = z
  .object({
    namespace: Namespace,
    primary_url: z.url(),
    replicas: Nodes.replicas,
    token: z.string().meta({ description: "For this database alone; good for two minutes at least" }),
  })
  .meta({ id: "DatabaseAccess" });

const operator = { tag: "Operator", access: "operator" } as const;

const listCells = platformEndpoint(
  {
    ...operator,
    method: "get",
    path: "/internal/cells",
    summary: "All cells, with how many tenants live in each",
    idempotency: "none",
    answers: { 200: { description: "The cells", schema: z.object({ data: z.array(CellRow) }) } },
  },
  async (scope) => {
    const [rows = []] = await scope.central.read(
      [
        statement(
          `SELECT cell_id, driver, primary_url, admin_url, replicas, (SELECT count(*) FROM tenants t WHERE t.cell_id = c.cell_id) AS tenants
           FROM cells c ORDER BY cell_id`,
        ),
      ],
      { fresh: true },
    );
    return ok({ data: rows.map((row) => ({ ...row, replicas: JSON.parse(String(row["replicas"])) })) });
  },
);

const showCentral = platformEndpoint(
  {
    ...operator,
    method: "get",
    path: "/internal/central",
    summary: "Where the central database is, whether it is there or not",
    idempotency: "none",
    answers: { 200: { description: "Its nodes, by this Worker's configuration", schema: CentralNodes } },
  },
  async (scope) => ok(scope.config.CENTRAL),
);

const putCell = platformEndpoint(
  {
    ...operator,
    method: "put",
    path: "/internal/cells/{cell_id}",
    summary: "Register a cell, or change where it is",
    idempotency: "accepted",
    params: z.strictObject({
      cell_id: CellId.refine((id) => id !== CENTRAL_CELL, `must not be ${CENTRAL_CELL}, which stands for the central database's nodes`),
    }),
    body: z.strictObject({ driver: z.literal("sqld"), ...Nodes }),
    answers: { 200: { description: "The cell", schema: z.object({ cell_id: z.string() }) } },
  },
  async (scope, { params, body }) => {
    const result = await scope.central.write(
      unitOf(scope, {
        steps: [
          statement(
            `INSERT INTO cells (cell_id, driver, primary_url, admin_url, replicas, updated_at_ms) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (cell_id) DO UPDATE SET primary_url = excluded.primary_url, admin_url = excluded.admin_url,
               replicas = excluded.replicas, updated_at_ms = excluded.updated_at_ms`,
            params.cell_id,
            body.driver,
            body.primary_url,
            body.admin_url,
            JSON.stringify(body.replicas),
            scope.clock.now(),
          ),
        ],
        answer: { status: 200, select: statement("SELECT json_object('cell_id', ?)", params.cell_id) },
      }),
    );
    forgetDirectory();
    return replyOf(result);
  },
);

const createDatabase = platformEndpoint(
  {
    ...operator,
    method: "put",
    path: "/internal/cells/{cell_id}/databases/{namespace}",
    summary: "Make an empty database",
    description: "For npm run cell. One that is there already is left as it is.",
    idempotency: "accepted",
    params: DatabaseParams,
    answers: {
      201: { description: "Made", schema: z.object({ namespace: Namespace }) },
      200: { description: "It was there already", schema: z.object({ namespace: Namespace }) },
    },
  },
  async (scope, { params }) => {
    const cell = await readCell(scope, params.cell_id);
    const created = await createNamespace(cell.admin, params.namespace);
    return { status: created ? 201 : 200, body: { namespace: params.namespace } };
  },
);

const deleteDatabase = platformEndpoint(
  {
    ...operator,
    method: "delete",
    path: "/internal/cells/{cell_id}/databases/{namespace}",
    summary: "Drop a database that nobody lives in",
    idempotency: "accepted",
    params: DatabaseParams,
    answers: { 204: { description: "Dropped, or it was not there" } },
    errors: ["CONFLICT"],
  },
  async (scope, { params }) => {
    await dropDatabase(scope, await readCell(scope, params.cell_id), params.namespace);
    return { status: 204 };
  },
);

const openDatabase = platformEndpoint(
  {
    ...operator,
    method: "post",
    path: "/internal/cells/{cell_id}/databases/{namespace}/access",
    summary: "Where a database is, with a token for it",
    description: "For npm run tenant -- move and npm run cell, which copy databases without passing them through the Worker.",
    idempotency: "none",
    params: DatabaseParams,
    body: z.strictObject({ access: z.enum(["ro", "rw"]) }),
    answers: { 200: { description: "How to reach it", schema: Access } },
  },
  async (scope, { params, body }) => {
    const { primary_url, replicas } = await readCell(scope, params.cell_id);
    const token = await databaseToken(scope.config.JWT_PRIVATE_KEY, params.namespace, body.access, scope.clock.now());
    return ok({ namespace: params.namespace, primary_url, replicas, token });
  },
);

const restore = platformEndpoint(
  {
    ...operator,
    method: "post",
    path: "/internal/cells/{cell_id}/databases/{namespace}/restore",
    summary: "Put a database that was filled under another name in its place",
    idempotency: "none",
    params: DatabaseParams,
    body: z.strictObject({ from: Namespace, replace: z.boolean() }),
    answers: { 200: { description: "It is served from now on", schema: z.object({ namespace: Namespace }) } },
    errors: ["CONFLICT"],
  },
  async (scope, { params, body }) => {
    await restoreDatabase(scope, await readCell(scope, params.cell_id), { namespace: params.namespace, ...body });
    return ok({ namespace: params.namespace });
  },
);

export const cellRoutes: Endpoint[] = [listCells, showCentral, putCell, createDatabase, deleteDatabase, openDatabase, restore];
