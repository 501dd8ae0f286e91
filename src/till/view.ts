import type { Part } from "./till.ts";

export interface View {
  element: HTMLElement;
  /** Something that it may show has changed. */
  refresh(part: Part): void;
  focusSearch?: () => void;
}
