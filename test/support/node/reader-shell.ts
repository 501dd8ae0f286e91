import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type ReaderShell = {
  /** Runs commands and answers what they printed. Throws, with what they printed, where one of them fails. */
  run(commands: string): Promise<string>;
  end(): void;
};

/** One bash, so that what one block of a document sets is there in the next. `dir` is for its own files. */
export function openReaderShell(options: { cwd: string; dir: string; env: NodeJS.ProcessEnv }): ReaderShell {
  const shell = spawn("bash", ["--noprofile", "--norc"], { cwd: options.cwd, env: options.env });
  const ended = new Promise<never>((_, reject) => {
    shell.once("error", (error) => reject(new Error(`bash did not start: ${error.message}`)));
    shell.once("close", (code) => reject(new Error(`the commands failed with code ${code}`)));
  });
  ended.catch(() => {});
  shell.stdin.write("set -eo pipefail\nexec 2>&1\n");
  return {
    run: async (commands) => {
      const mark = randomUUID();
      const file = join(options.dir, `${mark}.sh`);
      writeFileSync(file, commands);
      try {
        const printed = untilMark(shell, mark);
        // From a file: a command that reads its input must not read the commands after it.
        shell.stdin.write(`source '${file}' </dev/null\nprintf '%s' '${mark}'\n`);
        return await Promise.race([
          printed.whole,
          ended.catch((error: Error) => Promise.reject(new Error(`${error.message}:\n${printed.sofar()}`))),
        ]);
      } finally {
        rmSync(file, { force: true });
      }
    },
    end: () => shell.stdin.end(),
  };
}

function untilMark(shell: ChildProcessWithoutNullStreams, mark: string): { whole: Promise<string>; sofar(): string } {
  let text = "";
  const whole = new Promise<string>((resolve) => {
    const take = (chunk: Buffer) => {
      text += chunk;
      if (!text.endsWith(mark)) return;
      shell.stdout.off("data", take);
      resolve(text.slice(0, -mark.length));
    };
    shell.stdout.on("data", take);
  });
  return { whole, sofar: () => text };
}
