import { parseArgs } from "node:util";
import { type ApiClient, operatorClient } from "./api-client.ts";
import { operatorOptions, resolveOperator } from "./operator-options.ts";

/** What a command answers with: the JSON, and the same for a person. `failed`: it answers, and something of it did not succeed. */
export type Answer = { json: unknown; text: string; failed?: boolean };

type OptionSpec = { type: "string" | "boolean"; multiple?: boolean };
export type Flags = Record<string, string | boolean | string[] | undefined>;

export type Command = {
  words: string[];
  takes: string[];
  run(operator: ApiClient, args: string[], flags: Flags): Promise<Answer>;
};

export type CommandLine = {
  /** As npm knows it: `tenant`. */
  script: string;
  usage: string;
  options: Record<string, OptionSpec>;
  commands: Command[];
};

/** Runs the command that the process was called with, prints its answer, and sets the exit code: 1 where it failed, 2 where none was named. */
export async function runCommandLine(line: CommandLine): Promise<void> {
  try {
    await run(line);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function run({ script, usage, options, commands }: CommandLine): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { ...operatorOptions, ...options, help: { type: "boolean", short: "h", default: false } },
  });
  const flags: Flags = values;
  if (flags["help"] || positionals.length === 0) {
    console.log(usage);
    if (!flags["help"]) process.exitCode = 2;
    return;
  }
  const command = commands.find(({ words }) => words.every((word, i) => positionals[i] === word));
  if (!command) throw new Error(`there is no command "${positionals.join(" ")}"\n\n${usage}`);
  const args = positionals.slice(command.words.length);
  if (args.length !== command.takes.length) {
    throw new Error(`it is: npm run ${script} -- ${[...command.words, ...command.takes.map((name) => `<${name}>`)].join(" ")}`);
  }
  const { baseUrl, operatorKey } = resolveOperator({
    "base-url": textFlag(flags, "base-url"),
    "operator-key": textFlag(flags, "operator-key"),
  });
  const answer = await command.run(operatorClient(baseUrl, operatorKey), args, flags);
  console.log(flags["json"] ? JSON.stringify(answer.json, null, 2) : answer.text);
  if (answer.failed) process.exitCode = 1;
}

export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Throws where it was not given. */
export function required(flags: Flags, name: string): string {
  const value = textFlag(flags, name);
  if (value !== undefined) return value;
  throw new Error(`--${name} is missing: see --help`);
}

/** Columns of equal width, two spaces between them. */
export function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
