/** Put in by scripts/build-static-assets.ts: a hash of everything below, so that a change of any of it is a new worker. */
declare const PRECACHE_VERSION: string;
declare const PRECACHE: readonly string[];

/** What of a service worker's global is used; the DOM's types have it not. */
interface WorkerGlobal {
  addEventListener(type: "install" | "activate", listener: (event: { waitUntil(done: Promise<unknown>): void }) => void): void;
  addEventListener(type: "fetch", listener: (event: { request: Request; respondWith(response: Promise<Response>): void }) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  location: Location;
}

const worker = globalThis as unknown as WorkerGlobal;
const PREFIX = "till-";
const cacheName = `${PREFIX}${PRECACHE_VERSION}`;
const page = "/till";

worker.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(cacheName);
      // All or none; past the browser's own cache, which may have older ones.
      await cache.addAll(PRECACHE.map((path) => new Request(path, { cache: "reload" })));
      await worker.skipWaiting();
    })(),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== cacheName);
      await Promise.all(old.map((name) => caches.delete(name)));
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  const path = request.mode === "navigate" && url.pathname === page ? page : url.pathname;
  if (!PRECACHE.includes(path)) return;
  // From the device first, always: a till that starts must not wait for a network that is half there.
  event.respondWith(caches.match(path, { cacheName }).then((kept) => kept ?? fetch(request)));
});
