import { tenantClient } from "../../api-client.ts";
import type { BenchRow } from "../bench-row.ts";
import { kitchen } from "../bench-tenants.ts";
import { chosenHeaders, type RawAnswer, rawAnswer } from "../raw-answer.ts";
import { loadVerb, type RecordedStatement, type RecordedUnit } from "../recorded-verb.ts";
import type { StandTenant } from "../stand.ts";
import { hranaArg } from "../tenant-database.ts";

const path = "/api/v1/sync/push";
const sales = 500;
const connections = 4;
/** The first parts of a UUIDv7; what is counted comes after it. */
const recordedId = "019a5a5a-5a5a-7a5a-8a5a";
const effects = ["orders", "order_lines", "order_payments", "stock_movements", "sync_operations"];

export const pushes: BenchRow[] = [
  {
    name: "push",
    path: `push of ${sales} queued sales, ${connections} tills' worth`,
    floor: "bare object, one Hrana batch of the same statements",
    target: 0.7,
    async open(stand) {
      const tenant = await stand.tenant(kitchen);
      const terminal = await newTerminal(stand.worker.base_url, tenant);
      const headers = { authorization: `Bearer ${terminal.token}`, "content-type": "application/json", host: tenant.host_header };
      const send = (base_url: string, body: string) => rawAnswer(`${base_url}${path}`, { method: "POST", headers, body });
      const before = await counts(tenant);
      const ours = await send(stand.worker.base_url, bodyOf(recordedId));
      assertApplied(ours);
      const between = await counts(tenant);
      const floor = await stand.floor("group-commit", {
        PRIMARY_URL: tenant.primary.url,
        NAMESPACE_HEADER: tenant.primary.namespace_header,
        TOKEN: tenant.primary.token,
        STATEMENTS: JSON.stringify(await pushStatements(tenant, terminal)),
        STATUS: "200",
        HEADERS: JSON.stringify(chosenHeaders(ours)),
      });
      const floors = await send(floor.base_url, bodyOf(recordedId));
      if (floors.status !== 200) throw new Error(`the floor answered ${floors.status}: ${floors.body}`);
      assertSameEffects(before, between, await counts(tenant));
      const plan = { connections, method: "POST" as const, headers, body: bodyOf("[<v7>]"), fresh_ids: true, paths: [path] };
      const load = { ...plan, expect_status: 200 };
      return { ours: stand.underLoad(stand.worker, load), floor: stand.underLoad(floor, load), stop: floor.stop };
    },
  },
];

interface BenchTerminal {
  terminal_id: string;
  store_id: string;
  location_id: string;
  token: string;
}

async function newTerminal(baseUrl: string, tenant: StandTenant): Promise<BenchTerminal> {
  const client = tenantClient(baseUrl, tenant.slug, tenant.admin_key);
  const store_id = tenant.stores[0]?.id ?? "";
  const made = await client.post<BenchTerminal>("/api/v1/terminals", { store_id, name: "Bench till", device_id: "bench" });
  // What is not counted is sold without a movement.
  const counted = { location_id: made.location_id, movement_type: "count", quantity: 100_000_000, occurred_at };
  await client.post("/api/v1/inventory/movements", { movements: codes.map((item_code) => ({ item_code, ...counted })) });
  return made;
}

const codes = Array.from({ length: 150 }, (_, index) => `DISH-${String(index + 1).padStart(4, "0")}`);
const occurred_at = new Date().toISOString();

/** Whole sales of one line, paid and closed. `prefix` and a number make an id. */
function operationsOf(prefix: string) {
  return Array.from({ length: sales }, (_, index) => {
    const id = `${prefix}-${index.toString(16).padStart(12, "0")}`;
    const item_code = codes[index % codes.length];
    const payload = {
      order_id: id,
      currency: kitchen.currency,
      lines: [{ line_id: id, item_code, quantity: 1, unit_price: 950 }],
      payments: [{ payment_id: id, method: "cash", amount: 950 }],
      close: true,
    };
    return { id, type: "order.create", occurred_at, payload };
  });
}

const bodyOf = (prefix: string): string => JSON.stringify({ operations: operationsOf(prefix) });

/** The statements of the unit that a push writes, as Hrana takes them; without its guards and those of the events. */
async function pushStatements({ primary }: StandTenant, terminal: BenchTerminal): Promise<unknown[]> {
  type Push = (scope: object, terminal: object, input: object) => Promise<unknown>;
  const push = await loadVerb<Push>("src/domains/sync/push-operations.ts", "pushOperations");
  const units: RecordedUnit[] = [];
  const scope = {
    trace_id: "bench",
    request_id: "bench",
    clock: { now: () => Date.now(), newId: () => `${unseenId}-000000000000` },
    db: {
      read: (statements: RecordedStatement[]) => Promise.all(statements.map(({ sql, args }) => primary.query(sql, ...args).then(typed))),
      write: async (unit: RecordedUnit) => {
        units.push(unit);
        return { kind: "applied", answer: JSON.stringify({ sequence: 1, epoch: "bench", below_zero: [], current: {} }) };
      },
    },
  };
  await push(scope, terminal, { operations: operationsOf(unseenId) });
  const [unit] = units;
  if (!unit || units.length > 1) throw new Error(`the push wrote ${units.length} units`);
  const statements = unit.steps.filter((step): step is RecordedStatement => "sql" in step);
  const written = statements.filter(({ sql }) => !/^(INSERT INTO outbox|UPDATE commit_state)\b/.test(sql));
  const fresh = (arg: string | number | null) => (typeof arg === "string" ? arg.replaceAll(unseenId, "$id") : arg);
  return [...written, unit.answer.select].map(({ sql, args }) => ({ sql, args: args.map(fresh).map(hranaArg) }));
}

/** Nobody pushed it: every sale is new to the recorded push. */
const unseenId = "019a5a5b-5a5a-7a5a-8a5a";

/** Rows come as texts; what was a number is one again. */
const typed = (rows: Record<string, string | null>[]) =>
  rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value !== null && /^-?\d+$/.test(value) ? Number(value) : value])),
  );

async function counts({ primary }: StandTenant): Promise<number[]> {
  const [row] = await primary.query(`SELECT ${effects.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(", ")}`);
  return effects.map((table) => Number(row?.[table]));
}

function assertApplied(answer: RawAnswer): void {
  const { results = [] } = JSON.parse(answer.body.toString()) as { results?: { status: string; code?: string }[] };
  const other = results.find(({ status }) => status !== "applied");
  if (answer.status !== 200 || results.length !== sales || other) throw new Error(`the push was answered ${answer.body.subarray(0, 500)}`);
}

function assertSameEffects(before: number[], between: number[], after: number[]): void {
  const [ours, floors] = [
    between.map((count, index) => count - (before[index] ?? 0)),
    after.map((count, index) => count - (between[index] ?? 0)),
  ];
  if (ours.some((count) => count !== sales) || floors.join() !== ours.join())
    throw new Error(`rows of ${effects.join(", ")}: the floor wrote ${floors.join(", ")}, the Worker ${ours.join(", ")}`);
}
