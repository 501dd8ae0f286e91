import { CallFailed, UnsentWork } from "../client/index.ts";
import { field, h } from "./dom.ts";
import type { Till } from "./till.ts";

/** Sign in: the code that a manager was shown makes this device a terminal. */
export function pairView(till: Till, done: () => void): HTMLElement {
  const words = till.words();
  const problem = h("p", { class: "problem", attributes: { role: "alert" } });
  const code = h("input", {
    type: "text",
    required: true,
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: false,
    attributes: { "data-first": "" },
  });
  const name = h("input", {
    type: "text",
    required: true,
    maxLength: 100,
    value: till.client.credentials()?.name ?? words.pair_default_name,
  });
  const submit = h("button", { type: "submit", class: "primary" }, words.pair_submit);
  const form = h(
    "form",
    {
      on: {
        submit: async (event) => {
          event.preventDefault();
          submit.disabled = true;
          problem.textContent = "";
          try {
            await till.client.pair(code.value.trim(), name.value.trim());
            done();
          } catch (error) {
            problem.textContent = whyNot(till, error);
            code.focus();
          } finally {
            submit.disabled = false;
          }
        },
      },
    },
    field(words.pair_code, code),
    field(words.pair_name, name),
    problem,
    submit,
  );
  return h("div", { class: "page pair" }, h("h1", {}, words.pair_title), h("p", { class: "soft" }, words.pair_lead), form);
}

function whyNot(till: Till, error: unknown): string {
  const words = till.words();
  if (error instanceof UnsentWork) return words.pair_other_store;
  if (!(error instanceof CallFailed)) throw error;
  if (error.status === null) return words.pair_unreachable;
  return error.code === "PAIRING_CODE_UNKNOWN" ? words.pair_unknown_code : error.message;
}
