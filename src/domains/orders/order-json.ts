import { jsonListSql } from "../../platform/db/json-list-sql.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";

const bool = (expression: string): string => `json(iif(${expression}, 'true', 'false'))`;

const MODIFIERS = jsonListSql(
  `json_object('option_id', m.value ->> 'option_id', 'name', m.value ->> 'name', 'price', m.value ->> 'price_minor',
    'quantity', (m.value ->> 'quantity_e4') / 10000.0)`,
  "json_each(l.modifiers) AS m",
  "m.key",
);

const LINES = jsonListSql(
  `json_object('line_id', l.line_id, 'variant_id', l.variant_id, 'item_code', l.item_code, 'name', l.name, 'quantity', l.quantity_e4 / 10000.0,
    'unit_price', l.unit_price_minor, 'server_price', l.server_price_minor, 'modifiers', ${MODIFIERS}, 'discount', l.discount_minor,
    'tax_rate', l.tax_rate_e4 / 10000.0, 'tax', l.tax_minor, 'total', l.total_minor, 'note', l.note)`,
  "order_lines AS l WHERE l.order_id = o.order_id",
  "l.position, l.line_id",
);

const PAYMENTS = jsonListSql(
  `json_object('payment_id', p.payment_id, 'method', p.method, 'amount', p.amount_minor, 'tendered', p.tendered_minor, 'reference', p.reference,
    'shift_id', p.shift_id, 'is_correction', ${bool("p.is_correction")}, 'occurred_at', ${timestampSql("p.occurred_at_ms")},
    'recorded_at', ${timestampSql("p.created_at_ms")})`,
  "order_payments AS p WHERE p.order_id = o.order_id",
  "p.created_at_ms, p.payment_id",
);

/** An order's JSON, of `orders AS o`. */
export const ORDER_JSON = `json_object('id', o.order_id, 'version', o.version, 'store_id', o.store_id, 'terminal_id', o.terminal_id,
  'status', o.status, 'number', o.number, 'currency', o.currency, 'tax_included', ${bool("o.tax_included")}, 'customer_id', o.customer_id,
  'shift_id', o.shift_id, 'note', o.note, 'subtotal', o.subtotal_minor, 'discount', o.discount_minor, 'tax', o.tax_minor,
  'total', o.total_minor, 'till_total', o.till_total_minor, 'paid', o.paid_minor, 'balance', o.total_minor - o.paid_minor,
  'lines', ${LINES}, 'payments', ${PAYMENTS}, 'occurred_at', ${timestampSql("o.occurred_at_ms")},
  'recorded_at', ${timestampSql("o.created_at_ms")}, 'closed_at', ${timestampSql("o.closed_at_ms")},
  'cancelled_at', ${timestampSql("o.cancelled_at_ms")}, 'cancel_reason', o.cancel_reason)`;

const ENTRIES = jsonListSql(
  `json_object('entry_id', e.entry_id, 'kind', e.kind, 'amount', e.amount_minor, 'reason', e.reason, 'is_correction', ${bool("e.is_correction")},
    'occurred_at', ${timestampSql("e.occurred_at_ms")}, 'recorded_at', ${timestampSql("e.created_at_ms")})`,
  "shift_entries AS e WHERE e.shift_id = s.shift_id",
  "e.created_at_ms, e.entry_id",
);

/** What should be in the drawer: what was in it, what was paid in cash, what was put in and taken out. */
const EXPECTED = `s.opening_minor
  + coalesce((SELECT sum(p.amount_minor) FROM order_payments AS p WHERE p.shift_id = s.shift_id AND p.method = 'cash'), 0)
  + coalesce((SELECT sum(CASE e.kind WHEN 'in' THEN e.amount_minor WHEN 'out' THEN -e.amount_minor ELSE 0 END) FROM shift_entries AS e
      WHERE e.shift_id = s.shift_id), 0)`;

const REJECTED = "coalesce((SELECT sum(r.amount_minor) FROM sync_rejections AS r WHERE r.shift_id = s.shift_id), 0)";

/** A shift's JSON, of `shifts AS s`. Money of operations that were not taken is told beside what was expected, never in it. */
export const SHIFT_JSON = `json_object('id', s.shift_id, 'version', s.version, 'terminal_id', s.terminal_id, 'store_id', s.store_id,
  'status', s.status, 'currency', s.currency, 'opening_amount', s.opening_minor, 'counted_amount', s.counted_minor,
  'expected_amount', ${EXPECTED}, 'difference', s.counted_minor - (${EXPECTED}), 'rejected_amount', ${REJECTED}, 'entries', ${ENTRIES},
  'opened_by', s.opened_by, 'closed_by', s.closed_by, 'note', s.note, 'opened_at', ${timestampSql("s.opened_at_ms")},
  'closed_at', ${timestampSql("s.closed_at_ms")})`;

/** A customer's JSON, of `customers AS c`. */
export const CUSTOMER_JSON = "json_object('id', c.customer_id, 'version', c.version, 'fields', json(c.fields))";
