import { checkEvents } from "../check-effects.ts";
import { effectsOf, type Outcome, sendAll } from "../effects.ts";
import { faultChooser } from "../fault-choice.ts";
import { judge, rowOf, type Scenario } from "../scenario.ts";

const CLIENTS = 20;
const SHARE = 0.2;

/**
 * A failover at its worst: two objects for one tenant, in two runtimes with storage of their own, neither knowing of the other, and every
 * effect asked of both at once.
 */
export const twoWriters: Scenario = {
  name: "two-writers",
  about: "two objects for one tenant alive at once, each asked for every effect",
  async run(stand, { seed, short, progress }) {
    const tenant = await stand.tenant("two-writers");
    const second = await stand.secondWorker();
    const effects = effectsOf("both", short ? 200 : 1_000, tenant);
    // Its first ones for itself: from here on each object has made effects that the other one does not know of.
    const alone = await sendAll(effects.slice(0, CLIENTS), CLIENTS, { base_url: () => second.base_url });
    const choose = faultChooser(seed + 2, SHARE, { stall: short ? 0 : 2 });
    stand.proxy.forgetHits();
    stand.proxy.use(({ namespace }) => (namespace === "central" ? null : choose()));
    const ended = (_: Outcome, done: number) => progress(`two-writers: ${done} of ${effects.length} writes answered by one of them`);
    const [first, other] = await Promise.all([
      sendAll(effects, CLIENTS, { base_url: () => stand.worker.base_url }, ended),
      sendAll(effects, CLIENTS, { base_url: () => second.base_url }),
    ]);
    const faults = [...stand.proxy.hits.values()].reduce((sum, { times }) => sum + times, 0);
    const verdict = await judge(stand, tenant, first);
    const answers = new Map(first.map(({ effect, answer }) => [effect.key, answer]));
    for (const { effect, answer } of [...alone, ...other]) {
      const own = answers.get(effect.key);
      if (own?.text !== answer?.text || own?.status !== answer?.status)
        verdict.wrong.set(effect.key, `answered ${own?.text.slice(0, 200)} by one and ${answer?.text.slice(0, 200)} by the other`);
    }
    const events = await checkEvents(tenant.database);
    const row = rowOf("two-writers", `two objects at once, ${SHARE * 100} % faults`, faults, verdict, effects.length);
    const wrong = [...row.wrong, ...events.wrong];
    return [{ ...row, lost: row.lost + events.lost, doubled: row.doubled + events.doubled, wrong }];
  },
};
