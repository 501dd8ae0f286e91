import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8 } from "../../../kernel/bytes.ts";
import { completed } from "../../../kernel/steps.ts";
import { csvLine, csvText, DELIMITERS, type Delimiter, eachRow, guardFormula, type TableRow, unguardFormula } from "./csv-table.ts";

const rowsOf = (text: string, delimiter: Delimiter = ","): TableRow[] => {
  const rows: TableRow[] = [];
  completed(eachRow(utf8(text), delimiter, (row) => rows.push(row)));
  return rows;
};
const cellsOf = (text: string, delimiter?: Delimiter): string[][] => rowsOf(text, delimiter).map(({ cells }) => cells);

const piece = fc.constantFrom('"', '""', ",", ";", "\t", "|", "\n", "\r\n", "\r", " ", "\u00a0", "'", "=", "é", "😀", "\u2028", "x");
const cell = fc
  .oneof(
    fc.string({ unit: "grapheme" }),
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
  )
  .filter((text) => text.isWellFormed() && !text.includes("\0"));
const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 6 }), { maxLength: 8 });

describe("reading back what was written", () => {
  test("any cells, by any delimiter and line end, as sparingly or as generously quoted as a writer likes", () => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(...DELIMITERS),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.boolean(),
        fc.func(fc.boolean()),
        (cells, delimiter, lineEnd, hasMark, isQuoted) => {
          const line = (row: string[]): string => {
            const sparing = csvLine(row, delimiter).slice(0, -2);
            const generous = row.map((one, at) =>
              isQuoted(one, at) ? `"${one.replaceAll('"', '""')}"` : csvLine([one], delimiter).slice(0, -2),
            );
            return (isQuoted(row) ? sparing : generous.join(delimiter)) + lineEnd;
          };
          const bytes = utf8((hasMark ? "\ufeff" : "") + cells.map(line).join(""));
          const read: string[][] = [];
          completed(eachRow(csvText(bytes), delimiter, (row) => read.push(row.cells)));
          expect(read).toEqual(cells);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("each row lies where the reader says", () => {
    const text = utf8('a,b\r\n"x\ny",é\n\n1, "2" \r3,4');
    const slices = completed(eachRow(text, ",", () => {})).map((end, at, ends) =>
      new TextDecoder().decode(text.subarray(ends[at - 1] ?? 0, end)),
    );
    expect(slices).toEqual(["a,b\r\n", '"x\ny",é\n', "\n", '1, "2" \r', "3,4"]);
  });
});

describe("a text in slices", () => {
  const read = (text: Uint8Array, delimiter: Delimiter, stepBytes: number): unknown => {
    const rows: TableRow[] = [];
    try {
      return { ends: completed(eachRow(text, delimiter, (row) => rows.push(row), stepBytes)), rows };
    } catch (error) {
      return { rows, refused: String(error) };
    }
  };

  test("reads as it does in one, wherever they end, however it is quoted", () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        fc.constantFrom(...DELIMITERS),
        fc.integer({ min: 1, max: 40 }),
        (pieces, delimiter, stepBytes) => {
          const text = utf8(pieces.join(""));
          expect(read(text, delimiter, stepBytes)).toEqual(read(text, delimiter, 1_000_000));
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 2_000) },
    );
  });

  test("takes several steps", () => {
    const steps = eachRow(utf8("a,b\n".repeat(100_000)), ",", () => {});
    let taken = 0;
    while (!steps.next().done) taken += 1;
    expect(taken).toBe(12);
  });
});

