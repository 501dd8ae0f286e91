import type { Scope } from "../http/scope.ts";
import type { WantedKind } from "../writer/wanted.ts";
import type { WantedMessage } from "./messages.ts";

/** Does the work a `wanted` row asks for and marks it done in the same unit of work. Throwing means: try again later. */
export type WantedHandler = (scope: Scope, message: WantedMessage) => Promise<void>;

export type WantedHandlers = Partial<Record<WantedKind, WantedHandler>>;
