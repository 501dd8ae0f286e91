/** Where time and ids come from; handed down, never reached for. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** A fresh UUIDv7. */
  newId(): string;
}
