import type { Contest } from "../contest.ts";
import { assertSameAnswer, chosenHeaders, type RawAnswer, rawAnswer } from "../raw-answer.ts";
import type { Stand, StandTenant } from "../stand.ts";
import { hranaArg, type SqlArg } from "../tenant-database.ts";
import type { WorkerdProcess } from "../workerd.ts";

const connections = 16;

/** A read from memory against a constant answer of the same bytes. */
export async function againstConstant(stand: Stand, headers: Record<string, string>, paths: string[], answer: RawAnswer): Promise<Contest> {
  const bindings = { STATUS: String(answer.status), HEADERS: JSON.stringify(chosenHeaders(answer)), BODY: answer.body };
  return againstFloor(stand, await stand.floor("constant", bindings), headers, paths);
}

/**
 * The floor that reads rows of the replica: `sqls` in one request, `?1` being the store of the path; the last one gives version, hash and body
 * (null: the kept one).
 */
export function hranaRowFloor(
  stand: Stand,
  tenant: StandTenant,
  answer: RawAnswer,
  sqls: string[],
  { version_header, kept_body }: { version_header: string; kept_body?: Uint8Array },
): Promise<WorkerdProcess> {
  const args = (sql: string, ...values: SqlArg[]) => ({ stmt: { sql, args: values.map(hranaArg) } });
  const steps = sqls.map((sql) => (sql.includes("?1") ? args(sql, "$store_id") : args(sql)));
  return stand.floor("hrana-row", {
    REPLICA_URL: tenant.replica.url,
    NAMESPACE_HEADER: tenant.replica.namespace_header,
    TOKEN: tenant.replica.token,
    REQUEST: JSON.stringify({ requests: [{ type: "batch", batch: { steps } }, { type: "close" }] }),
    HEADERS: JSON.stringify(chosenHeaders(answer).filter(([name]) => name !== "etag" && name !== version_header)),
    KEPT_BODY: kept_body ?? new Uint8Array(),
    VERSION_HEADER: version_header,
  });
}

/** Reads of `paths` against a floor that answers them the same. */
export async function againstFloor(
  stand: Stand,
  floor: WorkerdProcess,
  headers: Record<string, string>,
  paths: string[],
): Promise<Contest> {
  const ours = await rawAnswer(`${stand.worker.base_url}${paths.at(-1)}`, { headers });
  assertSameAnswer(ours, await rawAnswer(`${floor.base_url}${paths.at(-1)}`, { headers }), ["x-request-id"]);
  const plan = { connections, method: "GET", headers, paths, fresh_ids: false, expect_status: ours.status } as const;
  return { ours: stand.underLoad(stand.worker, plan), floor: stand.underLoad(floor, plan), stop: floor.stop };
}
