/**
 * The closed list of what can go wrong, with its HTTP status. `code` is the contract; titles are for people.
 * A 5xx never carries an inner message.
 */
export const ERRORS = {
  BAD_JSON: [400, "The body is not valid JSON"],
  BAD_REQUEST: [400, "The request cannot be read"],
  IDEMPOTENCY_KEY_REQUIRED: [400, "This request needs an Idempotency-Key"],
  IDEMPOTENCY_KEY_INVALID: [400, "The Idempotency-Key is not usable"],
  TENANT_REQUIRED: [400, "The request names no tenant"],
  TERMINAL_REQUIRED: [400, "This route is for a terminal"],
  UNAUTHENTICATED: [401, "A credential is missing or unknown"],
  FORBIDDEN: [403, "This credential may not do that"],
  NOT_FOUND: [404, "Not found"],
  TENANT_UNKNOWN: [404, "No such tenant"],
  PAIRING_CODE_UNKNOWN: [404, "This pairing code is not known, was used or has expired"],
  METHOD_NOT_ALLOWED: [405, "This path does not answer that method"],
  IDEMPOTENCY_KEY_REUSED: [409, "This Idempotency-Key was used for another request"],
  IDEMPOTENCY_IN_PROGRESS: [409, "The first request with this Idempotency-Key is still running"],
  STORE_CODE_TAKEN: [409, "Another store has this code"],
  SOURCE_NAME_TAKEN: [409, "Another source system has this name"],
  DOMAIN_TAKEN: [409, "Another tenant has this domain"],
  TENANT_CONFLICT: [409, "A tenant with this slug exists with other particulars"],
  STOCK_INSUFFICIENT: [409, "There is not enough stock for this"],
  STOCK_CHANGED: [409, "The stock is not what this was based on"],
  RESERVATION_DIFFERS: [409, "The order has reserved this otherwise already"],
  RESERVATION_NOT_ACTIVE: [409, "The reservation does not hold any more"],
  MENU_VERSION_NOT_REACHED: [409, "The store has not reached that menu version yet"],
  ITEM_CODE_TAKEN: [409, "Another variant has this item code"],
  PRICE_START_TAKEN: [409, "Another price of this variant begins at that time"],
  RESYNC_REQUIRED: [409, "This copy is too old to be brought up to date; begin again"],
  ORDER_NOT_TAKEN: [409, "The order was not taken"],
  CONFLICT: [409, "What this was based on has changed meanwhile"],
  EVENTS_GONE: [410, "These events are no longer kept"],
  BODY_TOO_LARGE: [413, "The body is too large"],
  UNSUPPORTED_MEDIA_TYPE: [415, "This content type is not taken here"],
  RANGE_NOT_SATISFIABLE: [416, "The part asked for lies beyond the end"],
  VALIDATION_FAILED: [422, "The request is not valid"],
  IMAGE_REFUSED: [422, "This is not an image that is taken"],
  PAYLOAD_UNREADABLE: [422, "The payload is not what this provider sends"],
  PROVIDER_UNKNOWN: [422, "No such provider"],
  WEBHOOK_NOT_OFFERED: [422, "This provider has no webhook here"],
  DRAFT_UNKNOWN: [422, "A draft named here does not exist"],
  STORE_UNKNOWN: [422, "A store named here does not exist"],
  VARIANT_UNKNOWN: [422, "A variant named here does not exist"],
  MODIFIER_UNKNOWN: [422, "A modifier option named here does not exist"],
  MODIFIER_GROUP_UNKNOWN: [422, "A modifier group named here does not exist"],
  CATEGORY_UNKNOWN: [422, "A category named here does not exist"],
  LOCATION_UNKNOWN: [422, "A location named here does not exist"],
  PUBLISH_UNKNOWN: [422, "The publish named here does not exist"],
  CLIENT_OUTDATED: [426, "This version of the schema is no longer served"],
  RATE_LIMITED: [429, "Too many requests; wait"],
  INTERNAL: [500, "Something went wrong here"],
  WRITER_BUSY: [503, "Too many writes are waiting; try again"],
  UNAVAILABLE: [503, "A part of the service does not answer; try again"],
  TENANT_BEHIND: [503, "This tenant's database is being brought up to date; try again"],
  TENANT_MOVING: [503, "This tenant's database is moving to another cell; try again"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ErrorCode = keyof typeof ERRORS;

export interface FieldError {
  /** Dotted path into the request: `body.sections.0.items.2.price`. */
  path: string;
  message: string;
}

export interface ErrorExtras {
  /** Safe to show; what happened and what to do. */
  detail?: string;
  errors?: FieldError[];
  /** Further members of the problem document, safe to show. */
  extensions?: Record<string, unknown>;
  retry_after_s?: number;
  cause?: unknown;
}

/** The one error class. `platform/http` turns it into a problem document. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly extras: ErrorExtras;

  constructor(code: ErrorCode, extras: ErrorExtras = {}) {
    super(extras.detail ?? ERRORS[code][1], extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = "AppError";
    this.code = code;
    this.extras = extras;
  }

  get status(): number {
    return ERRORS[this.code][0];
  }
}
