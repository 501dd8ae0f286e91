import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { freePort } from "../free-port.ts";
import type { CapnpValue } from "./capnp-text.ts";
import { internetService, socketTo } from "./raw-workerd.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd.ts";
import { readWranglerEnvironment } from "./wrangler-environment.ts";

export type FloorName = "constant" | "hrana-row" | "hrana-batch" | "object-constant" | "group-commit" | "regenerate";

const withObject: readonly FloorName[] = ["object-constant", "group-commit"];

/** Runs one of `floors/` on a bare workerd of its own, with the Worker's compatibility date. */
export async function startFloor(dir: string, name: FloorName, bindings: Record<string, string | Uint8Array>): Promise<WorkerdProcess> {
  const port = await freePort();
  const source = readFileSync(join(import.meta.dirname, "floors", `${name}.ts`), "utf8");
  const hasObject = withObject.includes(name);
  const object = {
    durableObjectNamespaces: [{ className: "FloorObject", uniqueKey: "floor", enableSql: true }],
    durableObjectStorage: {},
  };
  const worker: CapnpValue = {
    compatibilityDate: readWranglerEnvironment("dev").compatibility_date,
    modules: [{ name: "floor.js", esModule: stripTypeScriptTypes(source) }],
    bindings: [
      ...Object.entries(bindings).map(([key, value]) =>
        typeof value === "string" ? { name: key, text: value } : { name: key, data: value },
      ),
      ...(hasObject ? [{ name: "OBJECT", durableObjectNamespace: "FloorObject" }] : []),
    ],
    ...(hasObject ? object : {}),
  };
  const config = { services: [{ name: "floor", worker }, internetService], sockets: [socketTo("floor", port)] };
  return startWorkerd({ dir: join(dir, "floors"), name, port, config, probe: "/" });
}
