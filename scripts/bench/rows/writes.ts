import type { BenchRow } from "../bench-row.ts";
import { kitchen } from "../bench-tenants.ts";
import type { Contest } from "../contest.ts";
import type { LoadPlan } from "../load-plan.ts";
import { assertSameAnswer, chosenHeaders, type RawAnswer, rawAnswer } from "../raw-answer.ts";
import { loadVerb, type RecordedStatement, type RecordingScope, recordUnit } from "../recorded-verb.ts";
import type { Stand, StandTenant } from "../stand.ts";
import { hranaArg } from "../tenant-database.ts";
import type { WorkerdProcess } from "../workerd.ts";

const path = "/api/v1/menus/drafts";

const draft = {
  name: "Bench draft",
  currency: "EUR",
  provider: "servery",
  sections: [
    { name: "Bowls", display_type: "list", items: ["DISH-0001", "DISH-0002", "DISH-0003"].map((item_code) => ({ item_code, price: 950 })) },
  ],
};

const atOnce = (clients: number): BenchRow => ({
  name: `write-${clients}`,
  path: `idempotent write (a draft), ${clients} client${clients === 1 ? "" : "s"}`,
  floor: "bare object, group commit of the same statements",
  target: 0.75,
  async open(stand) {
    const tenant = await stand.tenant(kitchen);
    const ours = await postDraft(stand, tenant);
    const floor = await stand.floor("group-commit", {
      PRIMARY_URL: tenant.primary.url,
      NAMESPACE_HEADER: tenant.primary.namespace_header,
      TOKEN: tenant.primary.token,
      STATEMENTS: JSON.stringify(await verbStatements()),
      STATUS: String(ours.status),
      HEADERS: JSON.stringify(chosenHeaders(ours)),
    });
    const headers = headersOf(tenant, "[<id>]");
    const floors = await rawAnswer(`${floor.base_url}${path}`, { method: "POST", headers, body: JSON.stringify(draft) });
    assertSameAnswer(ours, floors, ["x-request-id", "consistency-token", "body"]);
    assertSameDraft(ours, floors);
    return underPosts(stand, floor, { connections: clients, headers, fresh_ids: true });
  },
});

const replayed: BenchRow = {
  name: "replay",
  path: "replayed write (same key), 16 clients",
  floor: "one object call answering a constant",
  target: 0.85,
  async open(stand) {
    const tenant = await stand.tenant(kitchen);
    const key = crypto.randomUUID();
    await postDraft(stand, tenant, key);
    const ours = await postDraft(stand, tenant, key);
    const floor = await stand.floor("object-constant", {
      STATUS: String(ours.status),
      HEADERS: JSON.stringify(chosenHeaders(ours)),
      ANSWER: ours.body.toString(),
    });
    const headers = headersOf(tenant, key);
    const floors = await rawAnswer(`${floor.base_url}${path}`, { method: "POST", headers, body: JSON.stringify(draft) });
    assertSameAnswer(ours, floors, ["x-request-id"]);
    return underPosts(stand, floor, { connections: 16, headers, fresh_ids: false });
  },
};

export const writes: BenchRow[] = [...[1, 16, 64].map(atOnce), replayed];

function underPosts(stand: Stand, floor: WorkerdProcess, how: Pick<LoadPlan, "connections" | "headers" | "fresh_ids">): Contest {
  const plan = { ...how, method: "POST" as const, body: JSON.stringify(draft), paths: [path], expect_status: 201 };
  return { ours: stand.underLoad(stand.worker, plan), floor: stand.underLoad(floor, plan), stop: floor.stop };
}

const headersOf = (tenant: StandTenant, key: string): Record<string, string> => ({
  host: tenant.host_header,
  apikey: tenant.admin_key,
  "content-type": "application/json",
  "idempotency-key": key,
});

/** Saves a draft, once per key. */
export async function postDraft(stand: Stand, tenant: StandTenant, key: string = crypto.randomUUID()): Promise<RawAnswer> {
  const answer = await rawAnswer(`${stand.worker.base_url}${path}`, {
    method: "POST",
    headers: headersOf(tenant, key),
    body: JSON.stringify(draft),
  });
  if (answer.status !== 201) throw new Error(`the draft was answered ${answer.status}: ${answer.body}`);
  return answer;
}

/** The statements with which the verb saves this draft and reads its answer, as Hrana takes them. */
async function verbStatements(): Promise<unknown[]> {
  type CreateDraft = (scope: RecordingScope, body: typeof draft) => Promise<unknown>;
  const createDraft = await loadVerb<CreateDraft>("src/domains/menu/save-draft.ts", "createDraft");
  const { steps, answer } = await recordUnit((scope) => createDraft(scope, draft));
  const statements = steps.filter((step): step is RecordedStatement => "sql" in step);
  return [...statements, answer.select].map(({ sql, args }) => ({ sql, args: args.map(hranaArg) }));
}

function assertSameDraft(...answers: RawAnswer[]): void {
  const [ours, floors] = answers.map(({ body }) => {
    const { id: _, created_at: __, updated_at: ___, ...rest } = JSON.parse(body.toString());
    return JSON.stringify(rest);
  });
  if (ours !== floors) throw new Error(`the floor answers otherwise than the Worker:\n  ${floors}\n  ${ours}`);
}
