import { EdgeCache } from "../../platform/edge-cache/edge-cache.ts";
import type { Scope } from "../../platform/http/scope.ts";
import { readOrderability } from "../inventory/index.ts";
import { HeldOrderability, type OrderabilityState } from "./orderability-state.ts";

const ENTRY_BYTES = 512;

/** What this isolate remembers of orderability, of all tenants: never older than a second. */
const cache = new EdgeCache<HeldOrderability>({
  max_bytes: 12 * 1024 * 1024,
  fresh_ms: 250,
  max_age_ms: 1_000,
  miss_ms: 1_000,
  size_of: (held) => ENTRY_BYTES + held.held_bytes,
});

const keyOf = (scope: Scope, storeId: string): string => `${scope.tenant.tenant_id}/${storeId}`;

async function load(scope: Scope, storeId: string, previous: HeldOrderability | undefined): Promise<HeldOrderability | "same" | null> {
  const nowMs = scope.clock.now();
  const held = previous && !previous.isOver(nowMs) ? previous.row : undefined;
  const found = await readOrderability(scope.db, storeId, held, nowMs);
  return found === null || found === "same" ? found : new HeldOrderability(found);
}

export interface FoundOrderability {
  held: HeldOrderability;
  state: OrderabilityState;
  /** Whether memory would still answer with this. */
  isCurrent(): boolean;
}

/**
 * What can be ordered at a store now: memory, else one row of the nearest replica. A request that carries a consistency token goes past memory.
 * null: there is no such store.
 */
export async function findOrderability(scope: Scope, storeId: string): Promise<FoundOrderability | null> {
  const key = keyOf(scope, storeId);
  const { clock } = scope;
  const ask = (previous: HeldOrderability | undefined) => load(scope, storeId, previous);
  let held = await (scope.db.seenVersion() === null ? cache.get(key, scope, ask) : cache.reload(key, scope, ask));
  if (held?.isOver(clock.now())) held = await cache.reload(key, scope, ask);
  if (!held) return null;
  const found = held;
  const state = await found.at(clock.now());
  return {
    held: found,
    state,
    isCurrent: () => cache.isFresh(key, found, clock.now()) && !found.isOver(clock.now()) && found.isAt(state, clock.now()),
  };
}
