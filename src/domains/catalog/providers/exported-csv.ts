import { fromUtf8 } from "../../../kernel/bytes.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { Steps } from "../../../kernel/steps.ts";
import type { ProviderContext } from "../canonical.ts";
import { mapCata } from "./cata.ts";
import { payloadTable, ROW_LIMIT } from "./csv.ts";
import { csvText, type Delimiter, eachRow, isFilled } from "./csv-table.ts";
import { COLUMNS, type ExportedCells, type ExportedColumn, KINDS, MARKER, minorOf, unguarded } from "./exported-table.ts";
import { asHtml } from "./plain-text.ts";
import type { ReadPayload } from "./provider.ts";

const HEAD = new RegExp(`^"?${MARKER}"?([,;\\t|])`);
const HEAD_BYTES = 64;

const unreadable = (detail: string): AppError => new AppError("PAYLOAD_UNREADABLE", { detail });

const delimiterOf = (text: Uint8Array): Delimiter | null =>
  (HEAD.exec(fromUtf8(text.subarray(0, HEAD_BYTES)))?.[1] as Delimiter | undefined) ?? null;

/** Whether this is a table that we exported, whoever saved it since. */
export function isExportedCsv(bytes: Uint8Array): boolean {
  try {
    return delimiterOf(csvText(bytes)) !== null;
  } catch {
    return false;
  }
}

/** The last columns of rows that were rejected and are sent again: not the whole file, and not meant to be. */
const REASONS = ["reason", "message"];

type Json = Record<string, unknown>;

/** The table's rows as our own JSON, and which row each of its places was. */
interface Unfolded {
  payload: { exported: true; categories: Json[]; modifier_groups: Json[]; products: Json[] };
  row_of: Map<string, string>;
}

/** An exported table. A row that cannot be read is refused like any other; throws PAYLOAD_UNREADABLE where the file was cut. */
export function* readExportedCsv(bytes: Uint8Array, context: ProviderContext): Steps<ReadPayload> {
  const text = csvText(bytes);
  const delimiter = delimiterOf(text) ?? ",";
  const unfold = unfolding(context.currency);
  let header: string[] | null = null;
  let isWhole = false;
  const ends = eachRow(text, delimiter, ({ number, cells }) => {
    if (number > ROW_LIMIT + 1) throw unreadable(`The file has more than ${ROW_LIMIT} rows; export it as JSON, or send it in parts.`);
    if (!isFilled(cells)) return;
    if (header === null) {
      header = cells.map((cell) => cell.trim());
      return;
    }
    const row: ExportedCells = {};
    for (const [index, column] of header.entries()) {
      if ((COLUMNS as readonly string[]).includes(column)) row[column as ExportedColumn] = unguarded((cells[index] ?? "").trim());
    }
    if (header.slice(-REASONS.length).join() === REASONS.join()) isWhole = true;
    if (row[MARKER] === KINDS.end) isWhole = true;
    else unfold.take(`row ${number}`, row);
  });
  if (header === null || !isWhole) throw unreadable(`The file was cut: an export ends with a row "${KINDS.end}". Export it again.`);
  const { payload, row_of } = unfold.done();
  const catalog = yield* mapCata(payload, context);
  const atRow = (position: string): string => row_of.get(position) ?? row_of.get(position.replace(/\.variants\[\d+\]$/, "")) ?? position;
  for (const error of catalog.row_errors) error.position = atRow(error.position);
  for (const product of catalog.products) for (const variant of product.variants) variant.position = atRow(variant.position);
  return { catalog, table: payloadTable(text, delimiter, header, ends) };
}

