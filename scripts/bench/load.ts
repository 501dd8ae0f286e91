import { fork } from "node:child_process";
import { join } from "node:path";
import type { LoadPlan, LoadResult } from "./load-plan.ts";

const overtimeMs = 30_000;

export type Load = {
  run(plan: LoadPlan): Promise<LoadResult>;
  stop(): void;
};

/** Starts the load generator, one process for both sides of every comparison. Runs one plan at a time. */
export function startLoad(): Load {
  const child = fork(join(import.meta.dirname, "load-generator.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const killNow = () => child.kill("SIGKILL");
  process.once("exit", killNow);
  return {
    run: (plan) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void) => {
          clearTimeout(timer);
          child.off("message", onMessage);
          child.off("exit", onExit);
          act();
        };
        const onMessage = (message: { result?: LoadResult; error?: string }) => {
          const { result } = message;
          settle(() => (result ? resolve(result) : reject(new Error(message.error))));
        };
        const onExit = () => settle(() => reject(new Error("the load generator ended")));
        const timer = setTimeout(
          () => settle(() => reject(new Error(`the load generator gave no result for ${plan.method} ${plan.paths[0]}`))),
          plan.seconds * 1000 + overtimeMs,
        );
        child.on("message", onMessage);
        child.on("exit", onExit);
        child.send(plan);
      }),
    stop: () => {
      process.removeListener("exit", killNow);
      killNow();
    },
  };
}
