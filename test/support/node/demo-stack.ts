import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { operatorClient } from "../../../scripts/api-client.ts";
import { demoTenants } from "../../../scripts/demo/demo-tenants.ts";
import { loadDemoTenant } from "../../../scripts/demo/load-demo.ts";
import { freePort } from "../../../scripts/free-port.ts";
import { generateKeys } from "../../../scripts/keys.ts";
import { type LocalStack, registerLocalCell, startLocalStack } from "../../../scripts/local-stack.ts";
import type { Demo } from "../../../scripts/state-directory.ts";

export interface DemoStack {
  stack: LocalStack;
  demo: Demo;
  operator_key: string;
  /** `http://kopi.localhost:<port>` */
  originOf(slug: string): string;
  stop(): Promise<void>;
}

/** A whole stack of its own with the demo tenants in it, in a folder that goes with it. */
export async function startDemoStack(): Promise<DemoStack> {
  const root = join(import.meta.dirname, "../../../.tmp");
  mkdirSync(root, { recursive: true });
  const dir = mkdtempSync(join(root, "demo-"));
  const forget = () => rmSync(dir, { recursive: true, force: true });
  process.once("exit", forget);
  const keys = generateKeys();
  const port = await freePort();
  const stack = await startLocalStack({ dir, port, keys });
  const operator = operatorClient(stack.base_url, keys.operator_key);
  await registerLocalCell(operator, stack.sqld);
  const demo: Demo = { base_url: stack.base_url, tenants: [] };
  for (const tenant of demoTenants) demo.tenants.push(await loadDemoTenant(operator, tenant, () => {}));
  return {
    stack,
    demo,
    operator_key: keys.operator_key,
    originOf: (slug) => `http://${slug}.localhost:${port}`,
    stop: async () => {
      await stack.stop();
      process.removeListener("exit", forget);
      forget();
    },
  };
}
