import { setTimeout as sleep } from "node:timers/promises";
import { tenantClient } from "../../api-client.ts";
import type { BenchRow } from "../bench-row.ts";
import { kitchen } from "../bench-tenants.ts";
import { assertSameAnswer, chosenHeaders, type RawAnswer, rawAnswer } from "../raw-answer.ts";
import { loadVerb, type RecordedStatement, type RecordingScope, recordUnit } from "../recorded-verb.ts";
import type { Stand, StandTenant } from "../stand.ts";
import { hranaArg } from "../tenant-database.ts";

const path = "/api/v1/inventory/reservations";
const codes = ["DISH-0001", "DISH-0002", "DISH-0003"];
const expires_in_s = 3_600;

/** What the tenant's ledger holds before the first reservation. */
const movements = 1_000_000;
const movementsAtOnce = 100_000;
const begunAtMs = Date.UTC(2026, 0, 1);
/** So much of each item that no round sells out. */
const counted = 100_000_000;
const deadlineMs = 120_000;

const atOnce = (clients: number): BenchRow => ({
  name: `reserve-${clients}`,
  path: `idempotent write (reserve 3 lines, ${movements.toLocaleString("en")} movements), ${clients} client${clients === 1 ? "" : "s"}`,
  floor: "bare object, group commit of the same statements",
  target: 0.75,
  async open(stand) {
    const tenant = await stand.tenant(kitchen);
    const location_id = await stockedLocation(stand, tenant);
    const ours = await reserve(stand.worker.base_url, tenant, location_id, "bench-ours");
    const floor = await stand.floor("group-commit", {
      PRIMARY_URL: tenant.primary.url,
      NAMESPACE_HEADER: tenant.primary.namespace_header,
      TOKEN: tenant.primary.token,
      STATEMENTS: JSON.stringify(await verbStatements(location_id)),
      STATUS: String(ours.status),
      HEADERS: JSON.stringify(chosenHeaders(ours)),
    });
    const floors = await reserve(floor.base_url, tenant, location_id, "bench-floor");
    assertSameAnswer(ours, floors, ["x-request-id", "consistency-token", "body"]);
    assertSameReservation(ours, floors);
    const plan = {
      connections: clients,
      method: "POST" as const,
      headers: headersOf(tenant, "[<id>]"),
      body: bodyOf(location_id, "[<id>]"),
      fresh_ids: true,
      paths: [path],
      expect_status: 201,
    };
    return { ours: stand.underLoad(stand.worker, plan), floor: stand.underLoad(floor, plan), stop: floor.stop };
  },
});

export const reservations: BenchRow[] = [1, 16, 64].map(atOnce);

const headersOf = (tenant: StandTenant, key: string): Record<string, string> => ({
  host: tenant.host_header,
  apikey: tenant.admin_key,
  "content-type": "application/json",
  "idempotency-key": key,
});

const bodyOf = (location_id: string, order_id: string): string =>
  JSON.stringify({ order_id, location_id, expires_in_s, lines: codes.map((item_code) => ({ item_code, quantity: 1 })) });

async function reserve(base_url: string, tenant: StandTenant, locationId: string, orderId: string): Promise<RawAnswer> {
  const order = `${orderId}-${crypto.randomUUID()}`;
  const answer = await rawAnswer(`${base_url}${path}`, {
    method: "POST",
    headers: headersOf(tenant, order),
    body: bodyOf(locationId, order),
  });
  if (answer.status !== 201) throw new Error(`the reservation was answered ${answer.status}: ${answer.body}`);
  return answer;
}

const stocked = new Map<Stand, Promise<string>>();

/** The kitchen's location, with its million movements and enough of everything; once a stand. */
function stockedLocation(stand: Stand, tenant: StandTenant): Promise<string> {
  const location = stocked.get(stand) ?? fillLedger(stand, tenant);
  stocked.set(stand, location);
  return location;
}

async function fillLedger(stand: Stand, { slug, admin_key, primary, replica }: StandTenant): Promise<string> {
  const [store] = await primary.query("SELECT location_id FROM stores ORDER BY store_id LIMIT 1");
  const locationId = store?.["location_id"] ?? "";
  const variants = await primary.query("SELECT variant_id, item_code FROM variants ORDER BY variant_id");
  const ofEach = Math.ceil(movements / variants.length);
  const pieces = Math.ceil(movements / movementsAtOnce);
  for (let piece = 0; piece < pieces; piece++) {
    const [from, to] = [piece, piece + 1].map((end) => Math.floor((ofEach * end) / pieces));
    await primary.query(
      `WITH RECURSIVE numbers (n) AS (SELECT ?1 + 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)
       INSERT INTO stock_movements (location_id, variant_id, occurred_at_ms, movement_id, movement_type, quantity_e4, created_at_ms)
       SELECT ?3, v.variant_id, ?4 + n, printf('bench-%08d', n), iif(n % 2, 'purchase', 'sale'), iif(n % 2, 10000, -10000), ?4
       FROM variants AS v CROSS JOIN numbers`,
      from ?? 0,
      to ?? 0,
      locationId,
      begunAtMs,
    );
  }
  const occurred_at = new Date(begunAtMs + 2 * ofEach).toISOString();
  await tenantClient(stand.worker.base_url, slug, admin_key).post("/api/v1/inventory/movements", {
    movements: variants.map(({ variant_id }) => ({
      variant_id,
      location_id: locationId,
      movement_type: "count",
      quantity: counted,
      occurred_at,
    })),
  });
  const deadline = Date.now() + deadlineMs;
  // Until then the replica is busy taking the ledger over.
  while ((await replica.query("SELECT 1 FROM stock_positions LIMIT 1")).length === 0) {
    if (Date.now() > deadline) throw new Error("the replica did not take the ledger over");
    await sleep(200);
  }
  return locationId;
}

/** The statements with which the verb reserves and reads its answer, as Hrana takes them; without those of the events. */
async function verbStatements(location_id: string): Promise<unknown[]> {
  type Reserve = (scope: RecordingScope, asked: unknown) => Promise<unknown>;
  const verb = await loadVerb<Reserve>("src/domains/inventory/reserve.ts", "reserve");
  const lines = codes.map((item_code) => ({ item_code, quantity: 1, modifiers: [] }));
  const { steps, answer } = await recordUnit((scope) => verb(scope, { order_id: "$id", location_id, lines, expires_in_s }));
  const statements = steps.filter((step): step is RecordedStatement => "sql" in step);
  const effects = statements.filter(({ sql }) => !/^(INSERT INTO outbox|UPDATE commit_state)\b/.test(sql));
  if (effects.length === statements.length) throw new Error("the verb has no events that its floor could leave out");
  return [...effects, answer.select].map(({ sql, args }) => ({ sql, args: args.map(hranaArg) }));
}

function assertSameReservation(...answers: RawAnswer[]): void {
  const [ours, floors] = answers.map(({ body }) => {
    const { order_id: _, lines } = JSON.parse(body.toString()) as { order_id: string; lines: Record<string, unknown>[] };
    return JSON.stringify(lines.map(({ expires_at: __, ...line }) => line));
  });
  if (ours !== floors) throw new Error(`the floor answers otherwise than the Worker:\n  ${floors}\n  ${ours}`);
}
