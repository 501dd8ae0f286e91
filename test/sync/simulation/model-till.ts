import { AppError } from "../../../src/kernel/errors.ts";
import { uuidV7 } from "../../../src/kernel/ids.ts";
import { Lost, type ModelServer, VARIANTS } from "./model-server.ts";

export interface SentOperation {
  id: string;
  type: string;
  occurred_at: string;
  payload: Record<string, unknown>;
}

export interface TillResult {
  id: string;
  status: string;
  code?: string;
  version?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: rows of the feed, by entity.
type Data = any;

/** A till as its client library is: a queue sent from the front, a copy kept by the feed, a clock of its own. */
export class ModelTill {
  readonly terminal_id: string;
  private readonly server: ModelServer;
  private readonly chance: () => number;
  /** How far its clock is from the right one. */
  private readonly clock_ms: number;
  readonly queue: SentOperation[] = [];
  /** All that it ever did, and what it was last told of each. */
  readonly done: SentOperation[] = [];
  /** When it really was. */
  readonly done_at_ms = new Map<string, number>();
  readonly told = new Map<string, TillResult>();
  readonly copy = new Map<string, Data>();
  private cursor: string | undefined;
  /** Its own orders and shifts that it believes to be open. */
  private readonly open: string[] = [];
  private shift: string | null = null;
  private readonly to_acknowledge: string[] = [];

  constructor(server: ModelServer, terminalId: string, chance: () => number) {
    this.server = server;
    this.terminal_id = terminalId;
    this.chance = chance;
    this.clock_ms = chance() < 0.3 ? Math.round((chance() - 0.5) * 2 * 86_400_000) : 0;
  }

  private below = (most: number): number => Math.floor(this.chance() * most);
  private pick = <T>(from: readonly T[]): T => from[this.below(from.length)] as T;
  private id = (): string =>
    uuidV7(
      this.server.now_ms,
      Uint8Array.from({ length: 10 }, () => this.below(256)),
    );
  private get here(): string {
    return new Date(this.server.now_ms + this.clock_ms).toISOString();
  }

  private do(type: string, payload: Record<string, unknown>): void {
    const operation = { id: this.id(), type, occurred_at: this.here, payload };
    this.done_at_ms.set(operation.id, this.server.now_ms);
    this.queue.push(operation);
    this.done.push(operation);
  }

  private line = () => ({
    line_id: this.id(),
    item_code: this.chance() < 0.01 ? "nobody" : this.pick(VARIANTS),
    quantity: this.chance() < 0.8 ? 1 + this.below(3) : (1 + this.below(30_000)) / 10_000,
    unit_price: this.below(2_000),
    discount: this.chance() < 0.1 ? this.below(50) : 0,
    tax_rate: this.pick([0, 0.05, 0.09, 0.2]),
    modifiers: this.chance() < 0.2 ? [{ price: this.below(100) }] : [],
  });

  private payment = () => ({
    payment_id: this.id(),
    method: this.pick(["cash", "card"]),
    amount: 1 + this.below(5_000),
    ...(this.shift && this.chance() < 0.7 ? { shift_id: this.shift } : {}),
  });

  /** Something that is sold, moved or written down here. */
  act(): void {
    const lines = (most: number) => Array.from({ length: 1 + this.below(most) }, this.line);
    const dice = this.chance();
    const order = this.anOpenOrder();
    if (dice < 0.45) {
      this.do("order.create", { order_id: this.id(), currency: "USD", lines: lines(3), payments: [this.payment()], close: true });
    } else if (dice < 0.55) {
      const order_id = this.id();
      this.open.push(order_id);
      this.do("order.create", { order_id, currency: this.chance() < 0.02 ? "EUR" : "USD", lines: this.chance() < 0.5 ? [] : lines(2) });
    } else if (dice < 0.65 && order) this.do("order.add_lines", { order_id: order, lines: lines(2) });
    else if (dice < 0.72 && order) this.do("order.close", { order_id: order, payments: this.chance() < 0.5 ? [this.payment()] : [] });
    else if (dice < 0.74 && order) this.do("order.cancel", { order_id: order });
    else if (dice < 0.78 && order) this.do("payment.record", { order_id: order, ...this.payment() });
    else if (dice < 0.84)
      this.do("inventory_adjustment", { item_code: this.pick(VARIANTS.slice(0, 5)), quantity_delta: this.below(20) - 9.5 });
    else if (dice < 0.92) {
      const fields = Object.fromEntries(
        ["name", "phone", "email"].filter(() => this.chance() < 0.6).map((name) => [name, `${this.terminal_id} ${this.below(1_000)}`]),
      );
      this.do("customer.upsert", { customer_id: `c${this.below(5)}`, fields });
    } else if (dice < 0.96) this.moveDrawer();
    else if (dice < 0.98)
      this.do("cash.movement", { shift_id: this.shift ?? "none", movement_id: this.id(), direction: "in", amount: this.below(100) });
    else if (dice < 0.99) this.do("variant.update", { variant_id: "v1", name: "Mine" });
    else this.do("nonsense", {});
  }

