import { z } from "zod";
import { Id, Timestamp } from "../../../platform/http/fields.ts";

const id = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11";
const at = "2026-11-20T09:30:00.000Z";

export const PutWebhookSecret = z
  .strictObject({
    secret: z
      .string()
      .min(8, "must be at least 8 characters")
      .max(512, "must be at most 512 characters")
      .optional()
      .meta({ description: "What the provider shows as its signing secret or key. Without it one is made here" }),
  })
  .meta({ id: "PutWebhookSecret", example: {} });

export const KeptSecrets = z
  .array(
    z.object({
      slot: z.enum(["current", "previous"]),
      secret_id: Id,
      key_id: z.string().meta({ description: "The key of SECRETS_KEY that seals it" }),
      set_at: Timestamp,
    }),
  )
  .meta({ description: "Both are good" });

const secrets = [{ slot: "current", secret_id: id, key_id: "k1", set_at: at }];

export const WebhookSecrets = z
  .object({
    source_system_id: Id,
    secrets: KeptSecrets,
    secret: z.string().optional().meta({ description: "Only of one that was just made here" }),
  })
  .meta({ id: "WebhookSecrets", example: { source_system_id: id, secrets } });
