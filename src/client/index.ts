export { type Api, CallFailed, createApi, type Routes } from "./api.ts";
export { type FeedShift, type KnownOrder, type KnownShift, openOrders, openShift } from "./open-orders.ts";
export { isAhead, isUnsent, type QueueEntry, type QueueError, type QueueStatus } from "./queue-entry.ts";
export type { ReplayState, ReplayStatus } from "./replay.ts";
export { createTillClient, type TillClient, type TillClientOptions, type TillEvent, UnsentWork } from "./till-client.ts";
export { openTillDatabase, type TillDatabase } from "./till-database.ts";
export type { Happened, Line, Modifier, Operation, OperationType, OrderCreate, PayloadOf, Payment, TerminalSelf } from "./wire-types.ts";
