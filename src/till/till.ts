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
  let isReading = false;

  /** One part of the screen that fails must not keep the others as they were. */
  const emit = (part: Part): void => {
    for (const listener of listeners) {
      try {
        listener(part);
      } catch (error) {
        reportProblem(error);
      }
    }
  };

  const read = { menu: readMenu, copy: readCopy, work: readWork };
  /** Many changes at once are read once; what changes while it is read is read again, by whoever reads. */
  const refresh = async (...parts: (keyof typeof read)[]): Promise<void> => {
    for (const part of parts) stale.add(part);
    if (isReading) return;
    isReading = true;
    try {
      while (stale.size > 0) {
        const now = [...stale];
        stale.clear();
        state = Object.assign({ ...state }, ...(await Promise.all(now.map((part) => read[part](client)))));
        for (const part of now) emit(part);
      }
    } catch (error) {
      reportProblem(error);
    } finally {
      isReading = false;
    }
  };

  client.subscribe((event) => {
    if (event === "queue") void refresh("work");
    if (event === "documents") void refresh("menu");
    if (event === "copy") void refresh("copy", "work", "menu");
    if (event === "credentials") {
      emit("credentials");
      void refresh("copy", "work", "menu");
    }
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
    /** Of the store's currency, where no other is named. */
    money: (amountMinor: number, of = currency()): string => formatAmount(amountMinor, of, locale()),
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
