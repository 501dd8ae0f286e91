/** Which conflict is decided how, by entity: what `GET /api/v1/sync/policies` answers. Each has its race in test/races/till-conflicts. */
export const POLICIES = [
  {
    entity: ["product", "variant", "category", "modifier_group", "price", "menu", "store", "stock_position", "orderability"],
    policy: "server_wins",
    operations: [],
    on_conflict: "rejected",
    code: "SERVER_WINS",
    description: "Changed on the server only. A terminal's edit is rejected, with the current row in `current`.",
  },
  {
    entity: ["customer"],
    policy: "last_writer_by_field",
    operations: ["customer.upsert"],
    on_conflict: "applied",
    code: "NEWER_KEPT",
    description:
      "Field by field the later `occurred_at` wins, corrected by the till's measured clock offset; of equal times the greater terminal id. Where a field lost, `current` has what holds.",
  },
  {
    entity: ["inventory_adjustment"],
    policy: "additive",
    operations: ["inventory_adjustment"],
    on_conflict: "applied",
    code: null,
    description: "Every adjustment adds its part, in whatever order they come.",
  },
  {
    entity: ["order"],
    policy: "append_only",
    operations: ["order.create", "order.add_lines", "order.close", "order.cancel"],
    on_conflict: "conflict",
    code: "ORDER_NOT_OPEN",
    description:
      "The client's id names the order: the same id with the same content is a duplicate, with other content a conflict. Nothing is added to an order that is not open, and it is not opened again; what came too late is kept with its money.",
  },
  {
    entity: ["payment"],
    policy: "append_only",
    operations: ["payment.record"],
    on_conflict: "rejected",
    code: "PAYMENT_ID_TAKEN",
    description: "Recorded once by its id, also after the order was closed; never merged, never changed.",
  },
  {
    entity: ["shift", "cash"],
    policy: "dated_correction",
    operations: ["shift.open", "shift.close", "cash.movement"],
    on_conflict: "applied",
    code: "LATE_CORRECTION",
    description: "What comes after a shift was closed is a correction with its date beside the count, which stays. Never lost.",
  },
] as const;
