export { bookReads, fillBook } from "./book-reads.ts";
export { bookHolds, bookWrites } from "./book-writes.ts";
export { lineTotals, spreadDiscount } from "./line-totals.ts";
export { type Happening, isOperationType, OPERATIONS, type OperationType } from "./operation-schemas.ts";
export { CUSTOMER_JSON, ORDER_JSON, SHIFT_JSON } from "./order-json.ts";
export { orderRoutes } from "./order-routes.ts";
export { takeHappening } from "./take-happening.ts";
export { type Book, type Decision, newBook, type Place } from "./till-book.ts";
