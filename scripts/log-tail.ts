import { readFileSync } from "node:fs";

/** The last lines of a log, indented for a terminal, with the file's name before them. */
export function logTail(path: string, lines = 15): string {
  let text = "";
  try {
    text = readFileSync(path, "utf8").trimEnd();
  } catch {
    // A child that never wrote has no log.
  }
  if (text === "") return `its log ${path} is empty`;
  return `the end of its log ${path}:\n${text
    .split("\n")
    .slice(-lines)
    .map((line) => `  ${line}`)
    .join("\n")}`;
}
