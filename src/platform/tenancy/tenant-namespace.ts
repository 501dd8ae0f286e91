/**
 * What a tenant's database is called in its cell: `t-kopi`, and after a move `t` with the move's time before the same hyphen. No two
 * tenants, and no two places of one, come to the same name; nothing else begins like this.
 */
export const tenantNamespace = (slug: string, movedAtMs?: number): string => `t${movedAtMs?.toString(36) ?? ""}-${slug}`;

export const isTenantNamespace = (namespace: string): boolean => /^t[a-z0-9]*-/.test(namespace);
