import { jsonListSql } from "../../platform/db/json-list-sql.ts";
import { type Row, type Statement, statement } from "../../platform/db/statement.ts";
import type { Happening, OrderLine } from "./operation-schemas.ts";
import type { Book, BookCustomer, BookOrder, BookShift, StockTaken } from "./till-book.ts";

/** The first of a live menu's prices of variant `v` at a store, as the storefront shows it. Argument: the store. */
const MENU_PRICE = `(SELECT i.price_minor FROM menus AS m CROSS JOIN menu_items AS i ON i.menu_id = m.menu_id AND i.variant_id = v.variant_id
    CROSS JOIN menu_sections AS c ON c.menu_section_id = i.menu_section_id
  WHERE m.store_id = ? AND m.deleted_at_ms IS NULL ORDER BY m.position, c.position, i.position LIMIT 1)`;

/** The price in effect where no live menu has one, the location's own first. Arguments: the location, now, twice. */
const VARIANT_PRICE = `(SELECT vp.price_minor FROM variant_prices AS vp
  WHERE vp.variant_id = v.variant_id AND (vp.location_id = ? OR vp.location_id IS NULL) AND vp.channel = 'default'
    AND vp.effective_from_ms <= ? AND (vp.effective_to_ms IS NULL OR vp.effective_to_ms > ?)
  ORDER BY vp.location_id IS NULL, vp.effective_from_ms DESC LIMIT 1)`;

const COMPONENTS = jsonListSql(
  "json_array(part.variant_id, b.quantity_e4)",
  "bundle_components AS b CROSS JOIN variants AS part ON part.item_code = b.item_code WHERE b.bundle_variant_id = v.variant_id",
  "b.position",
);

const LINES = jsonListSql("json_array(l.line_id, json(l.stock))", "order_lines AS l WHERE l.order_id = o.order_id", "l.position");
const PAYMENTS = jsonListSql(
  "json_array(p.payment_id, json_array(p.method, p.amount_minor, p.tendered_minor, p.reference, p.shift_id))",
  "order_payments AS p WHERE p.order_id = o.order_id",
  "p.payment_id",
);
const ENTRIES = jsonListSql(
  "json_array(e.entry_id, json_array(e.kind, e.amount_minor, e.reason))",
  "shift_entries AS e WHERE e.shift_id = s.shift_id",
  "e.entry_id",
);

interface Wanted {
  orders: Set<string>;
  shifts: Set<string>;
  customers: Set<string>;
  variant_ids: Set<string>;
  item_codes: Set<string>;
  options: Set<string>;
}

function wantedBy(happenings: readonly Happening[]): Wanted {
  const wanted: Wanted = {
    orders: new Set(),
    shifts: new Set(),
    customers: new Set(),
    variant_ids: new Set(),
    item_codes: new Set(),
    options: new Set(),
  };
  const name = ({ variant_id, item_code }: { variant_id?: string | undefined; item_code?: string | undefined }) => {
    if (variant_id !== undefined) wanted.variant_ids.add(variant_id);
    if (item_code !== undefined) wanted.item_codes.add(item_code);
  };
  const shift = (id: string | undefined) => id !== undefined && wanted.shifts.add(id);
  const lines = (given: readonly OrderLine[]) => {
    for (const line of given) {
      name(line);
      for (const { option_id } of line.modifiers) if (option_id !== undefined) wanted.options.add(option_id);
    }
  };
  for (const { type, payload } of happenings) {
    if ("order_id" in payload) wanted.orders.add(payload.order_id);
    if ("shift_id" in payload) shift(payload.shift_id);
    if ("payments" in payload) for (const { shift_id } of payload.payments) shift(shift_id);
    if ("lines" in payload) lines(payload.lines);
    if (type === "inventory_adjustment") name(payload);
    if (type === "customer.upsert") wanted.customers.add(payload.customer_id);
  }
  return wanted;
}

const list = (ids: Set<string>): string => JSON.stringify([...ids]);

