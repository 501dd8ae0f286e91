import { z } from "zod";
import { WANTED_KINDS, type WantedKind } from "../writer/wanted.ts";

const Wanted = z.object({
  type: z.literal("wanted"),
  tenant_id: z.string(),
  kind: z.enum(WANTED_KINDS),
  key: z.string(),
  /** How often it had been asked for when this message left. */
  requests: z.int(),
  payload: z.record(z.string(), z.unknown()),
});

const Events = z.object({
  type: z.literal("events"),
  tenant_id: z.string(),
  /** The range of the outbox to look at, both ends included. */
  from: z.int(),
  to: z.int(),
  /** Somebody asked for just this range again: it was set aside before. */
  replay: z.literal(true).optional(),
});

/** Every message there is. A message only says where to look; the truth is the row it names. */
export const QueueMessage = z.discriminatedUnion("type", [Wanted, Events]);
export type QueueMessage = z.infer<typeof QueueMessage>;
export type WantedMessage = z.infer<typeof Wanted>;
export type EventsMessage = z.infer<typeof Events>;

export type QueueBinding = "ITEMS_FLAT_REGEN" | "IMAGE_COPY" | "DOMAIN_EVENTS" | "INGESTION";

const QUEUE_OF: Record<WantedKind, QueueBinding> = {
  publish_store: "ITEMS_FLAT_REGEN",
  regenerate_store: "ITEMS_FLAT_REGEN",
  run_ingestion: "INGESTION",
  count_stock: "INGESTION",
  gather_notifications: "INGESTION",
  expire_reservations: "DOMAIN_EVENTS",
  check_stock: "DOMAIN_EVENTS",
  end_snoozes: "DOMAIN_EVENTS",
  turn_prices: "DOMAIN_EVENTS",
  copy_images: "IMAGE_COPY",
  show_images: "ITEMS_FLAT_REGEN",
  sweep_images: "IMAGE_COPY",
};

export const queueOf = (message: QueueMessage): QueueBinding => (message.type === "events" ? "DOMAIN_EVENTS" : QUEUE_OF[message.kind]);

const BATCH_OF_QUEUE = 100;

/** Sends messages to their queues, at most 100 a call as the platform allows. */
export async function sendMessages(env: Record<QueueBinding, Queue>, messages: readonly QueueMessage[]): Promise<void> {
  const byQueue = Map.groupBy(messages, queueOf);
  for (const [binding, group] of byQueue) {
    for (let start = 0; start < group.length; start += BATCH_OF_QUEUE) {
      await env[binding].sendBatch(group.slice(start, start + BATCH_OF_QUEUE).map((body) => ({ body, contentType: "json" as const })));
    }
  }
}
