export const LOCATIONS = ["here", "there"] as const;
export const ITEMS = ["x", "y"] as const;
export type Location = (typeof LOCATIONS)[number];
export type Item = (typeof ITEMS)[number];
type Quantities = Partial<Record<Item, number>>;

/** One request of a test; quantities are whole units. */
export type Act =
  | { act: "move"; location: Location; item: Item; delta: number }
  | { act: "count"; location: Location; item: Item; quantity: number; late: boolean }
  | { act: "reserve"; order: string; location: Location; lines: Quantities; ends: boolean }
  | { act: "commit"; order: string; location: Location; picked: Quantities | null }
  | { act: "release"; order: string; location: Location }
  | { act: "transfer"; from: Location; lines: Quantities }
  | { act: "expire" };

interface Held {
  order: string;
  location: Location;
  item: Item;
  quantity: number;
  status: "active" | "committed" | "released" | "expired";
  ends: boolean;
  changed: number;
}

interface Entry {
  at: number;
  count: boolean;
  quantity: number;
}

const linesOf = (lines: Quantities): [Item, number][] => Object.entries(lines) as [Item, number][];

/** The rules of data-rules.md "Inventory" in memory, one request after the other: what a request answers and what every place comes to. */
export class StockModel {
  #now = 0;
  readonly #ledger = new Map<string, Entry[]>();
  #held: Held[] = [];

  /** The code of the refusal, or "ok". */
  apply(act: Act): string {
    this.#now += 1;
    switch (act.act) {
      case "move":
        return this.#record(act.location, act.item, { at: this.#now, count: false, quantity: act.delta });
      case "count":
        // One that arrives late was made before everything else.
        return this.#record(act.location, act.item, { at: act.late ? 0 : this.#now, count: true, quantity: act.quantity });
      case "reserve":
        return this.#reserve(act);
      case "commit":
        return this.#commit(act);
      case "release":
        return this.#release(act);
      case "transfer":
        return this.#transfer(act);
      case "expire":
        for (const held of this.#active()) if (held.ends) this.#change(held, "expired");
        return "ok";
    }
  }

  /** `[on hand, reserved]`; null: not tracked. */
  figures(location: Location, item: Item): [number, number] | null {
    const entries = this.#ledger.get(`${location} ${item}`);
    if (!entries) return null;
    const inOrder = [...entries].sort((a, b) => a.at - b.at);
    const newest = inOrder.findLastIndex(({ count }) => count);
    const onHand = inOrder.slice(Math.max(newest, 0)).reduce((sum, { quantity }) => sum + quantity, 0);
    const held = this.#active().filter((one) => one.location === location && one.item === item);
    return [onHand, held.reduce((sum, { quantity }) => sum + quantity, 0)];
  }

  #active(): Held[] {
    return this.#held.filter(({ status }) => status === "active");
  }

  #change(held: Held, status: Held["status"]): void {
    held.status = status;
    held.changed = this.#now;
  }

  #record(location: Location, item: Item, entry: Entry): string {
    const place = `${location} ${item}`;
    this.#ledger.set(place, [...(this.#ledger.get(place) ?? []), entry]);
    return "ok";
  }

  #available(location: Location, item: Item): number {
    const [onHand, reserved] = this.figures(location, item) ?? [0, 0];
    return onHand - reserved;
  }

  #reserve({ order, location, lines, ends }: Extract<Act, { act: "reserve" }>): string {
    const wanted = linesOf(lines).map(([item, quantity]) => ({
      item,
      quantity,
      own: this.#held.find((held) => held.order === order && held.location === location && held.item === item),
    }));
    const isOtherwise = wanted.some(
      ({ own, quantity }) => own?.status === "committed" || (own?.status === "active" && own.quantity !== quantity),
    );
    if (isOtherwise) return "RESERVATION_DIFFERS";
    const added = wanted.filter(({ own }) => own?.status !== "active");
    const isShort = added.some(({ item, quantity }) => this.figures(location, item) && this.#available(location, item) < quantity);
    if (isShort) return "STOCK_INSUFFICIENT";
    this.#held = this.#held.filter((held) => !added.some(({ own }) => own === held));
    for (const { item, quantity } of added) {
      this.#held.push({ order, location, item, quantity, status: "active", ends, changed: this.#now });
    }
    return "ok";
  }

  #commit({ order, location, picked }: Extract<Act, { act: "commit" }>): string {
    const own = this.#held.filter((held) => held.order === order && held.location === location);
    if (own.length === 0) return "NOT_FOUND";
    const alive = own.filter(({ status }) => status === "active" || status === "committed");
    const isLost = own.some(({ status, changed }) => status === "expired" && !alive.some((other) => other.changed >= changed));
    if (alive.length === 0 || isLost) return "RESERVATION_NOT_ACTIVE";
    const active = own.filter(({ status }) => status === "active");
    const beyond = linesOf(picked ?? {}).some(([item, quantity]) => {
      const line = own.find((held) => held.item === item);
      return line?.status !== "committed" && quantity > (line?.status === "active" ? line.quantity : 0);
    });
    if (active.length > 0 && beyond) return "RESERVATION_DIFFERS";
    for (const held of active) {
      const taken = picked ? (picked[held.item] ?? 0) : held.quantity;
      this.#change(held, "committed");
      if (taken > 0 && this.figures(location, held.item))
        this.#record(location, held.item, { at: this.#now, count: false, quantity: -taken });
    }
    return "ok";
  }

  #release({ order, location }: Extract<Act, { act: "release" }>): string {
    const own = this.#held.filter((held) => held.order === order && held.location === location);
    if (own.length === 0) return "NOT_FOUND";
    if (own.every(({ status }) => status === "committed")) return "RESERVATION_NOT_ACTIVE";
    for (const held of own) if (held.status === "active") this.#change(held, "released");
    return "ok";
  }

  #transfer({ from, lines }: Extract<Act, { act: "transfer" }>): string {
    if (linesOf(lines).some(([item, quantity]) => quantity > this.#available(from, item))) return "STOCK_INSUFFICIENT";
    const to = from === "here" ? "there" : "here";
    for (const [item, quantity] of linesOf(lines)) {
      this.#record(from, item, { at: this.#now, count: false, quantity: -quantity });
      this.#record(to, item, { at: this.#now, count: false, quantity });
    }
    return "ok";
  }
}