/** What has to be read to decide these; `fillBook` takes the rows. */
export function bookReads({ place, now_ms }: Book, happenings: readonly Happening[]): Statement[] {
  const wanted = wantedBy(happenings);
  const beginnings = JSON.stringify([...wanted.orders, ...wanted.shifts]);
  return [
    statement(
      `SELECT o.order_id, o.store_id, o.status, o.currency, o.tax_included, o.fingerprint, o.version, ${LINES} AS lines, ${PAYMENTS} AS payments
       FROM json_each(?) AS w CROSS JOIN orders AS o ON o.order_id = w.value`,
      list(wanted.orders),
    ),
    statement(
      `SELECT s.shift_id, s.store_id, s.status, s.fingerprint, s.version, ${ENTRIES} AS entries
       FROM json_each(?) AS w CROSS JOIN shifts AS s ON s.shift_id = w.value`,
      list(wanted.shifts),
    ),
    statement(
      "SELECT c.customer_id, c.fields, c.stamps, c.version FROM json_each(?) AS w CROSS JOIN customers AS c ON c.customer_id = w.value",
      list(wanted.customers),
    ),
    statement(
      `SELECT v.variant_id, v.item_code, coalesce(${MENU_PRICE}, ${VARIANT_PRICE}) AS server_price_minor,
         ${COMPONENTS} AS components
       FROM (SELECT w.value AS variant_id FROM json_each(?) AS w UNION
         SELECT n.variant_id FROM json_each(?) AS w CROSS JOIN variants AS n ON n.item_code = w.value) AS named
       CROSS JOIN variants AS v ON v.variant_id = named.variant_id`,
      place.store_id,
      place.location_id,
      now_ms,
      now_ms,
      list(wanted.variant_ids),
      list(wanted.item_codes),
    ),
    statement(
      `SELECT o.modifier_option_id AS option_id, v.variant_id FROM json_each(?) AS w
       CROSS JOIN modifier_options AS o ON o.modifier_option_id = w.value LEFT JOIN variants AS v ON v.item_code = o.item_code`,
      list(wanted.options),
    ),
    statement(
      `SELECT DISTINCT w.value AS entity_id FROM json_each(?) AS w CROSS JOIN sync_operations AS r INDEXED BY sync_operations_refused
         ON r.entity_id = w.value AND r.status <> 'applied' WHERE r.type IN ('order.create', 'shift.open')`,
      beginnings,
    ),
  ];
}

const parsed = <T>(row: Row, column: string): T => JSON.parse(String(row[column])) as T;

/** Puts the rows of `bookReads` into the book. */
export function fillBook(book: Book, results: readonly Row[][]): void {
  const [orders = [], shifts = [], customers = [], variants = [], options = [], refused = []] = results;
  for (const row of orders) {
    const version = Number(row["version"]);
    const order: BookOrder = {
      order_id: String(row["order_id"]),
      store_id: String(row["store_id"]),
      status: row["status"] as BookOrder["status"],
      currency: String(row["currency"]),
      tax_included: row["tax_included"] === 1,
      fingerprint: String(row["fingerprint"]),
      version,
      read_version: version,
      lines: new Map(parsed<[string, StockTaken[]][]>(row, "lines")),
      payments: new Map(parsed<[string, unknown][]>(row, "payments").map(([id, content]) => [id, JSON.stringify(content)])),
    };
    book.orders.set(order.order_id, order);
  }
  for (const row of shifts) {
    const version = Number(row["version"]);
    const shift: BookShift = {
      shift_id: String(row["shift_id"]),
      store_id: String(row["store_id"]),
      status: row["status"] as BookShift["status"],
      fingerprint: String(row["fingerprint"]),
      version,
      read_version: version,
      entries: new Map(parsed<[string, unknown][]>(row, "entries").map(([id, content]) => [id, JSON.stringify(content)])),
    };
    book.shifts.set(shift.shift_id, shift);
  }
  for (const row of customers) {
    const version = Number(row["version"]);
    const customer_id = String(row["customer_id"]);
    const fields = parsed<BookCustomer["fields"]>(row, "fields");
    book.customers.set(customer_id, { customer_id, fields, stamps: parsed(row, "stamps"), version, read_version: version });
  }
  for (const row of variants) {
    const variant_id = String(row["variant_id"]);
    const components = parsed<StockTaken[]>(row, "components");
    const variant = {
      variant_id,
      item_code: String(row["item_code"]),
      server_price_minor: row["server_price_minor"] as number | null,
      stock: components.length > 0 ? components : [[variant_id, 10_000] satisfies StockTaken],
    };
    book.variants.set(`id ${variant_id}`, variant);
    book.variants.set(`code ${variant.item_code}`, variant);
  }
  for (const row of options) book.options.set(String(row["option_id"]), row["variant_id"] as string | null);
  for (const row of refused) book.refused.add(String(row["entity_id"]));
}
