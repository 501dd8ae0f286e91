import { AppError } from "../../../kernel/errors.ts";
import type { ProviderContext } from "../canonical.ts";
import { type CanonicalRows, canonicalRows, type Refusal } from "./canonical-rows.ts";
import { type Columns, type CsvSettings, countKnownColumns, readHeader } from "./csv-columns.ts";
import { withCsvPreset } from "./csv-presets.ts";
import { type TableProducts, tableProducts } from "./csv-products.ts";
import { rowText } from "./csv-rows.ts";
import {
  cellsOfRow,
  csvText,
  DELIMITERS,
  type Delimiter,
  eachRow,
  firstFilledRow,
  isFilled,
  type RowEnds,
  type TableRow,
} from "./csv-table.ts";
import type { PayloadTable, Provider, ReadPayload } from "./provider.ts";

/** So many products fit beside their payload into an isolate's memory. */
export const ROW_LIMIT = 30_000;

/** A row may end early, but not before the cells by which it would be taken for another row. */
const NEEDED = ["item_code", "name", "price"] as const;

/** A table of products, one row a variant, as docs/providers/csv.md describes it. */
export const csvProvider: Provider = {
  content_types: ["text/csv", "application/csv"],
  // In one step: csv-parse takes a whole table at once.
  // biome-ignore lint/correctness/useYield: see above
  *read(bytes, context, settings) {
    return readCsv(bytes, context, withCsvPreset(settings));
  },
};

function readCsv(bytes: Uint8Array, context: ProviderContext, settings: CsvSettings): ReadPayload {
  const text = csvText(bytes);
  const delimiter = settings.delimiter ?? detectDelimiter(text, settings);
  const format = { decimal_mark: settings.decimal_mark ?? ".", is_declared: settings.decimal_mark !== undefined } as const;
  const rows = canonicalRows();
  let header: string[] | null = null;
  let take: ((row: TableRow) => void) | null = null;
  let finish = (): void => {};

  const ends = eachRow(text, delimiter, (row) => {
    if (row.number > ROW_LIMIT + 1)
      throw new AppError("PAYLOAD_UNREADABLE", { detail: `The file has more than ${ROW_LIMIT} rows; send it in parts.` });
    if (!isFilled(row.cells)) return;
    if (take !== null) return take(row);
    const columns = readHeader(row.cells, settings);
    header = row.cells;
    const products = tableProducts(rows, { columns, format, currency: context.currency, settings });
    take = takeRow(rows, columns, row.cells.length, products, settings.option_separator);
    finish = products.finish;
  });
  if (header === null) throw new AppError("PAYLOAD_UNREADABLE", { detail: "The file is empty: its first row must name the columns." });
  finish();
  rows.catalog.row_errors.sort((a, b) => rowNumber(a.position) - rowNumber(b.position));
  return { catalog: rows.catalog, table: payloadTable(text, delimiter, header, ends) };
}

function takeRow(
  rows: CanonicalRows,
  columns: Columns,
  width: number,
  products: TableProducts,
  optionSeparator: string | undefined,
): (row: TableRow) => void {
  const needed = Math.max(...NEEDED.flatMap((field) => columns[field].slice(0, 1).map(({ index }) => index)));
  return ({ number, cells, is_misquoted }) => {
    const position = `row ${number}`;
    const refusal = shapeRefusal(cells, is_misquoted, needed, width);
    if (refusal === null) return products.take(position, rowText(cells, columns, optionSeparator));
    // Without an item code: a cell that may have moved names nothing.
    rows.refuse({ position, item_code: null }, refusal);
    products.interrupt();
  };
}

function shapeRefusal(cells: readonly string[], isMisquoted: boolean, needed: number, width: number): Refusal | null {
  if (isMisquoted) {
    return { reason: "QUOTES_INVALID", message: 'A quoted cell goes on after its quote; a quote within quotes is written twice ("").' };
  }
  if (cells.length <= needed) {
    const message = `The row ends after ${cells.length} of ${width} cells; a line break within a cell needs quotes around the cell.`;
    return { reason: "CELLS_MISSING", message };
  }
  if (!isFilled(cells.slice(width))) return null;
  const message = `The row has ${cells.length} cells and the header ${width}; a delimiter within a cell needs quotes around the cell.`;
  return { reason: "CELLS_EXTRA", message };
}

/** The delimiter by which the header names the most known columns; of equals the one that cuts it into more cells. */
function detectDelimiter(text: Uint8Array, settings: CsvSettings): Delimiter {
  const [best] = DELIMITERS.map((delimiter) => {
    const header = firstFilledRow(text, delimiter) ?? [];
    return { delimiter, known: countKnownColumns(header, settings), cells: header.length };
  }).sort((a, b) => b.known - a.known || b.cells - a.cells);
  return best?.delimiter ?? ",";
}

/** 0 where it is no row's position. */
const rowNumber = (position: string): number => Number(/^row (\d+)$/.exec(position)?.[1] ?? 0);

export function payloadTable(text: Uint8Array, delimiter: Delimiter, header: string[], ends: RowEnds): PayloadTable {
  const rowOf = (position: string): Uint8Array => {
    const number = rowNumber(position);
    return number === 0 ? text.subarray(0, 0) : text.subarray(ends[number - 2] ?? 0, ends[number - 1] ?? 0);
  };
  return {
    delimiter,
    header,
    bytesOf: (position) => rowOf(position).length,
    cellsOf: (position) => {
      const row = rowOf(position);
      return row.length === 0 ? null : cellsOfRow(row, delimiter);
    },
  };
}
