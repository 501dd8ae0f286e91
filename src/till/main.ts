import { createTillClient, isUnsent, openTillDatabase } from "../client/index.ts";
import { button, draw, h } from "./dom.ts";
import { ordersView } from "./orders-view.ts";
import { pairView } from "./pair-view.ts";
import { queueView } from "./queue-view.ts";
import { sellView } from "./sell-view.ts";
import { shiftView } from "./shift-view.ts";
import { createTill, type Part, type Till, type ViewName } from "./till.ts";
import type { View } from "./view.ts";

/** Put in by scripts/build-static-assets.ts. */
declare const APP_VERSION: string;

const makers: Record<ViewName, (till: Till) => View> = { sell: sellView, orders: ordersView, shift: shiftView, queue: queueView };
const names = Object.keys(makers) as ViewName[];

async function start(): Promise<void> {
  const client = createTillClient({
    database: await openTillDatabase("servery-till"),
    base_url: "",
    app_version: APP_VERSION,
    fetch: fetch.bind(globalThis),
    now: Date.now,
    random: Math.random,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    locks: navigator.locks ?? null,
    channel: new BroadcastChannel("servery-till"),
    storage: navigator.storage ?? null,
    setTimer: (done, ms) => setTimeout(done, ms),
    clearTimer: (timer) => clearTimeout(timer),
  });
  const till = createTill(client, console.error);
  await client.start();
  await till.refresh("menu", "copy", "work");
  showScreen(till);
  addEventListener("online", () => client.networkIsBack());
  navigator.serviceWorker?.register("/till/sw.js", { scope: "/till" }).catch(console.error);
}

function showScreen(till: Till): void {
  const screen = document.getElementById("till");
  if (!screen) throw new Error("the page has no place for the till");
  // Stays where it is: what changes in it is said.
  const state = h("p", { class: "state", attributes: { role: "status" } });
  const places = h("div", { class: "places" });
  const bar = h("header", {}, places, state);
  const main = h("main", { id: "main", tabIndex: -1 });
  screen.replaceChildren(bar, main);
  let view: View | null = null;
  let wantsPairing = false;

  const drawBar = (): void => {
    const words = till.words();
    const { entries } = till.state();
    const unsent = entries.filter(isUnsent).length;
    const failed = entries.filter(({ status }) => status === "FAILED").length;
    const now = till.client.status().state;
    // Asking for news is no news.
    const told = now === "sending" && unsent === 0 ? "idle" : now;
    const shown = navigator.onLine || told === "refused" ? told : "offline";
    const count = unsent + failed;
    const line = [words.status[shown], unsent > 0 ? words.unsent(unsent) : ""].filter(Boolean).join(" · ");
    if (state.textContent !== line) state.textContent = line;
    state.className = `state ${shown}`;
    draw(
      places,
      h(
        "p",
        { class: "store" },
        h("b", {}, till.storeName() || words.title),
        h("span", { class: "soft" }, till.client.credentials()?.name ?? ""),
      ),
      h(
        "nav",
        { attributes: { "aria-label": words.views } },
        ...names.map((name) =>
          h(
            "button",
            {
              type: "button",
              key: name,
              attributes: till.view() === name ? { "aria-current": "page" } : {},
              on: { click: () => till.show(name) },
            },
            words[name],
            name === "queue" && count > 0 && h("span", { class: "badge" }, ` ${count}`),
          ),
        ),
      ),
    );
  };

  const showView = (): void => {
    if (till.client.credentials() === null || wantsPairing) {
      view = null;
      bar.hidden = !wantsPairing;
      const page = pairView(till, () => {
        wantsPairing = false;
        showView();
      });
      draw(main, page);
      page.querySelector<HTMLElement>("[data-first]")?.focus();
      return;
    }
    bar.hidden = false;
    view = makers[till.view()](till);
    draw(main, view.element);
    view.refresh("sale");
    drawBar();
  };

  till.subscribe((part: Part) => {
    if (part === "view") {
      wantsPairing = false;
      showView();
      main.focus();
      return;
    }
    // Paired or forgotten, here or in another tab.
    if (part === "credentials" && !wantsPairing && (view === null) === (till.client.credentials() !== null)) showView();
    drawBar();
    view?.refresh(part);
  });
  document.addEventListener("pair-again", () => {
    wantsPairing = true;
    showView();
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key !== "/" || isTyping || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (till.view() !== "sell") till.show("sell");
    view?.focusSearch?.();
  });
  for (const change of ["online", "offline"]) addEventListener(change, drawBar);
  showView();
  drawBar();
}

start().catch((error: unknown) => {
  console.error(error);
  const reason = error instanceof Error ? error.message : String(error);
  document.getElementById("till")?.replaceChildren(
    h(
      "main",
      { class: "page" },
      h("h1", {}, "The till could not start"),
      h("p", {}, reason),
      button("Try again", () => location.reload()),
    ),
  );
});
