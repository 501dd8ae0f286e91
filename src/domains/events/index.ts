export { type EventHandler, type EventSchemas, eventsConsumer } from "./consume-events.ts";
export type { DomainEvent } from "./envelope.ts";
export type { Drift, Projection } from "./rebuild-projection.ts";
export { eventRoutes } from "./routes.ts";
