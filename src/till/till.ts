import type { KnownOrder, TillClient } from "../client/index.ts";
import { formatAmount } from "./amounts.ts";
import { type Basket, emptyBasket } from "./basket.ts";
import { type TillMessages, tillMessages } from "./messages.ts";
import { emptyState, readCopy, readMenu, readWork, type TillState } from "./model.ts";

export type ViewName = "sell" | "orders" | "shift" | "queue";
export type Part = "menu" | "copy" | "work" | "sale" | "status" | "credentials" | "view";

/** What is being sold now; `order` where it is one that was kept open. */
export interface Sale {
  order: KnownOrder | null;
  basket: Basket;
}

export type Till = ReturnType<typeof createTill>;

/** The screen's state: what is read from the device, and what is in hand. */
export function createTill(client: TillClient, reportProblem: (error: unknown) => void) {
  let state: TillState = emptyState;
  let sale: Sale = { order: null, basket: emptyBasket };
  let view: ViewName = "sell";
  const listeners = new Set<(part: Part) => void>();
  const stale = new Set<"menu" | "copy" | "work">();
  let reading: Promise<void> | null = null;

  const emit = (part: Part): void => {
    for (const listener of listeners) listener(part);
  };

  /** Many changes at once are read once. */
  const readStale = async (): Promise<void> => {
    while (stale.size > 0) {
      const parts = [...stale];
      stale.clear();
      const read = await Promise.all(
        parts.map((part) => (part === "menu" ? readMenu(client) : part === "copy" ? readCopy(client) : readWork(client))),
      );
      state = Object.assign({ ...state }, ...read);
      for (const part of parts) emit(part);
    }
  };
  const refresh = (...parts: ("menu" | "copy" | "work")[]): Promise<void> => {
    for (const part of parts) stale.add(part);
    reading ??= readStale()
      .catch(reportProblem)
      .finally(() => {
        reading = null;
      });
    return reading;
  };

  client.subscribe((event) => {
    if (event === "queue") void refresh("work");
    if (event === "documents") void refresh("menu");
    if (event === "copy") void refresh("copy", "work", "menu");
    if (event === "credentials") void refresh("copy", "work", "menu").then(() => emit("credentials"));
    if (event === "status") emit("status");
  });

  const locale = (): string => state.store?.locale ?? state.menu?.store.locale ?? "en";
  const currency = (): string => state.store?.currency ?? state.menu?.currency ?? "USD";

  return {
    client,
    refresh,
    state: (): TillState => state,
    sale: (): Sale => sale,
    view: (): ViewName => view,
    words: (): TillMessages => tillMessages(locale()),
    locale,
    currency,
    storeName: (): string => state.store?.name ?? state.menu?.store.name ?? "",
    money: (amountMinor: number): string => formatAmount(amountMinor, currency(), locale()),
    time: (ms: number): string => new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms),
    dateTime: (ms: number): string => new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(ms),

    setSale(next: Partial<Sale>): void {
      sale = { ...sale, ...next };
      emit("sale");
    },

    show(next: ViewName): void {
      view = next;
      emit("view");
    },

    subscribe(listener: (part: Part) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
