import { IDBFactory } from "fake-indexeddb";
import { createTillClient, openTillDatabase, type TillClient } from "../../src/client/index.ts";
import type { Locks } from "../../src/client/leader.ts";
import type { Channel, TabMessage } from "../../src/client/tabs.ts";
import type { FakeServer } from "./fake-server.ts";
import "fake-indexeddb/auto";

export interface Device {
  /** Another tab of the same device. */
  openTab(): Promise<TillClient>;
  /** Ends a tab without a word: its lock is let go, what it has asked is answered to nobody, what it wrote as on its way stays so. */
  crash(tab: TillClient): void;
  clock: { now_ms: number };
}

/** A device with a disk, its tabs with one lock between them. Timers pass at once unless they are forever. */
export function createDevice(server: FakeServer, random: () => number = () => 0.5): Device {
  globalThis.indexedDB = new IDBFactory();
  const clock = { now_ms: Date.UTC(2026, 10, 20) };
  const tabs = new Set<Channel>();
  const deaths = new Map<TillClient, () => void>();
  let holder: Promise<void> = Promise.resolve();
  const locksUntil = (death: Promise<void>): Locks => ({
    request: (_name, { signal }, held) => {
      let isDead = false;
      const died = death.then(() => {
        isDead = true;
      });
      const turn = holder.then(() => (signal?.aborted || isDead ? undefined : Promise.race([held(), died])));
      holder = turn.then(
        () => {},
        () => {},
      );
      return turn;
    },
  });
  let bytes = 0;
  return {
    clock,
    async openTab() {
      const channel: Channel = {
        onmessage: null,
        postMessage(message: TabMessage) {
          for (const other of tabs) if (other !== channel) queueMicrotask(() => other.onmessage?.({ data: message } as MessageEvent));
        },
        close() {},
      };
      tabs.add(channel);
      let isDead = false;
      let die = (): void => {};
      const death = new Promise<void>((resolve) => {
        die = resolve;
      });
      const toNobody = new Promise<never>(() => {});
      const tab = createTillClient({
        database: await openTillDatabase("till"),
        base_url: "http://fake",
        app_version: "test",
        fetch: async (input, init) => {
          if (isDead) return toNobody;
          const response = await server.fetch(input, init);
          return isDead ? toNobody : response;
        },
        now: () => clock.now_ms++,
        random,
        randomBytes: (count) => Uint8Array.from({ length: count }, (_, place) => (++bytes >> (8 * (place % 4))) & 0xff),
        locks: locksUntil(death),
        channel,
        storage: null,
        setTimer: (done, ms) => (ms < 1e9 ? setTimeout(done, Math.min(ms, 1)) : null),
        clearTimer: (timer) => clearTimeout(timer),
      });
      deaths.set(tab, () => {
        isDead = true;
        tabs.delete(channel);
        die();
      });
      await tab.start();
      return tab;
    },
    crash: (tab) => deaths.get(tab)?.(),
  };
}
