import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Debian's; CHROME_PATH names another. */
export const chromiumPath = process.env.CHROME_PATH ?? "/usr/bin/chromium";

/** A headless Chromium that talks to nobody but the pages it is sent to. With `debugging_port` it can be driven from outside too. */
export async function launchChromium(options: { debugging_port?: number } = {}): Promise<Browser> {
  if (!existsSync(chromiumPath)) throw new Error(`there is no Chromium at ${chromiumPath}: apt-get install chromium, or set CHROME_PATH`);
  const { debugging_port } = options;
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...(debugging_port === undefined ? [] : [`--remote-debugging-port=${debugging_port}`]),
    ],
  });
}
