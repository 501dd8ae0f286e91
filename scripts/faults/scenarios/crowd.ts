import { checkEvents } from "../check-effects.ts";
import { effectsOf, type Outcome, sendAll } from "../effects.ts";
import { FAULT_KINDS, FAULT_WORDS, faultChooser, randomFrom } from "../fault-choice.ts";
import { type FaultRow, judge, rowOf, type Scenario } from "../scenario.ts";
import type { FaultStand, FaultTenant } from "../stand.ts";

const CLIENTS = 50;
const SHARE = 0.3;
const HANG_UPS = 0.03;
const HANG_UP_MS = 150;

/** What the driver does to a part that runs, in turn; a crash hits whatever is in flight. */
const blows = {
  "workerd killed": (stand: FaultStand) => stand.worker.killAndRestart(),
  "sqld killed": (stand: FaultStand) => stand.killDatabase(),
  "object evicted": (stand: FaultStand, tenant: FaultTenant) => stand.worker.evict(tenant.tenant_id),
  "swept meanwhile": (stand: FaultStand, tenant: FaultTenant) => stand.worker.sweep(tenant.tenant_id),
};
type Blow = keyof typeof blows;

/** Many clients that repeat until they are answered, with every kind of fault between the Worker and its database, and crashes among them. */
export const crowd: Scenario = {
  name: "crowd",
  about: `10,000 writes (short: 1,000) of ${CLIENTS} clients that retry until answered, ${SHARE * 100} % of the Worker's requests to sqld spoiled`,
  async run(stand, { seed, short, progress }) {
    const writes = short ? 1_000 : 10_000;
    const tenant = await stand.tenant("crowd");
    const effects = effectsOf("crowd", writes, tenant);
    const choose = faultChooser(seed, SHARE, { stall: short ? 1 : 12 });
    const random = randomFrom(seed + 1);
    const waiting = new Set<string>();
    const hung = new Set<string>();
    const struck = new Map<Blow, { times: number; keys: Set<string> }>();
    stand.proxy.forgetHits();
    stand.proxy.use((request) => (request.namespace === "central" ? null : choose()));

    const strike = async (blow: Blow) => {
      const hit = struck.get(blow) ?? { times: 0, keys: new Set() };
      struck.set(blow, hit);
      hit.times += 1;
      for (const { key } of effects.filter(({ key }) => waiting.has(key))) hit.keys.add(key);
      await blows[blow](stand, tenant);
    };
    const names = Object.keys(blows) as Blow[];
    const every = Math.floor(writes / ((short ? 1 : 6) * names.length + 1));
    let blow = 0;
    let striking: Promise<void> = Promise.resolve();
    const began = (key: string) => waiting.add(key);
    const ended = ({ effect }: Outcome, done: number) => {
      waiting.delete(effect.key);
      if (done % 25 === 0) progress(`crowd: ${done} of ${writes} writes answered`);
      if (done % every !== 0 || done + every > writes) return;
      const next = names[blow++ % names.length] as Blow;
      striking = striking.then(() => strike(next));
    };
    const outcomes = await sendAll(
      effects,
      CLIENTS,
      {
        base_url: () => stand.worker.base_url,
        began,
        hang_up_after_ms: () => (random() < HANG_UPS ? Math.round(random() * HANG_UP_MS) : null),
      },
      ended,
    );
    await striking;
    for (const { effect, hang_ups } of outcomes) if (hang_ups > 0) hung.add(effect.key);
    progress("crowd: looking at what stands");
    const verdict = await judge(stand, tenant, outcomes);
    const events = await checkEvents(tenant.database);

    const rows: FaultRow[] = [];
    for (const kind of FAULT_KINDS) {
      const hit = stand.proxy.hits.get(kind);
      rows.push(rowOf("crowd", FAULT_WORDS[kind], hit?.times ?? 0, verdict, 0, hit?.keys ?? new Set()));
    }
    const hang_ups = outcomes.reduce((sum, outcome) => sum + outcome.hang_ups, 0);
    rows.push(rowOf("crowd", "client hung up", hang_ups, verdict, 0, hung));
    for (const [name, { times, keys }] of struck) rows.push(rowOf("crowd", name, times, verdict, 0, keys));
    const faults = rows.reduce((sum, { count }) => sum + count, 0);
    rows.push(rowOf("crowd", "all of these", faults, verdict, outcomes.length));
    rows.push({ scenario: "crowd", fault: "all of these, on events", count: faults, effects: events.events, ...events });
    return rows;
  },
};
