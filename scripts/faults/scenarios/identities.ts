import { type Effect, effectOf, type Outcome, sendUntilAnswered } from "../effects.ts";
import { type FaultRow, judge, rowOf, type Scenario } from "../scenario.ts";
import type { FaultStand, FaultTenant } from "../stand.ts";

/** The same text as key wherever it means something else; and one principal with two credentials. */
export const identities: Scenario = {
  name: "identities",
  about: "one key on two routes, by two principals, in two tenants: independent; by a rotated credential: the same",
  async run(stand, { short, progress }) {
    const one = await stand.tenant("one-of-two");
    const two = await stand.tenant("two-of-two");
    const till = await createKey(stand, one, "till");
    const rotated = await createKey(stand, one, "till");
    const office = await createKey(stand, one, "office");
    const rounds = short ? 5 : 50;
    const rows: FaultRow[] = [];
    // The answer of each key's first batch is lost, so that each is decided by receipts and not by memory alone.
    const hit = new Set<string>();
    const loseFirst = () => {
      hit.clear();
      stand.proxy.use(({ kind, keys }) => {
        const fresh = kind === "write" && keys.some((key) => !hit.has(key));
        for (const key of keys) hit.add(key);
        return fresh ? { kind: "lost_answer", ms: 0 } : null;
      });
    };
    const send = (effect: Effect) => sendUntilAnswered(effect, { base_url: () => stand.worker.base_url });
    const pairs = async (words: string, family: string, make: (key: string) => [Effect, Effect], judged: FaultTenant[]) => {
      progress(`identities: ${words}`);
      loseFirst();
      const firsts: Outcome[] = [];
      const seconds: Outcome[] = [];
      for (let round = 0; round < rounds; round++) {
        const [first, second] = await Promise.all(make(`effect-${family}-${round}`).map(send));
        firsts.push(first as Outcome);
        seconds.push(second as Outcome);
      }
      const [ours, theirs = ours] = judged as [FaultTenant, FaultTenant?];
      const verdicts = [await judge(stand, ours, firsts), await judge(stand, theirs, seconds)];
      const both = verdicts.map((verdict) => rowOf("identities", words, hit.size, verdict, rounds));
      return { both, firsts, seconds };
    };

    const independent = [
      {
        words: "one key on two routes",
        family: "routes",
        make: (key: string): [Effect, Effect] => [effectOf(key, "store", one), effectOf(key, "draft", one)],
        judged: [one],
        rows_per_key: 1,
      },
      {
        words: "one key in two tenants",
        family: "tenants",
        make: (key: string): [Effect, Effect] => [effectOf(key, "store", one), effectOf(key, "store", two)],
        judged: [one, two],
        rows_per_key: 1,
      },
    ];
    for (const { words, family, make, judged } of independent) {
      const { both } = await pairs(words, family, make, judged);
      rows.push(joined(both, rounds * 2));
    }

    // Two effects with one key and one name: each name stands twice, which is right here.
    const principals = await pairs(
      "one key by two principals",
      "principals",
      (key) => [effectOf(key, "draft", { slug: one.slug, key: till }), effectOf(key, "draft", { slug: one.slug, key: office })],
      [one],
    );
    rows.push(await twice(one, principals, rounds));

    const same = await pairs(
      "one key by a rotated credential: the same",
      "rotated",
      (key) => [effectOf(key, "draft", { slug: one.slug, key: till }), effectOf(key, "draft", { slug: one.slug, key: rotated })],
      [one],
    );
    const different = same.firsts.filter(({ answer }, index) => answer?.text !== same.seconds[index]?.answer?.text);
    const row = joined(same.both, rounds);
    rows.push({ ...row, wrong: [...row.wrong, ...different.map(({ effect }) => `${effect.key}: two answers`)] });
    return rows;
  },
};

function joined(both: FaultRow[], effects: number): FaultRow {
  const [first] = both as [FaultRow];
  return {
    ...first,
    effects,
    lost: both.reduce((sum, { lost }) => sum + lost, 0),
    doubled: both.reduce((sum, { doubled }) => sum + doubled, 0),
    wrong: [...new Set(both.flatMap(({ wrong }) => wrong))],
  };
}

async function twice(
  tenant: FaultTenant,
  { firsts, seconds, both }: { firsts: Outcome[]; seconds: Outcome[]; both: FaultRow[] },
  rounds: number,
): Promise<FaultRow> {
  const rows = await tenant.database.query(
    "SELECT name, count(*) AS n, group_concat(draft_id) AS ids FROM menu_drafts WHERE name LIKE 'effect-principals-%' GROUP BY name",
  );
  const standing = new Map(rows.map((row) => [String(row["name"]), { n: Number(row["n"]), ids: String(row["ids"]).split(",").sort() }]));
  const wrong: string[] = [];
  let lost = 0;
  let doubled = 0;
  firsts.forEach(({ effect, answer }, index) => {
    const there = standing.get(effect.key);
    const n = there?.n ?? 0;
    lost += Math.max(0, 2 - n);
    doubled += Math.max(0, n - 2);
    const answered = [answer, seconds[index]?.answer ?? null].map((one) => String(JSON.parse(one?.text ?? "{}").id)).sort();
    if (n === 2 && answered.join() !== there?.ids.join()) wrong.push(`${effect.key}: answered ${answered}, and the rows are ${there?.ids}`);
  });
  return { ...(both[0] as FaultRow), effects: rounds * 2, lost, doubled, wrong };
}

async function createKey({ operator }: FaultStand, { slug }: FaultTenant, name: string): Promise<string> {
  return (await operator.post<{ key: string }>(`/internal/tenants/${slug}/keys`, { role: "menu", name })).key;
}
