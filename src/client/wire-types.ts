/** What docs/sync.md says goes over the wire. Money is integer minor units, times are RFC 3339 UTC. */

export type OperationType =
  | "order.create"
  | "order.add_lines"
  | "order.close"
  | "order.cancel"
  | "payment.record"
  | "inventory_adjustment"
  | "customer.upsert"
  | "shift.open"
  | "shift.close"
  | "cash.movement";

export interface Operation {
  /** UUIDv7 or ULID, made once when the thing happened. */
  id: string;
  type: OperationType;
  occurred_at: string;
  payload: unknown;
}

export interface OperationResult {
  id: string;
  status: "applied" | "duplicate" | "conflict" | "rejected";
  version?: number;
  code?: string;
  detail?: string;
  current?: unknown;
}

export interface PushBody {
  operations: Operation[];
  sent_at?: string;
  app_version?: string;
  queue_length?: number;
  acknowledge?: string[];
}

export interface PushAnswer {
  results: OperationResult[];
  cursor: string;
  server_time: string;
}

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

export interface Paired {
  terminal_id: string;
  store_id: string;
  location_id: string;
  name: string;
  device_id: string;
  token: string;
}

export interface TerminalSelf {
  terminal_id: string;
  name: string;
  device_id: string;
  store: { id: string; location_id: string; name: string; currency: string; timezone: string; locale: string };
  server_time: string;
}

export interface Modifier {
  option_id?: string;
  name: string;
  price: number;
  /** For each unit of the line. */
  quantity?: number;
}

export interface Line {
  line_id: string;
  variant_id?: string;
  item_code?: string;
  name?: string;
  quantity: number;
  unit_price: number;
  modifiers?: Modifier[];
  discount?: number;
  tax_rate?: number;
  note?: string;
}

export interface Payment {
  payment_id: string;
  method: "cash" | "card" | "other";
  amount: number;
  tendered?: number;
  shift_id?: string;
  reference?: string;
}

export interface OrderCreate {
  order_id: string;
  currency: string;
  number?: string;
  shift_id?: string;
  customer_id?: string;
  note?: string;
  tax_included?: boolean;
  total?: number;
  lines: Line[];
  payments?: Payment[];
  close?: boolean;
}
