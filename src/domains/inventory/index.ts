import type { Endpoint } from "../../platform/http/endpoint.ts";
import type { WantedHandlers } from "../../platform/queues/handlers.ts";
import { checkStock } from "./check-stock.ts";
import { countStatedStock } from "./count-stated-stock.ts";
import { endDueSnoozes } from "./end-due-snoozes.ts";
import { ledgerEvents } from "./events.ts";
import { expireReservations } from "./expire-reservations.ts";
import { orderabilityEvents } from "./orderability-events.ts";
import { reservationRoutes } from "./reservation-routes.ts";
import { stockRoutes } from "./stock-routes.ts";

export { countingIds } from "./counting-ids.ts";
export { movementSteps, positionsJsonSql } from "./movement-steps.ts";
export { answerText, itemsAt, type OrderabilityItem, REASONS, type Reason } from "./orderability-document.ts";
export { judgeCodes, readOrderability, type StoreOrderability } from "./orderability-reader.ts";
export { orderabilityRebuild } from "./orderability-rebuild.ts";
export { orderabilitySteps } from "./orderability-steps.ts";
export { answerHash, packOrderability } from "./pack-orderability.ts";
export { projectOrderability } from "./project-orderability.ts";
export { snoozeRoutes } from "./snooze-routes.ts";

/** Of the ledger; snoozes have their own. */
export const inventoryRoutes: Endpoint[] = [...stockRoutes, ...reservationRoutes];

export const inventoryEvents = { ...ledgerEvents, ...orderabilityEvents };

export const inventoryWantedHandlers: WantedHandlers = {
  expire_reservations: expireReservations,
  check_stock: checkStock,
  count_stock: countStatedStock,
  end_snoozes: endDueSnoozes,
};
