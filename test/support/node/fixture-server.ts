import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";

const FILE = /^\/([a-z0-9-]+)\/([A-Za-z0-9._-]+)?$/;

/**
 * Tests in workerd have no disk: published product data is read from here. `/{folder}/{file}` is a file as it is, `/{folder}/` the list of
 * its files. null where the folder of all of them (SERVERY_FIXTURES, else ../shared/fixtures) is absent.
 */
export async function startFixtureServer(): Promise<{ url: string | null; stop(): Promise<void> }> {
  const root = resolve(process.env.SERVERY_FIXTURES ?? "../shared/fixtures");
  if (!existsSync(root)) {
    console.info(`Fixtures skipped: ${root} is absent (set SERVERY_FIXTURES).`);
    return { url: null, stop: async () => {} };
  }
  const server = createServer((request, response) => {
    const [, folder, file] = FILE.exec(request.url ?? "") ?? [];
    const path = folder === undefined ? "" : join(root, folder, file ?? "");
    if (path === "" || !existsSync(path)) response.writeHead(404).end();
    else response.end(file === undefined ? JSON.stringify(readdirSync(path).sort()) : readFileSync(path));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((stopped) => {
        server.closeAllConnections();
        server.close(() => stopped());
      }),
  };
}