  private moveDrawer(): void {
    if (this.shift) {
      this.do("shift.close", { shift_id: this.shift, counted_amount: this.below(10_000) });
      // Now and then it goes on using what it has closed.
      if (this.chance() < 0.7) this.shift = null;
      return;
    }
    this.shift = this.id();
    this.do("shift.open", { shift_id: this.shift, currency: "USD", opening_amount: 1_000 });
  }

  /** One of its own, or one that it sees of another till's. */
  private anOpenOrder(): string | null {
    const others = [...this.copy.keys()].filter((key) => key.startsWith("order "));
    const all = [...this.open.slice(-5), ...others.slice(-5).map((key) => key.slice(6))];
    return all.length > 0 ? this.pick(all) : null;
  }

  /** Sends from the front of the queue, and takes note of the answer if it comes. */
  async push(most: number, isAnswerLost: boolean): Promise<void> {
    const operations = this.queue.slice(0, most);
    const acknowledge = this.to_acknowledge.slice();
    const answer = await this.server.push(this.terminal_id, operations, this.here, acknowledge);
    if (isAnswerLost) throw new Lost();
    this.to_acknowledge.splice(0, acknowledge.length);
    this.take(answer.results);
    const sent = new Set(operations.map(({ id }) => id));
    // Others may have been answered meanwhile.
    for (let index = this.queue.length - 1; index >= 0; index--) if (sent.has(this.queue[index]?.id ?? "")) this.queue.splice(index, 1);
  }

  /** Sends again what it did before, as a request that went astray and arrives late. */
  async pushAgain(): Promise<void> {
    if (this.done.length === 0) return;
    const from = this.below(this.done.length);
    const unsent = new Set(this.queue.map(({ id }) => id));
    const late = this.done.slice(from, from + 1 + this.below(20)).filter(({ id }) => !unsent.has(id));
    this.take((await this.server.push(this.terminal_id, late, this.here, [])).results);
  }

  private take(results: readonly TillResult[]): void {
    for (const result of results) {
      const before = this.told.get(result.id);
      const outcome = (of: TillResult) => `${of.status === "duplicate" ? "applied" : of.status} ${of.code} ${of.version}`;
      if (before && outcome(before) !== outcome(result) && before.status !== "duplicate" && result.status !== "duplicate")
        throw new Error(`operation ${result.id} was told ${JSON.stringify(before)} and then ${JSON.stringify(result)}`);
      if (before?.status !== "applied") this.told.set(result.id, result);
    }
  }

  /** One page; false: there is no more. */
  async pull(limit: number, isAnswerLost: boolean): Promise<boolean> {
    let page: { changes: { entity: string; id: string; deleted: boolean; data: Data }[]; cursor: string; has_more: boolean };
    try {
      page = await this.server.pull(this.terminal_id, this.cursor, limit);
    } catch (error) {
      if (!(error instanceof AppError && error.code === "RESYNC_REQUIRED")) throw error;
      this.copy.clear();
      this.cursor = undefined;
      return true;
    }
    if (isAnswerLost) return true;
    for (const { entity, id, deleted, data } of page.changes) {
      const key = `${entity} ${id}`;
      if (deleted) this.copy.delete(key);
      else this.copy.set(key, data);
      if (entity === "rejection" && !deleted && this.chance() < 0.5) this.to_acknowledge.push(id);
    }
    this.cursor = page.cursor;
    return page.has_more;
  }
}