function unfolding(currency: string) {
  const categories: Json[] = [];
  const groups = new Map<string, { row: Json; options: Json[]; at: number }>();
  const products = new Map<string, { row: Json; variants: Json[]; at: number }>();
  const rowOf = new Map<string, string>();

  const groupOf = (id: string) => {
    const known = groups.get(id) ?? { row: { id }, options: [], at: groups.size };
    groups.set(id, known);
    return known;
  };

  const productOf = (position: string, id: string) => {
    const known = products.get(id) ?? { row: { id }, variants: [], at: products.size };
    if (!products.has(id)) rowOf.set(`products[${known.at}]`, position);
    products.set(id, known);
    return known;
  };

  return {
    take(position: string, row: ExportedCells): void {
      const kind = row[MARKER];
      if (kind === KINDS.category) {
        rowOf.set(`categories[${categories.length}]`, position);
        categories.push(categoryOf(row));
      } else if (kind === KINDS.group) {
        const group = groupOf(row.group_id ?? "");
        rowOf.set(`modifier_groups[${group.at}]`, position);
        Object.assign(group.row, groupFields(row));
      } else if (kind === KINDS.option) {
        const group = groupOf(row.group_id ?? "");
        rowOf.set(`modifier_groups[${group.at}].options[${group.options.length}]`, position);
        group.options.push(optionOf(row, row.currency || currency));
      } else {
        // Also a row without a kind: somebody has added a product.
        const product = productOf(position, row.product_id || row.item_code || position);
        rowOf.set(`products[${product.at}].variants[${product.variants.length}]`, position);
        if (row.name && product.row["name"] === undefined) Object.assign(product.row, productFields(row));
        product.variants.push(variantOf(row, row.currency || currency));
      }
    },
    done(): Unfolded {
      const modifier_groups = [...groups.values()].map(({ row, options }) => ({ ...row, options }));
      const listed = [...products.values()].map(({ row, variants }) => ({ ...row, variants }));
      return { payload: { exported: true, categories, modifier_groups, products: listed }, row_of: rowOf };
    },
  };
}

const categoryOf = (row: ExportedCells): Json => ({
  id: row.category_id,
  name: row.name,
  parent_id: row.parent_id,
  position: numberOf(row.position),
  applied: parsed(row.applied),
});

const groupFields = (row: ExportedCells): Json => ({
  name: row.name,
  min: numberOf(row.min),
  max: numberOf(row.max),
  version: numberOf(row.version),
  applied: parsed(row.applied),
});

const optionOf = (row: ExportedCells, currency: string): Json => ({
  id: row.option_id,
  name: row.name,
  price: minorOf(row.price ?? "", currency),
  item_code: row.item_code,
  active: flagOf(row.active),
  default: flagOf(row.default),
});

const productFields = (row: ExportedCells): Json => ({
  name: row.name,
  description: asHtml(row.description || null),
  categories: parsed(row.category),
  image_url: row.image,
  active: flagOf(row.active),
  tags: parsed(row.tags),
  allergens: parsed(row.allergens),
  tax_rate: numberOf(row.tax_rate),
  modifier_groups: parsed(row.modifier_groups),
  version: numberOf(row.version),
  applied: parsed(row.applied),
});

const variantOf = (row: ExportedCells, currency: string): Json => ({
  id: row.variant_id,
  item_code: row.item_code,
  name: row.variant_name,
  price: row.price ? minorOf(row.price, currency) : null,
  currency,
  barcode: row.barcode,
  active: flagOf(row.variant_active),
  attributes: parsed(row.attributes),
  bundle: parsed(row.bundle),
  position: numberOf(row.position),
  applied: parsed(row.variant_applied),
});

/** Cells as the values they stand for; what stands for none stays text, which the row is then refused for. */
const numberOf = (cell = ""): number | string | null => (cell === "" ? null : /^-?\d+(?:\.\d+)?$/.test(cell) ? Number(cell) : cell);
const FLAGS = new Map<string, boolean | null>([
  ["", null],
  ["yes", true],
  ["true", true],
  ["no", false],
  ["false", false],
]);
function flagOf(cell = ""): boolean | string | null {
  const flag = FLAGS.get(cell.toLowerCase());
  return flag === undefined ? cell : flag;
}

function parsed(cell = ""): unknown {
  if (cell === "") return null;
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}
