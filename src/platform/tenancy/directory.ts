import { sha256Hex } from "../../kernel/bytes.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { RateLimits } from "../../kernel/rate-classes.ts";
import type { DatabaseHandle } from "../db/database.ts";
import { OLDEST_SERVED_SCHEMA_VERSION } from "../db/migrations.ts";
import { type Row, type Statement, statement } from "../db/statement.ts";
import type { Replica, Tenant } from "../db/tenant.ts";
import { ByteLru } from "../edge-cache/byte-lru.ts";
import { EdgeCache } from "../edge-cache/edge-cache.ts";
import { forgetReadyAnswers } from "../http/ready-answers.ts";
import type { Principal, Role } from "./roles.ts";

const FRESH_MS = 5_000;
/** A tenant that moved is looked for at its old place for no longer than this. */
const MAX_AGE_MS = 10_000;
/** With the central database away, tenants are served from memory this long; each of them is asked for this often, and waited for so long. */
const STALE_MS = 600_000;
const RETRY_MS = 5_000;
const PATIENCE_MS = 1_000;
const UNKNOWN_MS = 2_000;
/** A revoked key is refused within five seconds everywhere. */
/** A busy key is looked up again by one request before it expires, not by all of them when it has. */
const KEY_LIFE = { fresh_ms: 2_000, max_age_ms: 4_000, miss_ms: 2_000 };
const KEY_BYTES = 500;
const MOST_ENTRIES = 20_000;

interface Entry<T> {
  value: T | null;
  at_ms: number;
  failed_at_ms: number;
  refreshing: Promise<T | null> | null;
}

export interface KnownKey {
  principal: Principal;
  tenant_id: string;
  last_used_at_ms: number | null;
}

const tenants = new Map<string, Entry<Tenant>>();
/** For the loads alone: where nothing is known, as when an isolate is new, a crowd waits for one of them. Keeps nothing. */
const newFirstLoads = () => new EdgeCache<Tenant>({ fresh_ms: 0, max_age_ms: 0, miss_ms: 0, max_bytes: 0, size_of: () => 1 });
let firstLoads = newFirstLoads();
const newKeys = () => new EdgeCache<KnownKey>({ ...KEY_LIFE, max_bytes: KEY_BYTES * MOST_ENTRIES, size_of: () => KEY_BYTES });
let keys = newKeys();
/** Hashes of keys that were once found good: they are looked up whatever else comes from the same address. Used longest ago goes first. */
const onceGood = new ByteLru<true>(MOST_ENTRIES);

/** All of a tenant's row, by a star: this Worker is deployed before the central database gets the columns that are new in it. */
export const TENANT_COLUMNS = "t.*, c.primary_url, c.replicas";

/**
 * Who is served by which database, remembered per isolate. A known tenant is answered from memory while it is looked up again behind the
 * answer; a key is never answered from memory for longer than four seconds.
 */
export class Directory {
  private readonly central: DatabaseHandle;
  private readonly clock: Clock;
  private readonly background: (work: Promise<unknown>) => void;

  constructor(central: DatabaseHandle, clock: Clock, background: (work: Promise<unknown>) => void) {
    this.central = central;
    this.clock = clock;
    this.background = background;
  }

  /** By id or slug; null where there is none. */
  byReference(reference: string): Promise<Tenant | null> {
    return this.tenant(`ref:${reference}`, "WHERE t.tenant_id = ?1 OR t.slug = ?1", reference);
  }

  /** By a registered domain. */
  byDomain(domain: string): Promise<Tenant | null> {
    return this.tenant(`domain:${domain}`, "JOIN domains d ON d.tenant_id = t.tenant_id WHERE d.domain = ?1", domain);
  }

  /** Who a key is; null: it is not known. `mayLookUp` throws where one that was never seen to be good is not to be looked up now. */
  async byKey(key: string, mayLookUp: () => void): Promise<KnownKey | null> {
    const key_hash = await hashOf(key);
    return keys.get(key_hash, { clock: this.clock, wait_until: this.background }, async () => {
      if (!onceGood.use(key_hash)) mayLookUp();
      const row = await this.row(
        statement(
          "SELECT key_id, tenant_id, role, name, last_used_at_ms FROM api_keys WHERE key_hash = ? AND revoked_at_ms IS NULL",
          key_hash,
        ),
        () => true,
      );
      if (!row) {
        onceGood.drop(key_hash);
        return null;
      }
      onceGood.put(key_hash, true, 1);
      return {
        principal: { key_id: String(row["key_id"]), role: row["role"] as Role, owner: `${row["role"]}/${row["name"]}` },
        tenant_id: String(row["tenant_id"]),
        last_used_at_ms: row["last_used_at_ms"] as number | null,
      };
    });
  }

