import { type Answer, effectOf, sendUntilAnswered } from "../effects.ts";
import type { Fault } from "../fault-choice.ts";
import { type FaultRow, judge, rowOf, type Scenario } from "../scenario.ts";
import type { FaultStand, FaultTenant } from "../stand.ts";

const AT_ONCE = 100;

/** What befalls the batch that carries the key; made anew for each round. */
const faults: Record<string, (stand: FaultStand, tenant: FaultTenant) => Fault | null> = {
  "no fault": () => null,
  "committed, answer lost": () => ({ kind: "lost_answer", ms: 0 }),
  "cut while it runs": () => ({ kind: "cut_while_running", ms: 0 }),
  "cut, and forwarded later": () => ({ kind: "late", ms: 40 }),
  "object evicted before the answer": (stand, tenant) => ({
    kind: "delay",
    ms: 0,
    answered: () => stand.worker.evict(tenant.tenant_id),
  }),
};

/** A hundred requests with one key at the same moment. */
export const oneKey: Scenario = {
  name: "one-key",
  about: `${AT_ONCE} concurrent requests with one key: one effect, equal answers`,
  async run(stand, { short, progress }) {
    const tenant = await stand.tenant("one-key");
    const rounds = short ? 2 : 10;
    const rows: FaultRow[] = [];
    let number = 0;
    for (const [fault, make] of Object.entries(faults)) {
      const firsts: Awaited<ReturnType<typeof sendUntilAnswered>>[] = [];
      const unequal: string[] = [];
      let hits = 0;
      for (let round = 0; round < rounds; round++) {
        progress(`one-key: ${fault}, round ${round + 1} of ${rounds}`);
        const effect = effectOf(`effect-onekey-${number++}`, round % 2 === 0 ? "store" : "draft", tenant);
        let made = make(stand, tenant);
        stand.proxy.use(({ kind, keys }) => {
          if (kind !== "write" || !keys.includes(effect.key)) return null;
          const fault = made;
          if (fault) hits += 1;
          made = null;
          return fault;
        });
        const outcomes = await Promise.all(
          Array.from({ length: AT_ONCE }, () => sendUntilAnswered(effect, { base_url: () => stand.worker.base_url })),
        );
        const texts = new Set(outcomes.map(({ answer }) => `${answer?.status} ${answer?.text}`));
        const fresh = outcomes.filter(({ answer }) => answer && !(answer as Answer).replayed).length;
        if (texts.size > 1) unequal.push(`${effect.key}: ${texts.size} different answers: ${[...texts].join(" | ").slice(0, 300)}`);
        if (fresh > 1) unequal.push(`${effect.key}: ${fresh} of its answers are no replays`);
        firsts.push(outcomes[0] as (typeof outcomes)[number]);
      }
      const verdict = await judge(stand, tenant, firsts);
      const row = rowOf("one-key", fault, hits, verdict, rounds);
      rows.push({ ...row, wrong: [...row.wrong, ...unequal] });
    }
    return rows;
  },
};
