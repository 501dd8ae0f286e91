import type { ReplayStatus } from "./replay.ts";

/** What the tabs of one device tell each other. */
export type TabMessage =
  /** Something waits to be sent. */
  | { kind: "queued" }
  /** A person wants it sent now. */
  | { kind: "retry" }
  /** The terminal was paired or forgotten. */
  | { kind: "credentials" }
  | { kind: "changed"; part: "queue" | "copy" | "documents" }
  | { kind: "status"; status: ReplayStatus };

/** What of a BroadcastChannel is used. */
export interface Channel {
  postMessage(message: TabMessage): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}
