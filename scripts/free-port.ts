import { createServer } from "node:net";

/** Below the range that the kernel gives to outgoing connections: one of those may take a port that was free a moment ago. */
const lowest = 12_000;
const highest = 32_000;
const given = new Set<number>();

/** A TCP port of 127.0.0.1 that was free a moment ago, and that this process was not given before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (given.has(port) || !(await isPortFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no port is free between ${lowest} and ${highest}`);
}

/** Whether nothing listens on 127.0.0.1:`port` and we may. Throws on anything but a port in use or not allowed. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    await tryListen(port);
    return true;
  } catch (error) {
    if (["EADDRINUSE", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

function tryListen(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
  });
}
