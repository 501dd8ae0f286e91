import { isUnsent, type Line, type Payment, type QueueEntry, type QueueError } from "../client/index.ts";
import { totalsOf } from "./basket.ts";
import { button, draw, h } from "./dom.ts";
import type { Till } from "./till.ts";
import type { View } from "./view.ts";

const SHOWN = 100;

/** What has not reached the server, why, and what can be done about it. */
export function queueView(till: Till): View {
  const element = h("div", { class: "page" });

  const redraw = (): void => {
    const words = till.words();
    const { client } = till;
    const status = client.status();
    const { entries } = till.state();
    const unsent = entries.filter(isUnsent);
    const failed = entries.filter((entry) => entry.status === "FAILED");
    const isPersistent = client.isPersistent();
    draw(
      element,
      h("h1", {}, words.queue),
      h("p", { class: "lead" }, unsent.length === 0 ? words.all_sent : words.unsent(unsent.length)),
      status.state === "refused" && h("p", { class: "problem" }, words.refused_lead),
      status.last_error !== null && h("p", {}, `${words.why_waiting}: ${reason(status.last_error)}`),
      status.next_try_at_ms !== null && h("p", { class: "soft" }, words.retry_at(till.time(status.next_try_at_ms))),
      h(
        "div",
        { class: "ends" },
        button(words.retry, () => client.retryNow(), { class: "primary", key: "retry" }),
        button(words.export, () => void exportFile(till), { key: "export", disabled: unsent.length + failed.length === 0 }),
        button(words.pair_again, () => document.dispatchEvent(new Event("pair-again")), { key: "pair" }),
      ),
      failed.length > 0 && h("h2", {}, words.failed(failed.length)),
      failed.length > 0 && h("ul", { class: "cards" }, ...failed.slice(0, SHOWN).map((entry) => row(entry, true))),
      unsent.length > 0 && h("h2", {}, words.unsent(unsent.length)),
      unsent.length > 0 && h("ul", { class: "cards" }, ...unsent.slice(0, SHOWN).map((entry) => row(entry, false))),
      isPersistent !== null && h("p", { class: "soft" }, isPersistent ? words.persistent : words.not_persistent),
    );
  };

  const reason = ({ code, detail }: QueueError): string => `${till.words().reasons[code] ?? detail} (${code})`;

  const row = (entry: QueueEntry, isFailed: boolean): HTMLElement => {
    const words = till.words();
    const { type, payload, status, attempts, last_error, created_at_ms, id } = entry;
    const { order_id } = payload as { order_id?: string };
    const number = till.state().receipts.find((receipt) => receipt.order_id === order_id)?.number;
    const amount = amountIn(payload);
    const title = [words.operations[type] ?? type, number, amount === null ? null : till.money(amount)];
    return h(
      "li",
      {},
      h("h3", {}, title.filter(Boolean).join(" · ")),
      h("p", { class: "soft" }, `${words.entry_status[status]} · ${till.dateTime(created_at_ms)} · ${words.attempts(attempts)}`),
      last_error !== null && h("p", {}, reason(last_error)),
      isFailed &&
        h(
          "div",
          { class: "ends" },
          button(words.acknowledge, () => void till.client.acknowledge([id]), { key: `ack ${id}` }),
        ),
    );
  };

  redraw();
  return { element, refresh: (part) => (part === "work" || part === "status" || part === "copy") && redraw() };
}

/** The money that an operation speaks of, or null. */
function amountIn(payload: unknown): number | null {
  const said = payload as { lines?: Line[]; tax_included?: boolean; payments?: Payment[]; amount?: number; counted_amount?: number };
  if (said.lines) return totalsOf(said.lines, said.tax_included ?? true).total_minor;
  if (said.payments) return said.payments.reduce((sum, { amount }) => sum + amount, 0);
  return said.amount ?? said.counted_amount ?? null;
}

async function exportFile(till: Till): Promise<void> {
  const text = await till.client.exportUnsent();
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = h("a", { href: url, download: `till-queue-${new Date().toISOString().replaceAll(/[:.]/g, "-")}.json` });
  document.body.append(link);
  link.click();
  link.remove();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
