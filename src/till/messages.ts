/** What the till says by itself; names of items and stores are the merchant's. Amounts and numbers arrive formatted for the locale. */
export interface TillMessages {
  title: string;
  sell: string;
  orders: string;
  shift: string;
  queue: string;
  views: string;
  pair_title: string;
  pair_lead: string;
  pair_code: string;
  pair_name: string;
  pair_default_name: string;
  pair_submit: string;
  pair_unknown_code: string;
  pair_other_store: string;
  pair_unreachable: string;
  pair_again: string;
  loading: string;
  search: string;
  search_hint: string;
  all_items: string;
  categories: string;
  nothing_found: string;
  not_orderable: Record<string, string>;
  basket: string;
  basket_empty: string;
  more_of: (name: string) => string;
  less_of: (name: string) => string;
  line_discount: string;
  line_discount_of: (name: string) => string;
  basket_discount: string;
  subtotal: string;
  discount: string;
  tax_included: string;
  total: string;
  due: string;
  paid: string;
  already_ordered: string;
  hold: string;
  clear: string;
  cancel: string;
  close: string;
  back: string;
  cash: string;
  card: string;
  pay_cash: string;
  pay_card: string;
  tendered: string;
  exact: string;
  change: string;
  not_enough: string;
  take_payment: string;
  card_reference: string;
  card_hint: string;
  add: string;
  choose: (min: number, max: number | null) => string;
  choose_first: (group: string) => string;
  percent: string;
  amount: string;
  apply: string;
  remove: string;
  receipt: string;
  receipt_kept: string;
  print: string;
  new_sale: string;
  order: (number: string) => string;
  no_orders: string;
  resume: string;
  cancel_order: string;
  cancel_order_sure: (number: string) => string;
  shift_none: string;
  shift_open: string;
  shift_opening: string;
  shift_opened: (time: string) => string;
  shift_close: string;
  shift_counted: string;
  shift_closed: string;
  shift_expected: string;
  shift_difference: string;
  cash_in: string;
  cash_out: string;
  cash_moved: string;
  cash_reason: string;
  cash_sales: string;
  card_sales: string;
  sales: string;
  receipts: string;
  no_receipts: string;
  status: Record<"idle" | "sending" | "waiting" | "refused" | "unpaired" | "offline", string>;
  unsent: (count: number) => string;
  failed: (count: number) => string;
  all_sent: string;
  retry: string;
  retry_at: (time: string) => string;
  export: string;
  acknowledge: string;
  persistent: string;
  not_persistent: string;
  why_waiting: string;
  /** By code; any other is told in the server's words. */
  reasons: Record<string, string>;
  attempts: (count: number) => string;
  entry_status: Record<"PENDING" | "REPLAYING" | "SUCCESS" | "FAILED", string>;
  operations: Record<string, string>;
  refused_lead: string;
  not_kept: string;
  bad_amount: string;
}

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const en: TillMessages = {
  title: "Till",
  sell: "Sell",
  orders: "Orders",
  shift: "Shift",
  queue: "Queue",
  views: "Parts of the till",
  pair_title: "Pair this till",
  pair_lead: "Ask a manager for a pairing code. It works once, for ten minutes.",
  pair_code: "Pairing code",
  pair_name: "Name of this till",
  pair_default_name: "Counter 1",
  pair_submit: "Pair",
  pair_unknown_code: "This code is not known, was used, or has run out. Ask for a new one.",
  pair_other_store: "Sales of another store still wait on this device. Pair it with that store again, or export them first.",
  pair_unreachable: "The server cannot be reached. Pairing needs the network.",
  pair_again: "Pair again",
  loading: "The menu is on its way …",
  search: "Search",
  search_hint: "Name, code or barcode",
  all_items: "All",
  categories: "Categories",
  nothing_found: "Nothing found.",
  not_orderable: {
    hidden: "Unavailable",
    no_price: "Unavailable",
    snoozed: "Not right now",
    no_stock: "Sold out",
    modifier_unavailable: "Options sold out",
    store_paused: "Store paused",
    store_closed: "Closed now",
  },
  basket: "Basket",
  basket_empty: "Nothing in it yet.",
  more_of: (name) => `One more ${name}`,
  less_of: (name) => `One less ${name}`,
  line_discount: "Discount",
  line_discount_of: (name) => `Discount on ${name}`,
  basket_discount: "Discount on all",
  subtotal: "Subtotal",
  discount: "Discount",
  tax_included: "Tax included",
  total: "Total",
  due: "To pay",
  paid: "Paid",
  already_ordered: "Ordered before",
  hold: "Keep open",
  clear: "Clear",
  cancel: "Cancel",
  close: "Close",
  back: "Back",
  cash: "Cash",
  card: "Card",
  pay_cash: "Pay cash",
  pay_card: "Pay by card",
  tendered: "Cash given",
  exact: "Exact",
  change: "Change",
  not_enough: "That is not enough.",
  take_payment: "Take payment",
  card_reference: "Reference of the card terminal (optional)",
  card_hint: "Take the payment on the card terminal. It is recorded here, not charged.",
  add: "Add",
  choose: (min, max) => {
    if (max === null) return min === 0 ? "Optional" : `Choose at least ${min}`;
    if (min === max) return `Choose ${min}`;
    return min === 0 ? `Optional, up to ${max}` : `Choose ${min} to ${max}`;
  },
  choose_first: (group) => `Choose from “${group}” first.`,
  percent: "Percent",
  amount: "Amount",
  apply: "Apply",
  remove: "Remove",
  receipt: "Receipt",
  receipt_kept: "Kept on this device.",
  print: "Print",
  new_sale: "New sale",
  order: (number) => `Order ${number}`,
  no_orders: "No order is open.",
  resume: "Continue",
  cancel_order: "Cancel order",
  cancel_order_sure: (number) => `Cancel order ${number}?`,
  shift_none: "No shift is open at this till. Sales can be made all the same.",
  shift_open: "Open shift",
  shift_opening: "Cash in the drawer",
  shift_opened: (time) => `Open since ${time}`,
  shift_close: "Close shift",
  shift_counted: "Cash counted",
  shift_closed: "The shift is closed",
  shift_expected: "Expected",
  shift_difference: "Difference",
  cash_in: "Put cash in",
  cash_out: "Take cash out",
  cash_moved: "Put in and taken out",
  cash_reason: "Reason",
  cash_sales: "Cash sales",
  card_sales: "Card sales",
  sales: "Sales",
  receipts: "Receipts on this device",
  no_receipts: "None yet.",
  status: {
    idle: "Online",
    sending: "Sending",
    waiting: "No connection",
    refused: "Till not recognised",
    unpaired: "Not paired",
    offline: "Offline",
  },
  unsent: (count) => `${count} unsent`,
  failed: (count) => plural(count, "operation was not taken", "operations were not taken"),
  all_sent: "Everything was sent.",
  retry: "Send now",
  retry_at: (time) => `Next try at ${time}`,
  export: "Export to a file",
  acknowledge: "Noted",
  persistent: "The browser keeps this till's data until it is deleted by hand.",
  not_persistent:
    "The browser may clear this till's data when the disk is full. Install the till, or allow storage in the browser's settings.",
  why_waiting: "Why it waits",
  reasons: {
    UNREACHABLE: "The server could not be reached.",
    UNAUTHENTICATED: "The server does not know this till any more.",
    ORDER_NOT_OPEN: "The order was closed or cancelled elsewhere.",
    ORDER_UNKNOWN: "The server does not have this order.",
    VARIANT_UNKNOWN: "The server does not have this item.",
    DEPENDS_ON_REJECTED: "It builds on something that was not taken.",
    CURRENCY_DIFFERS: "The store's currency is another.",
  },
  attempts: (count) => plural(count, "attempt", "attempts"),
  entry_status: { PENDING: "Waiting", REPLAYING: "Being sent", SUCCESS: "Sent", FAILED: "Not taken" },
  operations: {
    "order.create": "Order",
    "order.add_lines": "More for an order",
    "order.close": "Payment and end of an order",
    "order.cancel": "Cancelled order",
    "payment.record": "Payment",
    inventory_adjustment: "Stock correction",
    "customer.upsert": "Customer",
    "shift.open": "Shift opened",
    "shift.close": "Shift closed",
    "cash.movement": "Cash in or out",
  },
  refused_lead:
    "The server does not know this till any more: it was removed, or paired anew. Nothing is lost: export what is unsent, or pair the till again and it is sent.",
  not_kept: "This could not be written to the device, so it did not happen. Free some space and try again.",
  bad_amount: "This is not an amount.",
};

/** English only, so far. */
export const tillMessages = (_locale: string): TillMessages => en;
