import { fromUtf8, utf8 } from "../../kernel/bytes.ts";
import { gunzip, gzip } from "../../kernel/gzip.ts";
import { answerHash, answerText, itemsAt, type OrderabilityItem, type StoreOrderability } from "../inventory/index.ts";
import { type TradingState, tradingAt } from "../stores/index.ts";

/** What a store's orderability is from one change to the next that comes by time. */
export interface OrderabilityState {
  trading: TradingState["reason"];
  /** When it is over by itself; null: not in sight. */
  until_ms: number | null;
  hash: string;
  packed(): Promise<Uint8Array>;
  text(): Promise<string>;
  items(): Promise<readonly [code: string, item: OrderabilityItem][]>;
}

/** One version of a store's orderability in memory. What time makes of it is worked out once for as long as it holds. */
export class HeldOrderability {
  readonly row: StoreOrderability;
  #state: OrderabilityState | undefined;

  constructor(row: StoreOrderability) {
    this.row = row;
  }

  get held_bytes(): number {
    const { packed, items } = this.row;
    return (packed?.gzip.length ?? 0) * PARSED_FACTOR + (items ? Object.keys(items).length * ITEM_BYTES : 0);
  }

  /** Whether what was packed has had its time: then the row has to be asked for again. */
  isOver(nowMs: number): boolean {
    const { packed } = this.row;
    return packed !== null && packed.until_ms !== null && packed.until_ms <= nowMs;
  }

  async at(nowMs: number): Promise<OrderabilityState> {
    const held = this.#state;
    if (held && isWithin(held, nowMs)) return held;
    const made = await stateAt(this.row, nowMs);
    this.#state = made;
    return made;
  }

  /** Whether `state` is still what `at` would give. */
  isAt(state: OrderabilityState, nowMs: number): boolean {
    return this.#state === state && isWithin(state, nowMs);
  }
}

/** Unpacked and parsed beside the packed bytes; a row's item in memory. */
const PARSED_FACTOR = 12;
const ITEM_BYTES = 300;

const isWithin = (state: OrderabilityState, nowMs: number): boolean => state.until_ms === null || nowMs < state.until_ms;

const earlier = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b));

async function stateAt(row: StoreOrderability, nowMs: number): Promise<OrderabilityState> {
  const { reason, next_change_at_ms } = tradingAt(row.trading, nowMs);
  if (row.packed && reason === null) {
    const { gzip: bytes, hash, until_ms } = row.packed;
    const text = once(async () => fromUtf8(await gunzip(bytes)));
    return {
      trading: reason,
      until_ms: earlier(until_ms, next_change_at_ms),
      hash,
      packed: async () => bytes,
      text,
      items: once(async () => itemsOfAnswer(await text())),
    };
  }
  const { items, next_change_at_ms: itemsUntilMs } = row.packed
    ? { items: await closed(row.packed.gzip, reason), next_change_at_ms: row.packed.until_ms }
    : itemsAt(row.items ?? {}, reason, nowMs);
  const text = answerText({ as_of: new Date(row.changed_at_ms).toISOString(), version: row.version }, items);
  return {
    trading: reason,
    until_ms: earlier(itemsUntilMs, next_change_at_ms),
    hash: await answerHash(text),
    packed: once(() => gzip(utf8(text))),
    text: async () => text,
    items: async () => items,
  };
}

const itemsOfAnswer = (text: string): [string, OrderabilityItem][] =>
  Object.entries((JSON.parse(text) as { items: Record<string, OrderabilityItem> }).items).sort(([a], [b]) => (a < b ? -1 : 1));

/** What was packed for an open store, where it is not. */
async function closed(packed: Uint8Array, reason: TradingState["reason"]): Promise<[string, OrderabilityItem][]> {
  const items = itemsOfAnswer(fromUtf8(await gunzip(packed)));
  return items.map(([code, item]) => [
    code,
    item.orderable && reason !== null ? { variant_id: item.variant_id, orderable: false, reason } : item,
  ]);
}

/** Made when it is first asked for. Its value is kept, not its promise: in Workers that belongs to the request that made it. */
function once<T extends object | string>(make: () => Promise<T>): () => Promise<T> {
  let made: T | undefined;
  return async () => {
    made ??= await make();
    return made;
  };
}
