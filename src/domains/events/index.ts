export { type EventHandler, type EventSchemas, eventsConsumer } from "./consume-events.ts";
export type { DomainEvent } from "./envelope.ts";
