/**
 * One per node and isolate. After a failure the node is left alone for `open_ms`, then one call at a time
 * may try it again; the first success closes it.
 */
export class Breaker {
  private open_until_ms = 0;
  private probing = false;
  private readonly open_ms: number;

  constructor(openMs = 2_000) {
    this.open_ms = openMs;
  }

  /** Whether to call the node now. A true after a failure must be followed by `succeeded` or `failed`. */
  allows(nowMs: number): boolean {
    if (this.open_until_ms === 0) return true;
    if (nowMs < this.open_until_ms || this.probing) return false;
    this.probing = true;
    return true;
  }

  succeeded(): void {
    this.open_until_ms = 0;
    this.probing = false;
  }

  failed(nowMs: number): void {
    this.open_until_ms = nowMs + this.open_ms;
    this.probing = false;
  }

  isOpen(nowMs: number): boolean {
    return nowMs < this.open_until_ms;
  }
}
