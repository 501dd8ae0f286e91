import { utf8 } from "../../../kernel/bytes.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { DatabaseHandle } from "../../../platform/db/database.ts";
import { type Row, type Statement, statement } from "../../../platform/db/statement.ts";
import type { RowError } from "../canonical.ts";
import { csvLine, guardFormula } from "../providers/csv-table.ts";
import type { PayloadTable } from "../providers/provider.ts";

/** A longer row is named but not kept: a page of them has to fit one answer of the database. */
const ROW_KEPT_BYTES = 32_768;
const PAGE_ROWS = 100;

/** A row error with what its download needs. */
export interface RejectedRow extends RowError {
  /** As they came; absent for a row that is no row of a table, or too long. */
  cells?: string[];
  /** On a run's first rejected row: what all of them have in common. */
  table?: { delimiter: string; header: string[] };
}

/** The errors with their rows as they came. `isFirst`: the run has kept none before. */
export function keepRejected(errors: readonly RowError[], table: PayloadTable | null, isFirst: boolean): RejectedRow[] {
  if (table === null) return [...errors];
  return errors.map((error, index) => {
    const cells = table.bytesOf(error.position) > ROW_KEPT_BYTES ? null : table.cellsOf(error.position);
    return {
      ...error,
      ...(cells === null ? {} : { cells }),
      ...(isFirst && index === 0 ? { table: { delimiter: table.delimiter, header: table.header } } : {}),
    };
  });
}

/** How the rows of one run are written. */
export interface Sheet {
  delimiter: string;
  /** The payload's own columns; null for a payload that was no table. */
  header: string[] | null;
  /** How many further columns the payload had that are not shown again. */
  left_out: number;
}

const REASONS = ["reason", "message"];

/** Rows that were rejected once and sent again carry the reasons of the last time: those are not the payload's columns. */
const isSentAgain = (header: readonly string[]): boolean => header.slice(-2).join() === REASONS.join();

/** `first`: the run's first rejected row. */
export function sheetOf(first: RejectedRow | undefined): Sheet {
  if (!first?.table) return { delimiter: ",", header: null, left_out: 0 };
  const { delimiter, header } = first.table;
  const left_out = isSentAgain(header) ? REASONS.length : 0;
  return { delimiter, header: header.slice(0, header.length - left_out), left_out };
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * What a row is in the file: its own cells in its own columns, then reason and message; cells beyond the header's last go behind these, so
 * that nothing is lost and nothing shifted.
 */
export function rejectedLine(sheet: Sheet, row: RejectedRow): string[] {
  const { header, left_out } = sheet;
  if (header === null) return [row.position, row.item_code ?? "", row.reason, row.message];
  const cells = row.cells ?? [];
  const own = header.map((_, index) => cells[index] ?? "");
  const missing = row.cells ? "" : " The row is too long to be repeated here.";
  return [...own, row.reason, `${sentence(row.position)}: ${row.message}${missing}`, ...cells.slice(header.length + left_out)];
}

const pageStatement = (runId: string, after: number): Statement =>
  statement(
    `SELECT position, finding FROM ingestion_findings WHERE run_id = ? AND kind = 'error' AND position > ? ORDER BY position LIMIT ${PAGE_ROWS}`,
    runId,
    after,
  );

/** The rejected rows of a run as a CSV file that is read from the database as it is sent. Throws NOT_FOUND. */
export async function rejectedRows(db: DatabaseHandle, runId: string): Promise<Response> {
  const [runs, firstPage = []] = await db.read([
    statement("SELECT 1 FROM ingestion_runs WHERE run_id = ?", runId),
    pageStatement(runId, -1),
  ]);
  if (!runs?.[0]) throw new AppError("NOT_FOUND", { detail: "There is no such ingestion." });
  const [first] = firstPage;
  const sheet = sheetOf(first && findingOf(first));
  const lineOf = (cells: readonly string[]): string => csvLine(cells.map(guardFormula), sheet.delimiter);
  const linesOf = (page: readonly Row[]): string => page.map((row) => lineOf(rejectedLine(sheet, findingOf(row)))).join("");

  let page = firstPage;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(utf8(lineOf([...(sheet.header ?? ["position", "item_code"]), ...REASONS]))),
    async pull(controller) {
      if (page.length > 0) controller.enqueue(utf8(linesOf(page)));
      const last = page.at(-1);
      if (page.length < PAGE_ROWS || !last) return controller.close();
      [page = []] = await db.read([pageStatement(runId, Number(last["position"]))]);
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="rejected-rows-${runId}.csv"`,
    },
  });
}

const findingOf = (row: Row): RejectedRow => JSON.parse(String(row["finding"]));
