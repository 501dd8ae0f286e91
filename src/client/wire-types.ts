/**
 * What goes over the wire, as the server's own schemas have it: types only, nothing of the Worker is in a browser. Where a schema changes, what
 * does not fit it any more does not compile. What the fields mean is in docs/sync.md.
 */
import type { z } from "zod";
import type { OPERATIONS, OrderLine, OrderPayment } from "../domains/orders/operation-schemas.ts";
import type { Push, Pushed } from "../domains/sync/push-schemas.ts";
import type { OwnTerminal, PairTerminal, RegisteredTerminal } from "../domains/sync/terminals/terminal-schemas.ts";

export type OperationType = keyof typeof OPERATIONS;

export type PayloadOf<T extends OperationType> = z.input<(typeof OPERATIONS)[T]>;

/** Something that happened at the till, before it has an id and a time. */
export type Happened = { [T in OperationType]: { type: T; payload: PayloadOf<T> } }[OperationType];

export interface Operation {
  /** UUIDv7, made once when the thing happened. */
  id: string;
  type: OperationType;
  occurred_at: string;
  payload: unknown;
}

/** The server looks at each operation by itself; these are ours. */
export type PushBody = Omit<z.input<typeof Push>, "operations"> & { operations: Operation[] };
export type PushAnswer = z.output<typeof Pushed>;
export type OperationResult = PushAnswer["results"][number];

export interface Change {
  entity: string;
  id: string;
  version: number;
  deleted: boolean;
  data?: unknown;
}

export interface PullAnswer {
  changes: Change[];
  cursor: string;
  has_more: boolean;
}

export type PairBody = z.input<typeof PairTerminal>;
export type Paired = z.output<typeof RegisteredTerminal>;
export type TerminalSelf = z.output<typeof OwnTerminal>;

export type Line = z.input<typeof OrderLine>;
export type Modifier = NonNullable<Line["modifiers"]>[number];
export type Payment = z.input<typeof OrderPayment>;
export type OrderCreate = PayloadOf<"order.create">;
