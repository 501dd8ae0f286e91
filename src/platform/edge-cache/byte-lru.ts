interface Held<T> {
  item: T;
  bytes: number;
}

/** Keeps what was used last, up to a number of bytes. One item over the whole budget is not kept. */
export class ByteLru<T> {
  readonly #maxBytes: number;
  // A Map remembers the order of insertion: first is what was used longest ago.
  readonly #held = new Map<string, Held<T>>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#held.size;
  }

  /** The item, now the one used last. */
  use(key: string): T | undefined {
    const held = this.#held.get(key);
    if (!held) return undefined;
    this.#held.delete(key);
    this.#held.set(key, held);
    return held.item;
  }

  /** Puts an item in, or says how large it has become, and evicts what was used longest ago until all fits. */
  put(key: string, item: T, bytes: number): void {
    this.drop(key);
    if (bytes > this.#maxBytes) return;
    this.#held.set(key, { item, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#held.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.drop(oldest);
    }
  }

  drop(key: string): void {
    const held = this.#held.get(key);
    if (!held) return;
    this.#held.delete(key);
    this.#bytes -= held.bytes;
  }
}
