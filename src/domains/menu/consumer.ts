import type { WantedHandlers } from "../../platform/queues/handlers.ts";
import { applyPublish } from "./apply-publish.ts";
import { regenerateStore } from "./regenerate-store.ts";
import { showImages } from "./show-images.ts";

export const menuWantedHandlers: WantedHandlers = {
  publish_store: applyPublish,
  show_images: showImages,
  regenerate_store: async (scope, message) => {
    await regenerateStore(scope, String(message.payload["store_id"]));
  },
};
