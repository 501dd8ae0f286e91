import { z } from "zod";
import { type Endpoint, endpoint } from "../../../platform/http/endpoint.ts";
import { Id } from "../../../platform/http/fields.ts";
import { refuse } from "../../../platform/http/refuse.ts";
import { replyOf } from "../../../platform/http/reply.ts";
import { putWebhookSecret } from "./put-webhook-secret.ts";
import { removeWebhookSecret } from "./remove-webhook-secret.ts";
import { PutWebhookSecret, WebhookSecrets } from "./schemas.ts";
import { FORM, takeNotification } from "./take-notification.ts";

const MAX_BODY_BYTES = 1_048_576;

const tag = "Provider webhooks";
const SourceParams = z.strictObject({ source_system_id: Id });

const notify = endpoint(
  {
    method: "post",
    path: "/webhooks/{source_system_id}",
    tag,
    summary: "A provider's notification",
    description:
      "For the provider, at the address that the source system shows as `webhook_url`; signed with its secret, as docs/webhooks.md says for each " +
      "provider. Answered at once; what it carries is taken in from a queue, of one thing only the newest. What is sent twice takes effect once.",
    access: "public",
    idempotency: "none",
    rate_class: "webhook",
    tenant_in_query: true,
    params: SourceParams,
    query: z.strictObject({
      tenant: z.string().max(64).optional().meta({ description: "The tenant's slug; not needed on its own domain" }),
    }),
    body: {
      content_types: ["application/json", "text/csv", FORM],
      max_bytes: MAX_BODY_BYTES,
      examples: { "application/json": { type: "catalog.version.updated", event_id: "6a8f5f28-54a1-4eb0-a98a-3111513fd4fc" } },
    },
    answers: {
      200: { description: "An unsigned trial, which says nothing", schema: z.object({ accepted: z.boolean() }).meta({ id: "Notified" }) },
      202: {
        description: "Taken; `accepted: false`: nothing will come of it",
        schema: z.object({ accepted: z.boolean() }).meta({ id: "NotificationTaken", example: { accepted: true } }),
      },
    },
    errors: ["WRITER_BUSY"],
  },
  (scope, { params, body }) => takeNotification(scope, { ...params, ...body }),
);

const putSecret = endpoint(
  {
    method: "put",
    path: "/api/v1/source-systems/{source_system_id}/webhook-secret",
    tag,
    summary: "Set the secret that a provider signs its notifications with",
    description:
      "Without `secret` one is made here and answered, this once. The secret before stays good until it is removed. Kept sealed; never answered.",
    access: ["catalog"],
    idempotency: "accepted",
    params: SourceParams,
    body: PutWebhookSecret,
    answers: { 200: { description: "Which secrets there are", schema: WebhookSecrets } },
    errors: ["NOT_FOUND", "WEBHOOK_NOT_OFFERED"],
  },
  (scope, { params, body }) =>
    putWebhookSecret(scope, params.source_system_id, body.secret).catch(async (failure) => replyOf(await refuse(scope, scope.db, failure))),
);

const removeSecret = endpoint(
  {
    method: "delete",
    path: "/api/v1/source-systems/{source_system_id}/webhook-secret",
    tag,
    summary: "Remove a provider's secret before the current one, or all",
    access: ["catalog"],
    idempotency: "accepted",
    params: SourceParams,
    query: z.strictObject({
      which: z
        .enum(["previous", "all"], "must be previous or all")
        .default("previous")
        .meta({ description: "`all`: nothing is taken any more" }),
    }),
    answers: { 200: { description: "Which secrets there are now", schema: WebhookSecrets } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params, query }) =>
    replyOf(await removeWebhookSecret(scope, params.source_system_id, query.which).catch((failure) => refuse(scope, scope.db, failure))),
);

export const webhookRoutes: Endpoint[] = [notify, putSecret, removeSecret];