  private async tenant(cacheKey: string, where: string, argument: string): Promise<Tenant | null> {
    const nowMs = this.clock.now();
    const known = tenants.get(cacheKey);
    if (known && nowMs - known.at_ms < (known.value ? FRESH_MS : UNKNOWN_MS)) return known.value;
    const load = () => this.loadTenant(cacheKey, where, argument);
    if (!known?.value) return firstLoads.get(cacheKey, { clock: this.clock, wait_until: this.background }, load);
    if (nowMs - known.at_ms > STALE_MS) return load();
    if (nowMs - known.failed_at_ms < RETRY_MS) return known.value;
    if (nowMs - known.at_ms > MAX_AGE_MS) return this.loadOr(known, load);
    if (!known.refreshing) {
      known.refreshing = load()
        .catch(() => known.value)
        .finally(() => {
          known.refreshing = null;
        });
      // By its own request only: to another it may never end, where that one is cut off.
      this.background(known.refreshing);
    }
    return known.value;
  }

  /** Its own load, never another request's: that one may have been cut off. */
  private async loadOr(known: Entry<Tenant>, load: () => Promise<Tenant | null>): Promise<Tenant | null> {
    const keep = () => {
      known.failed_at_ms = this.clock.now();
      return known.value;
    };
    const late = Promise.withResolvers<Tenant | null>();
    const timer = setTimeout(() => late.resolve(keep()), PATIENCE_MS);
    const loading = load().catch(keep);
    this.background(loading);
    try {
      return await Promise.race([loading, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Where a known tenant is now, by the central database's primary. */
  async lookUpAgain(tenant: Tenant): Promise<Tenant> {
    const now = await readTenant(this.central, tenant.tenant_id);
    forgetTenant(tenant.tenant_id);
    return now ?? tenant;
  }

  /** From the replica; what it has not, or not yet as it should be, the primary may: a tenant or key made a moment ago. */
  private async row(query: Statement, isSettled: (row: Row) => boolean): Promise<Row | undefined> {
    const [near] = await this.central.read([query]);
    if (near?.[0] && isSettled(near[0])) return near[0];
    const [fresh] = await this.central.read([query], { fresh: true });
    return fresh?.[0];
  }

  private async loadTenant(cacheKey: string, where: string, argument: string): Promise<Tenant | null> {
    const row = await this.row(
      statement(`SELECT ${TENANT_COLUMNS} FROM tenants t JOIN cells c ON c.cell_id = t.cell_id ${where}`, argument),
      ({ status, schema_version }) => status === "active" && Number(schema_version) >= OLDEST_SERVED_SCHEMA_VERSION,
    );
    const value = row ? tenantOf(row) : null;
    remember(tenants, cacheKey, value, this.clock.now());
    return value;
  }
}

const hashes = new Map<string, string>();
const MOST_HASHES = 1_000;

/** Of a key that is presented again and again. */
async function hashOf(key: string): Promise<string> {
  const known = hashes.get(key);
  if (known !== undefined) return known;
  const hash = await sha256Hex(key);
  if (hashes.size >= MOST_HASHES) hashes.clear();
  hashes.set(key, hash);
  return hash;
}

function remember<T>(map: Map<string, Entry<T>>, key: string, value: T | null, nowMs: number): void {
  if (map.size >= MOST_ENTRIES) map.clear();
  map.set(key, { value, at_ms: nowMs, failed_at_ms: 0, refreshing: null });
}

/** Makes this isolate's next request for the tenant look again: it is not where it was. */
export function forgetTenant(tenantId: string): void {
  for (const [key, { value }] of tenants) if (value?.tenant_id === tenantId) tenants.delete(key);
  firstLoads = newFirstLoads();
}

/** Makes this isolate look again at once; other isolates follow within seconds. */
export function forgetDirectory(): void {
  tenants.clear();
  firstLoads = newFirstLoads();
  keys = newKeys();
  forgetReadyAnswers();
}

export function tenantOf(row: Row): Tenant {
  const tenant_id = String(row["tenant_id"]);
  return {
    tenant_id,
    slug: String(row["slug"]),
    name: String(row["name"]),
    currency: String(row["currency"]),
    locale: String(row["locale"]),
    status: row["status"] as Tenant["status"],
    // Absent before the central database has the column.
    rate_limits: JSON.parse(String(row["rate_limits"] ?? "{}")) as RateLimits,
    schema_version: Number(row["schema_version"]),
    cell_id: String(row["cell_id"]),
    database: {
      id: tenant_id,
      namespace: String(row["namespace"]),
      primary_url: String(row["primary_url"]),
      replicas: JSON.parse(String(row["replicas"])) as Replica[],
      placed_at_ms: Number(row["placed_at_ms"] ?? 0),
    },
  };
}

/** A tenant straight from the primary, for what changes it. */
export async function readTenant(central: DatabaseHandle, reference: string): Promise<Tenant | null> {
  const [rows] = await central.read(
    [
      statement(
        `SELECT ${TENANT_COLUMNS} FROM tenants t JOIN cells c ON c.cell_id = t.cell_id WHERE t.tenant_id = ?1 OR t.slug = ?1`,
        reference,
      ),
    ],
    { fresh: true },
  );
  return rows?.[0] ? tenantOf(rows[0]) : null;
}
