import type { SqlValue } from "../../platform/db/statement.ts";

/** Who writes, and where. */
export interface Place {
  /** null: no terminal. */
  terminal_id: string | null;
  store_id: string;
  location_id: string;
  currency: string;
}

export interface BookOrder {
  order_id: string;
  store_id: string;
  status: "open" | "closed" | "cancelled";
  currency: string;
  tax_included: boolean;
  fingerprint: string;
  version: number;
  /** As it was read; 0: it was not there. */
  read_version: number;
  /** What each line takes out of stock, by line. */
  lines: Map<string, StockTaken[]>;
  /** The content of each payment, by id. */
  payments: Map<string, string>;
}

export type StockTaken = [variant_id: string, quantity_e4: number];

export interface BookShift {
  shift_id: string;
  store_id: string;
  status: "open" | "closed";
  fingerprint: string;
  version: number;
  read_version: number;
  entries: Map<string, string>;
}

export interface BookCustomer {
  customer_id: string;
  fields: Record<string, string | null>;
  /** Who wrote each field last, and when. */
  stamps: Record<string, [ms: number, writer: string]>;
  version: number;
  read_version: number;
}

export interface BookVariant {
  variant_id: string;
  item_code: string;
  /** In effect at the store; null: none. */
  server_price_minor: number | null;
  /** What one of it takes out of stock: itself, or of a bundle its components. */
  stock: StockTaken[];
}

export interface LedgerSale {
  variant_id: string;
  movement_type: string;
  quantity_e4: number;
  occurred_at_ms: number;
  reference_type: string;
  reference_id: string;
  /** Its first movement begins a position there; a sale begins none. */
  begins: 0 | 1;
}

type Columns = Record<string, SqlValue>;

/** What is to be written; rows by the columns of their tables. */
export interface Changes {
  new_orders: Map<string, Columns>;
  /** Of orders that were there: what is added to their sums and set. */
  changed_orders: Map<string, Columns>;
  lines: Columns[];
  payments: Columns[];
  new_shifts: Map<string, Columns>;
  changed_shifts: Map<string, Columns>;
  shift_entries: Columns[];
  customers: Map<string, Columns>;
  ledger: LedgerSale[];
}

/**
 * What a decision needs to know, as it was read, and what was decided since: each operation sees what the ones before it did. Nothing here is
 * written; `book-writes.ts` makes statements of `changes`, which hold only while what was read has not changed.
 */
export interface Book {
  place: Place;
  now_ms: number;
  orders: Map<string, BookOrder>;
  shifts: Map<string, BookShift>;
  customers: Map<string, BookCustomer>;
  /** By `id …` and by `code …`. */
  variants: Map<string, BookVariant>;
  /** The variant that an option is; null: it is none. */
  options: Map<string, string | null>;
  /** Ids of orders and shifts whose beginning was not taken. */
  refused: Set<string>;
  changes: Changes;
}

export function newBook(place: Place, nowMs: number): Book {
  return {
    place,
    now_ms: nowMs,
    orders: new Map(),
    shifts: new Map(),
    customers: new Map(),
    variants: new Map(),
    options: new Map(),
    refused: new Set(),
    changes: {
      new_orders: new Map(),
      changed_orders: new Map(),
      lines: [],
      payments: [],
      new_shifts: new Map(),
      changed_shifts: new Map(),
      shift_entries: [],
      customers: new Map(),
      ledger: [],
    },
  };
}

/** What became of one operation. `current`: whose state at the end goes back with the answer. */
export interface Decision {
  status: "applied" | "duplicate" | "conflict" | "rejected";
  entity_id: string;
  version?: number;
  code?: string;
  detail?: string;
  current?: "order" | "shift" | "customer";
}

export const variantNamed = (book: Book, { variant_id, item_code }: { variant_id?: string | undefined; item_code?: string | undefined }) =>
  book.variants.get(variant_id === undefined ? `code ${item_code}` : `id ${variant_id}`);
