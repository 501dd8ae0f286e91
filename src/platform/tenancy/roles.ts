export const ROLES = ["admin", "catalog", "menu", "inventory", "pos", "kitchen", "kds", "reports", "read"] as const;
export type Role = (typeof ROLES)[number];

/** Who may be let in: a key by its role, or a till by its own token. */
export type Caller = Role | "terminal";

/** A till, and the store that it is bound to. */
export interface Terminal {
  terminal_id: string;
  store_id: string;
  location_id: string;
}

/** Who is asking. `owner` outlives a rotated key; what a key did is remembered under it. */
export interface Principal {
  key_id: string;
  role: Caller;
  owner: string;
  /** Of role `terminal`. */
  terminal?: Terminal;
}

/** An admin may do everything in the tenant; every other role exactly what names it. */
export const mayDo = (principal: Principal, roles: readonly Caller[]): boolean =>
  principal.role === "admin" || roles.includes(principal.role);
