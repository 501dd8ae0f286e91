import { checkEvents } from "../check-effects.ts";
import { effectsOf, type Outcome, sendAll } from "../effects.ts";
import { type Fault, randomFrom } from "../fault-choice.ts";
import type { FaultRule } from "../fault-proxy.ts";
import { judge, rowOf, type Scenario, type ScenarioOptions } from "../scenario.ts";
import type { FaultStand, FaultTenant } from "../stand.ts";

const CLIENTS = 20;

interface Shot {
  /** What is done to the one batch that is aimed at. */
  fault: Fault;
  /** What happens to the requests after it, until the round is over. */
  after?: FaultRule;
}

interface Aim {
  name: string;
  about: string;
  fault: string;
  rounds: { short: number; whole: number };
  /** `struck`: to be called with what the fault set going, so that the round waits for it. */
  shot(stand: FaultStand, tenant: FaultTenant, random: () => number, struck: (work: Promise<void>) => void): Shot;
}

/** Rounds of a few writes each; the first batch that carries some of them meets one fault, at one moment of its life. */
function aimed({ name, about, fault, rounds, shot }: Aim): Scenario {
  return {
    name,
    about,
    async run(stand, options: ScenarioOptions) {
      const { progress } = options;
      const tenant = await stand.tenant(name);
      const random = randomFrom(options.seed + name.length);
      const times = options.short ? rounds.short : rounds.whole;
      const family = name.replaceAll("-", "");
      const outcomes: Outcome[] = [];
      let hit = 0;
      for (let round = 0; round < times; round++) {
        progress(`${name}: round ${round + 1} of ${times}`);
        const effects = effectsOf(family, CLIENTS, tenant, round * CLIENTS);
        const works: Promise<void>[] = [];
        const { fault, after } = shot(stand, tenant, random, (work) => works.push(work));
        // Not always the first batch: the writer's object and its memory are cold then.
        let skipped = round % 2;
        let isShot = false;
        stand.proxy.use((request) => {
          if (request.namespace === "central") return null;
          if (isShot) return after?.(request) ?? null;
          if (request.kind !== "write" || request.keys.length === 0 || skipped-- > 0) return null;
          isShot = true;
          hit += 1;
          return fault;
        });
        outcomes.push(...(await sendAll(effects, CLIENTS / 2, { base_url: () => stand.worker.base_url })));
        await Promise.all(works);
      }
      const verdict = await judge(stand, tenant, outcomes);
      const events = await checkEvents(tenant.database);
      const row = rowOf(name, fault, hit, verdict, outcomes.length);
      return [
        {
          ...row,
          lost: row.lost + events.lost,
          doubled: row.doubled + events.doubled,
          wrong: [...row.wrong, ...events.wrong, ...(hit < times ? [`only ${hit} of ${times} rounds met their fault`] : [])],
        },
      ];
    },
  };
}

export const aimedScenarios: Scenario[] = [
  aimed({
    name: "worker-killed",
    about: "workerd is killed when sqld has committed and the writer has no answer yet",
    fault: "workerd killed between commit and answer",
    rounds: { short: 2, whole: 12 },
    shot: (stand, _tenant, _random, struck) => ({
      // The answer waits until workerd is gone.
      fault: { kind: "lost_answer", ms: 0, answered: () => struck(stand.worker.killAndRestart()) },
    }),
  }),
  aimed({
    name: "worker-killed-midway",
    about: "workerd is killed while its batch runs on",
    fault: "workerd killed while its batch runs",
    rounds: { short: 1, whole: 12 },
    shot: (stand, _tenant, _random, struck) => ({
      fault: { kind: "stall", ms: 0, forwarded: () => struck(stand.worker.killAndRestart()) },
    }),
  }),
  aimed({
    name: "database-killed",
    about: "the sqld primary is killed with a commit in it, a moment after it got the batch",
    fault: "sqld killed during a commit",
    rounds: { short: 3, whole: 24 },
    shot: (stand, _tenant, random, struck) => ({
      fault: {
        kind: "delay",
        ms: 0,
        forwarded: () => struck(new Promise<void>((resume) => setTimeout(resume, random() * 12)).then(() => stand.killDatabase())),
      },
    }),
  }),
  aimed({
    name: "evicted",
    about: "the writer's object loses its memory with a batch in flight",
    fault: "object evicted before its answer",
    rounds: { short: 4, whole: 30 },
    shot: (stand, { tenant_id }) => ({ fault: { kind: "delay", ms: 0, answered: () => stand.worker.evict(tenant_id) } }),
  }),
  aimed({
    name: "evicted-midway",
    about: "the same while the batch runs on without it",
    fault: "object evicted while its batch runs",
    rounds: { short: 4, whole: 30 },
    shot: (stand, { tenant_id }, _random, struck) => ({
      fault: { kind: "delay", ms: 0, forwarded: () => struck(stand.worker.evict(tenant_id)) },
    }),
  }),
  aimed({
    name: "late",
    about:
      "a batch is cut and commits later: after it was made void, or, where that fails for a while, before or beside its units' next batch",
    fault: "answer lost, commits late",
    rounds: { short: 6, whole: 40 },
    shot: (_stand, _tenant, random) => {
      let refused = Math.floor(random() * 4);
      return {
        fault: { kind: "late", ms: Math.round(random() * 400) },
        after: ({ kind }) => (kind === "settle" && refused-- > 0 ? { kind: "refuse", ms: 0 } : null),
      };
    },
  }),
];
