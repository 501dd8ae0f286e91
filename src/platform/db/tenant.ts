import type { RateLimits } from "../../kernel/rate-classes.ts";

/** A node that serves read-only copies. */
export interface Replica {
  region: string;
  url: string;
}

/** One database and where it is served: all that reading and writing need to know of a tenant. */
export interface Database {
  /** The tenant's id, or `central`. */
  id: string;
  namespace: string;
  primary_url: string;
  replicas: Replica[];
  /** When it came to be there: of two places the later one holds, and the writer refuses the earlier. 0: it never moved. */
  placed_at_ms: number;
}

/** A merchant, as the directory knows it. */
export interface Tenant {
  tenant_id: string;
  slug: string;
  name: string;
  currency: string;
  locale: string;
  status: "creating" | "active";
  schema_version: number;
  /** Its own limits; what it does not name is the environment's. */
  rate_limits: RateLimits;
  cell_id: string;
  database: Database;
}