describe("rows", () => {
  test("are counted as a spreadsheet counts them", () => {
    expect(rowsOf('a,b\n\n"x\ny",1\r\n,\n2,3').map(({ number, cells }) => [number, ...cells])).toEqual([
      [1, "a", "b"],
      [2, ""],
      [3, "x\ny", "1"],
      [4, "", ""],
      [5, "2", "3"],
    ]);
  });

  test("blanks around a quoted cell are none of it, blanks within are", () => {
    expect(cellsOf('a , "b, c" ,"  d  " ,"e""f" \n')).toEqual([["a", "b, c", "  d  ", 'e"f']]);
    expect(cellsOf('"""a"" " , "b"\t,c\n')).toEqual([['"a" ', "b", "c"]]);
  });

  test("a quote inside a cell that does not begin with one is a character", () => {
    expect(cellsOf('pipe 5",12"x8" tin\n1,2\n')).toEqual([
      ['pipe 5"', '12"x8" tin'],
      ["1", "2"],
    ]);
  });

  test("a quoted cell that goes on after its quote marks its own row only", () => {
    const rows = rowsOf('a,"Big, "juicy" burger",5\nb,"x"y,6\nc,"fine",7\n');
    expect(rows.map(({ is_misquoted }) => is_misquoted)).toEqual([true, true, false]);
    expect(rows[2]?.cells).toEqual(["c", "fine", "7"]);
  });

  test("long padded quoted cells", () => {
    const long = 'é"'.repeat(5_000);
    expect(cellsOf(`1, "${long.replaceAll('"', '""')}" ,2\n`)).toEqual([["1", long, "2"]]);
  });

  test("a quote that is never closed is refused with the row it opens in, a huge one as soon as it is huge", () => {
    for (const rest of ["", `${"x,y\n".repeat(400_000)}"\n`]) {
      expect(() => rowsOf(`a,b\n1,2\n3,"4\n5,6\n${rest}`)).toThrow(
        expect.objectContaining({ code: "PAYLOAD_UNREADABLE", message: "A quote in row 3 is never closed." }),
      );
    }
  });
});

describe("text", () => {
  const decoded = (bytes: number[]): string => new TextDecoder().decode(csvText(new Uint8Array(bytes)));
  const utf16 = (text: string, first: number): number[] =>
    [...`\ufeff${text}`].flatMap((unit) =>
      [unit.charCodeAt(0) >> (8 * first), unit.charCodeAt(0) >> (8 * (1 - first))].map((byte) => byte & 255),
    );

  test("byte order marks are read and dropped", () => {
    expect(decoded([0xef, 0xbb, 0xbf, 0x61])).toBe("a");
    expect(decoded(utf16("né,Latte", 0))).toBe("né,Latte");
    expect(decoded(utf16("né,Latte", 1))).toBe("né,Latte");
  });

  test("what is no UTF-8 is refused, also at the end and across the slices it is checked in", () => {
    const long = new Uint8Array(1_048_577).fill(0x61);
    long[1_048_575] = 0xc3;
    long[1_048_576] = 0xa9;
    expect(csvText(long)).toHaveLength(1_048_577);
    for (const bytes of [
      [0x43, 0x61, 0x66, 0xe9, 0x0a],
      [0x61, 0xc3],
      [0x50, 0x4b, 0x03, 0x04, 0xff],
      [0x61, 0x00, 0x62],
    ]) {
      expect(() => csvText(new Uint8Array(bytes))).toThrow(expect.objectContaining({ code: "PAYLOAD_UNREADABLE" }));
    }
  });
});

describe("formulas", () => {
  test("are guarded on the way out and given back on the way in", () => {
    for (const text of ["=1+1", "+65 1234", "-5.00", "@sum", " =x", "\t=x", "\r@x"]) {
      expect(guardFormula(text)).toBe(`'${text}`);
      expect(unguardFormula(guardFormula(text))).toBe(text);
    }
    for (const text of ["Latte", "'tis", "", "5-6", "'=1"]) expect(guardFormula(text)).toBe(text);
  });

  test("a guarded cell means what the cell itself means", () => {
    const meant = (text: string): string => unguardFormula(text.trim()).trim();
    fc.assert(
      fc.property(cell, (text) => {
        expect(meant(guardFormula(text))).toBe(meant(text));
      }),
    );
  });
});
