import { createReadStream, createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Fingerprint } from "./fingerprint.ts";
import { linesOf } from "./lines.ts";
import { STATEMENT_END } from "./sql-text.ts";

/** Writes a dump as a gzipped file that sqlite3 reads too; there is no file, or it is whole. */
export async function writeDump(path: string, dump: AsyncGenerator<string, Fingerprint>): Promise<Fingerprint> {
  let fingerprint: Fingerprint | undefined;
  async function* text() {
    yield "PRAGMA foreign_keys = OFF;\nBEGIN;\n";
    for (;;) {
      const { done, value } = await dump.next();
      if (done) {
        fingerprint = value;
        break;
      }
      yield value + STATEMENT_END;
    }
    yield "COMMIT;\n";
  }
  const draft = `${path}.part`;
  await pipeline(Readable.from(text()), createGzip(), createWriteStream(draft, { mode: 0o600 }));
  if (!fingerprint) throw new Error(`${path}: the dump did not end`);
  await rename(draft, path);
  return fingerprint;
}

/** The statements of a dump file, without those that frame it. Throws where the file was cut. */
export async function* readDump(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const unpacked = createGunzip();
  file.once("error", (error) => unpacked.destroy(error));
  let statement: string[] = [];
  let ended = false;
  for await (const line of linesOf(file.pipe(unpacked))) {
    if (line === STATEMENT_END.trim()) {
      yield statement.join("\n");
      statement = [];
    } else if (line === "COMMIT;" && statement.length === 0) ended = true;
    else if (!(statement.length === 0 && /^(PRAGMA foreign_keys = OFF|BEGIN);$/.test(line))) statement.push(line);
  }
  if (!ended) throw new Error(`${path} was cut`);
}
