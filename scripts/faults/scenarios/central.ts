import { type Effect, type Outcome, sendAll } from "../effects.ts";
import { faultChooser } from "../fault-choice.ts";
import { type FaultRow, rowOf, type Scenario } from "../scenario.ts";

const CLIENTS = 4;
const SHARE = 0.3;

/** Tenants and their keys, through the central database's writer. */
export const central: Scenario = {
  name: "central",
  about: `tenants and keys are made by clients that retry, ${SHARE * 100} % of the Worker's requests to sqld spoiled`,
  async run(stand, { seed, short, progress }) {
    const { proxy, central, worker, operator_key } = stand;
    const post = (key: string, path: string, body: unknown): Effect => ({
      key,
      kind: "draft",
      path,
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", authorization: `Bearer ${operator_key}`, "idempotency-key": key },
    });
    const slugs = Array.from({ length: short ? 3 : 20 }, (_, index) => `made-${index}`);
    const choose = faultChooser(seed + 3, SHARE, { stall: short ? 0 : 1 });
    proxy.forgetHits();
    proxy.use(() => choose());
    progress("central: making tenants");
    const sending = { base_url: () => worker.base_url };
    const tenants = slugs.map((slug, index) => post(`effect-made-${index}`, "/internal/tenants", { slug, name: slug, currency: "USD" }));
    const made = await sendAll([...tenants, ...tenants], CLIENTS, sending);
    progress("central: making keys");
    const keys = slugs.flatMap((slug, index) =>
      Array.from({ length: short ? 4 : 10 }, (_, number) =>
        post(`effect-key-${index * 100 + number}`, `/internal/tenants/${slug}/keys`, { role: "kds", name: `${slug}-${number}` }),
      ),
    );
    const given = await sendAll([...keys, ...keys], CLIENTS, sending);
    const faults = [...proxy.hits.values()].reduce((sum, { times }) => sum + times, 0);
    proxy.use(null);
    await proxy.settled();

    const tenantRows = await central.query(
      "SELECT slug AS name, count(*) AS n, max(status = 'active') AS whole FROM tenants GROUP BY slug",
    );
    const firstKeys = await central.query(
      "SELECT t.slug AS name, count(*) AS n FROM api_keys k JOIN tenants t USING (tenant_id) WHERE k.name = 'first' GROUP BY t.slug",
    );
    const keyRows = await central.query("SELECT name, count(*) AS n, min(key_id) AS id FROM api_keys WHERE role = 'kds' GROUP BY name");
    return [
      judged("tenants made", faults, slugs, made, (slug) => [counted(tenantRows, slug), counted(firstKeys, slug)], "slug", "admin_key"),
      judged(
        "keys made",
        faults,
        keys.map(({ body }) => (JSON.parse(body) as { name: string }).name),
        given,
        (name) => [counted(keyRows, name)],
        "name",
        "key",
      ),
    ];
  },
};

const counted = (rows: Record<string, string | null>[], name: string): number =>
  Number(rows.find((row) => row["name"] === name)?.["n"] ?? 0);

/** Each name once in each of its places, and one secret in all answers for it. */
function judged(
  words: string,
  faults: number,
  names: string[],
  outcomes: Outcome[],
  places: (name: string) => number[],
  nameField: string,
  secretField: string,
): FaultRow {
  const verdict = { lost: new Set<string>(), doubled: new Map<string, number>(), wrong: new Map<string, string>() };
  for (const name of names) {
    const counts = places(name);
    if (counts.includes(0)) verdict.lost.add(name);
    const most = Math.max(...counts);
    if (most > 1) verdict.doubled.set(name, most - 1);
    const answers = outcomes.filter(({ effect }) => (JSON.parse(effect.body) as Record<string, string>)[nameField] === name);
    const secrets = new Set(answers.map(({ answer }) => (answer && answer.status < 300 ? JSON.parse(answer.text)[secretField] : null)));
    if (secrets.size !== 1 || secrets.has(null) || secrets.has(undefined))
      verdict.wrong.set(name, `answered ${answers.map(({ answer }) => `${answer?.status} ${answer?.text.slice(0, 160)}`).join(" | ")}`);
  }
  return rowOf("central", words, faults, verdict, names.length);
}
