import { existsSync } from "node:fs";
import { chromiumPath } from "../../scripts/chromium.ts";

/** CI has it; elsewhere its absence is said, not failed. */
export const hasBrowser = existsSync(chromiumPath) || process.env.CI === "true";
if (!hasBrowser) console.warn(`browser tests are skipped: there is no ${chromiumPath} (apt-get install chromium)`);
