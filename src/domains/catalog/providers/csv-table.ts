import { CsvError, parse } from "csv-parse/browser/esm/sync";
import { utf8 } from "../../../kernel/bytes.ts";
import { AppError } from "../../../kernel/errors.ts";
import { completed, type Steps } from "../../../kernel/steps.ts";

/** What may stand between two cells. */
export const DELIMITERS = [",", ";", "\t", "|"] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** A longer row is a quote that was never closed. */
const ROW_BYTES = 1_048_576;
const SLICE_BYTES = 1_048_576;
/** Read in some ten milliseconds. */
const STEP_BYTES = 32_768;

const unreadable = (detail: string): AppError => new AppError("PAYLOAD_UNREADABLE", { detail });

/**
 * The payload as UTF-8 without a byte order mark; UTF-16 is told by its mark. Throws PAYLOAD_UNREADABLE for what is no such text: bytes
 * read in the wrong encoding would become names.
 */
export function csvText(bytes: Uint8Array): Uint8Array {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return utf8(new TextDecoder("utf-16le").decode(bytes));
  if (first === 0xfe && second === 0xff) return utf8(new TextDecoder("utf-16be").decode(bytes));
  const text = first === 0xef && second === 0xbb && third === 0xbf ? bytes.subarray(3) : bytes;
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  try {
    // In slices: the whole as one string would be a second copy of the payload, or a third.
    for (let from = 0; from < text.length; from += SLICE_BYTES) decoder.decode(text.subarray(from, from + SLICE_BYTES), { stream: true });
    decoder.decode();
  } catch {
    throw unreadable('The file is not text in UTF-8. In a spreadsheet, save it as "CSV UTF-8".');
  }
  if (text.includes(0)) throw unreadable("The file holds NUL bytes: it is not CSV.");
  return text;
}

const parserOptions = (delimiter: Delimiter) => ({
  delimiter,
  record_delimiter: ["\r\n", "\n", "\r"],
  // Blanks before a cell, so that a quote after them opens it.
  ltrim: true,
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: false,
  max_record_size: ROW_BYTES,
});

/** Whether any cell holds something. */
export const isFilled = (cells: readonly string[]): boolean => cells.some((cell) => cell.trim() !== "");

/** The first row with something in it, cut by this delimiter; null where there is none. */
export function firstFilledRow(text: Uint8Array, delimiter: Delimiter): string[] | null {
  let found: string[] | null = null;
  try {
    parse(text, {
      ...parserOptions(delimiter),
      skip_records_with_empty_values: true,
      to: 1,
      on_record: (cells: string[]) => {
        found = cells;
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  return found;
}

export interface TableRow {
  /** As a spreadsheet counts it: the first is 1, an empty line is a row, a line break within quotes is none. */
  number: number;
  cells: string[];
  /** A quote stands where none may, so that where its cells end is a guess. */
  is_misquoted: boolean;
}

/** Where each row of a text lies: row n ends before byte `ends[n - 1]`. */
export type RowEnds = number[];

/**
 * Hands over every row as it is read and keeps none; answers where they lie. RFC 4180, and beyond it: blanks around a quoted cell, any
 * of the three line ends, a quote within a cell that does not begin with one. Throws PAYLOAD_UNREADABLE for a quote that is never closed.
 * One step for each `stepBytes`.
 */
export function* eachRow(text: Uint8Array, delimiter: Delimiter, take: (row: TableRow) => void, stepBytes = STEP_BYTES): Steps<RowEnds> {
  const ends: RowEnds = [];
  let from = 0;
  const accept = ({ cells, to }: ReadRow): void => {
    ends.push(to);
    const settled = cells.some((cell) => cell.startsWith('"')) ? settleQuotes(text.subarray(from, to), delimiter) : cells;
    from = to;
    take({ number: ends.length, cells: settled ?? cells, is_misquoted: settled === null });
  };

  let size = stepBytes;
  while (from < text.length) {
    const begin = from;
    const isRest = begin + size >= text.length;
    let last: ReadRow | null = null;
    // csv-parse takes a slice for a whole text, so the last row of one may go on behind it: it is read again with the next.
    const failure = parseRows(text.subarray(begin, begin + size), delimiter, (cells, bytes) => {
      if (last !== null) accept(last);
      last = { cells, to: begin + bytes };
    });
    const isStuck = from === begin;
    const isOver = isRest || (isStuck && failure?.code === "CSV_MAX_RECORD_SIZE");
    if (isOver && last !== null) accept(last);
    if (isOver && failure !== null) throw unreadable(`A quote in row ${ends.length + 1} is never closed.`);
    // What is left may hold no row at all.
    if (isRest) break;
    size = isStuck ? size * 2 : stepBytes;
    yield;
  }
  return ends;
}

interface ReadRow {
  cells: string[];
  to: number;
}

/** Hands over the rows of a text, each with where it ends; answers why it could not go on, null where it could. */
function parseRows(text: Uint8Array, delimiter: Delimiter, take: (cells: string[], end: number) => void): CsvError | null {
  try {
    parse(text, {
      ...parserOptions(delimiter),
      on_record: (cells: string[], { bytes }) => {
        take(cells, bytes);
        return null;
      },
    });
    return null;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return error;
  }
}

/**
 * The cells of a row of which one begins with a quote: it may be a quote that belongs to the text, a quoted cell with blanks after it, or
 * a mistake. csv-parse knows blanks after a quote only where it may give the whole text up for one mistake (7.0.3), hence row by row.
 */
function settleQuotes(row: Uint8Array, delimiter: Delimiter): string[] | null {
  try {
    const [cells] = parse(row, { ...parserOptions(delimiter), relax_quotes: false, rtrim: true });
    return cells ?? [];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return null;
  }
}

/** The cells of one row's bytes. */
export function cellsOfRow(row: Uint8Array, delimiter: Delimiter): string[] {
  let found: string[] = [];
  completed(
    eachRow(row, delimiter, ({ cells }) => {
      found = cells;
    }),
  );
  return found;
}

/** One line of CSV, with its end. Quoted is what a reader would otherwise cut, trim or take for something else. */
export const csvLine = (cells: readonly string[], delimiter: string): string =>
  `${cells.map((cell) => (cell.includes(delimiter) || /["\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(delimiter)}\r\n`;

/** So that no spreadsheet runs a cell as a formula: an apostrophe before what would begin one. */
export const guardFormula = (cell: string): string => (/^\s*[=+\-@]/.test(cell) ? `'${cell}` : cell);

/** The cell without the apostrophe that `guardFormula`, or another system's export, put before it. */
export const unguardFormula = (cell: string): string => (/^'\s*[=+\-@]/.test(cell) ? cell.slice(1) : cell);
