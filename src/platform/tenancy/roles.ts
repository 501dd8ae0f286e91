export const ROLES = ["admin", "catalog", "menu", "inventory", "pos", "kitchen", "kds", "reports", "read"] as const;
export type Role = (typeof ROLES)[number];

/** Who is asking. `owner` outlives a rotated key; what a key did is remembered under it. */
export interface Principal {
  key_id: string;
  role: Role;
  owner: string;
}

/** An admin may do everything in the tenant; every other role exactly what names it. */
export const mayDo = (principal: Principal, roles: readonly Role[]): boolean =>
  principal.role === "admin" || roles.includes(principal.role);
