import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

const NAME = /^\/([a-z][a-z-]*\.md)$/;

/** Tests in workerd have no disk: what they PUT here lands in test-artifacts/. */
export async function startArtifactServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const dir = join(import.meta.dirname, "../../../test-artifacts");
  const server = createServer(async (request, response) => {
    const name = NAME.exec(request.url ?? "")?.[1];
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.method === "PUT" && name !== undefined) {
      mkdirSync(dir, { recursive: true });
      writeFileSync(join(dir, name), Buffer.concat(chunks));
    }
    response.writeHead(name === undefined ? 404 : 204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
