import { expect } from "vitest";
import type { Shelf } from "./stock-fixture.ts";

/**
 * What holds of stock at every moment, told from the rows alone: reserved is the sum of the active reservations and not below zero, on hand
 * is the newest count of the ledger and what came after it, available is the one less the other.
 */
export async function expectSoundStock(shelf: Pick<Shelf, "rows">): Promise<void> {
  const [positions, reservations, movements] = await Promise.all([
    shelf.rows(
      "SELECT location_id || ' ' || variant_id AS place, on_hand_e4, reserved_e4, available_e4 FROM stock_positions ORDER BY place",
    ),
    shelf.rows("SELECT location_id || ' ' || variant_id AS place, reserved_e4 FROM stock_reservations WHERE status = 'active'"),
    shelf.rows(
      `SELECT location_id || ' ' || variant_id AS place, movement_type, quantity_e4 FROM stock_movements
       ORDER BY location_id, variant_id, occurred_at_ms, movement_id`,
    ),
  ]);
  const should = positions.map(({ place }) => {
    const reserved_e4 = reservations.filter((held) => held["place"] === place).reduce((sum, held) => sum + Number(held["reserved_e4"]), 0);
    const on_hand_e4 = movements
      .filter((movement) => movement["place"] === place)
      .reduce((sum, { movement_type, quantity_e4 }) => (movement_type === "count" ? Number(quantity_e4) : sum + Number(quantity_e4)), 0);
    return { place, on_hand_e4, reserved_e4, available_e4: on_hand_e4 - reserved_e4 };
  });
  expect(positions).toEqual(should);
  expect(new Set(movements.map(({ place }) => place))).toEqual(new Set(positions.map(({ place }) => place)));
}
