import { statement } from "../../platform/db/statement.ts";
import { appliedAnswer } from "../../platform/http/reply.ts";
import { unitOf } from "../../platform/http/scope.ts";
import type { WantedHandler } from "../../platform/queues/handlers.ts";
import { wantEach, wantedDone } from "../../platform/writer/wanted.ts";
import type { NamesImage } from "../catalog/index.ts";
import { imagesOf } from "../media/index.ts";
import { shownImageSql } from "./flat-rows.ts";

/**
 * The stores whose live menu shows another image than the catalogue has now. Only where that is all that a regeneration would change: what else
 * of the catalogue has changed since comes with the next publish, and brings the images along.
 */
const BEHIND = `SELECT d.store_id AS key, json_object('store_id', d.store_id) AS payload
  FROM (SELECT ? AS base) AS media CROSS JOIN storefront_documents AS d
  WHERE d.catalog_revision = (SELECT revision FROM catalog_state)
    AND EXISTS (SELECT 1 FROM items_flat AS f CROSS JOIN products AS p ON p.product_id = f.product_id
      WHERE f.store_id = d.store_id AND f.image_url IS NOT ${shownImageSql("media.base")})`;

/** After images of the catalogue have changed, in few goes however many they are: asks for the regeneration of the menus that show them. */
export const showImages: WantedHandler = async (scope, message) => {
  const nowMs = scope.clock.now();
  appliedAnswer(
    await scope.db.write(
      unitOf(scope, {
        steps: [
          wantEach("regenerate_store", statement(BEHIND, scope.config.MEDIA_BASE_URL), nowMs),
          wantedDone(message.kind, message.key, message.requests, nowMs),
        ],
        answer: { status: 200, select: statement("SELECT 'null'") },
        lane: "bulk",
        wakes: true,
      }),
    ),
  );
};

/** What live menus show, though the catalogue has another image by now: it is not swept away. */
export const namedByMenus: NamesImage = (tenantId) =>
  statement(
    `o.value IN (SELECT substr(f.image_url, instr(f.image_url, ?)) FROM items_flat AS f WHERE instr(f.image_url, ?) > 0)`,
    imagesOf(tenantId),
    imagesOf(tenantId),
  );
