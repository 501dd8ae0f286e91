type Child = Node | string | null | undefined | false;

type Props<E extends HTMLElement> = {
  class?: string;
  /** Names what has the focus over a new drawing. */
  key?: string;
  on?: { [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name], element: E) => void };
  attributes?: Record<string, string>;
} & Partial<Omit<E, "children" | "style" | "attributes">>;

/** An element with its properties and children. Texts are texts: nothing here is read as HTML. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props<HTMLElementTagNameMap[Tag]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  const { class: className, key, on = {}, attributes = {}, ...rest } = props;
  if (className !== undefined) element.className = className;
  if (key !== undefined) element.dataset["key"] = key;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  Object.assign(element, rest);
  for (const [name, listener] of Object.entries(on)) {
    element.addEventListener(name, (event) => (listener as (event: Event, element: HTMLElement) => void)(event, element));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return element;
}

/** Draws a part anew. What had the focus has it again, by its key; where it is gone, the part itself has. */
export function draw(part: HTMLElement, ...children: Child[]): void {
  const active = document.activeElement instanceof HTMLElement && part.contains(document.activeElement) ? document.activeElement : null;
  const key = active?.dataset["key"];
  const scroll = part.scrollTop;
  part.replaceChildren(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  part.scrollTop = scroll;
  if (!active) return;
  const next = key === undefined ? null : part.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  if (next) next.focus();
  else {
    part.tabIndex = -1;
    part.focus();
  }
}

/**
 * A dialog over everything, that goes when it is closed (Escape too). The browser keeps the focus in it, and gives it back afterwards; where
 * what had it was drawn anew meanwhile, its successor has it, or the page.
 * Resolves with what `fill`'s `end` was given, undefined where it was dismissed.
 */
export function ask<T>(title: string, fill: (end: (answer?: T) => void) => Child[]): Promise<T | undefined> {
  return new Promise((resolve) => {
    let answer: T | undefined;
    const opener = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["key"] : undefined;
    const dialog = h("dialog", { attributes: { "aria-label": title } });
    const end = (given?: T): void => {
      answer = given;
      dialog.close();
    };
    dialog.append(h("h2", {}, title), ...fill(end).filter((child): child is Node | string => Boolean(child)));
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (document.activeElement === document.body) {
        const again = opener === undefined ? null : document.querySelector<HTMLElement>(`[data-key="${CSS.escape(opener)}"]:enabled`);
        (again ?? document.querySelector("main"))?.focus();
      }
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-first]")?.focus();
  });
}

/** A field with its label. */
export function field(label: string, input: HTMLInputElement): HTMLLabelElement {
  return h("label", { class: "field" }, h("span", {}, label), input);
}

export const button = (label: string, press: () => void, props: Props<HTMLButtonElement> = {}): HTMLButtonElement =>
  h("button", { type: "button", ...props, on: { click: press, ...props.on } }, label);
