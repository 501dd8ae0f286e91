import { writeFileSync } from "node:fs";

const answerDeadlineMs = 20_000;

/** Takes V8's CPU profile of the Worker's isolate while `work` runs, into a file that browsers' developer tools open. */
export async function profiled(inspectorPort: number, file: string, work: () => Promise<unknown>): Promise<void> {
  const targets: { id: string; webSocketDebuggerUrl?: string }[] = await (await fetch(`http://127.0.0.1:${inspectorPort}/json`)).json();
  const target = targets.find(({ id }) => id.startsWith("core:user:"));
  if (!target) throw new Error("the inspector shows no Worker");
  const socket = new WebSocket(`ws://127.0.0.1:${inspectorPort}/${target.id}`);
  await settled(new Promise((resolve) => socket.addEventListener("open", resolve, { once: true })));
  let last = 0;
  const call = (method: string, params: object = {}): Promise<{ profile?: unknown }> => {
    const id = ++last;
    const answered = new Promise<{ profile?: unknown }>((resolve) => {
      const onMessage = (event: MessageEvent) => {
        const message: { id?: number; result?: { profile?: unknown } } = JSON.parse(String(event.data));
        if (message.id !== id) return;
        socket.removeEventListener("message", onMessage);
        resolve(message.result ?? {});
      };
      socket.addEventListener("message", onMessage);
    });
    socket.send(JSON.stringify({ id, method, params }));
    return settled(answered);
  };
  try {
    await call("Profiler.enable");
    await call("Profiler.setSamplingInterval", { interval: 200 });
    await call("Profiler.start");
    await work();
    const { profile } = await call("Profiler.stop");
    writeFileSync(file, JSON.stringify(profile));
  } finally {
    socket.close();
  }
}

function settled<T>(promise: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error("the inspector does not answer")), answerDeadlineMs).unref();
  });
  return Promise.race([promise, late]);
}
