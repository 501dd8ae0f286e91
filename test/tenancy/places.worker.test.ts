import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { configOf } from "../../src/env.ts";
import { openVersion, sealVersion } from "../../src/platform/db/consistency-token.ts";
import type { DatabaseHandle } from "../../src/platform/db/database.ts";
import { setWriteBlock } from "../../src/platform/db/namespaces.ts";
import { statement } from "../../src/platform/db/statement.ts";
import type { Tenant } from "../../src/platform/db/tenant.ts";
import type { UnitOfWork } from "../../src/platform/db/unit-of-work.ts";
import { runtimeOf, systemClock } from "../../src/platform/http/runtime.ts";
import { Directory, forgetDirectory } from "../../src/platform/tenancy/directory.ts";
import { newTenant, operate, operatorCall, type TestTenant } from "../support/worker/tenant-fixture.ts";

/** Where a tenant's database is, who believes what of it, and who may write where. */
const { central, open } = runtimeOf(env, () => {});

let tenant: TestTenant;
let known: Tenant;

beforeAll(async () => {
  tenant = await newTenant();
  known = (await tenant.scope()).scope.tenant;
});

const unit = (sql: string, ...args: (string | number)[]): UnitOfWork => ({
  id: systemClock.newId(),
  lane: "sale",
  wakes: false,
  steps: [statement(sql, ...args)],
  answer: { status: 200, select: statement("SELECT json_object()") },
});

const addLocation = (db: DatabaseHandle, id: string) =>
  db.write(unit("INSERT INTO locations (location_id, kind, name, created_at_ms) VALUES (?, 'warehouse', ?, 0)", id, id));

const changeTenant = (assignment: string, of: TestTenant) =>
  central.write(unit(`UPDATE tenants SET ${assignment} WHERE tenant_id = ?`, of.tenant_id));

const createStore = (of: TestTenant) =>
  of.call("POST", "/api/v1/stores", { body: { name: systemClock.newId(), timezone: "UTC", currency: "USD" } });

describe("the writer", () => {
  test("refuses who has not heard that the database moved, also when its memory is gone", async () => {
    const own = await newTenant();
    const { database } = (await own.scope()).scope.tenant;
    const later = open({ ...database, placed_at_ms: 5 });
    const earlier = open({ ...database, placed_at_ms: 4 });
    expect((await addLocation(later, "a")).kind).toBe("applied");
    expect((await addLocation(earlier, "b")).kind).toBe("moving");
    // As when the platform moves it.
    await runInDurableObject(env.TENANT_WRITER.getByName(own.tenant_id), (writer) => Object.assign(writer, { group: null, target: null }));
    expect((await addLocation(earlier, "c")).kind).toBe("moving");
    expect((await addLocation(later, "d")).kind).toBe("applied");
    const [rows] = await later.read([statement("SELECT location_id FROM locations ORDER BY location_id")], { fresh: true });
    expect(rows?.map((row) => row["location_id"])).toEqual(["a", "d"]);
  });
});

describe("a crowd at a new isolate", () => {
  test("waits for one look at the central database", async () => {
    let reads = 0;
    const counting: DatabaseHandle = {
      ...central,
      read: (...asked: Parameters<DatabaseHandle["read"]>) => {
        reads += 1;
        return central.read(...asked);
      },
    };
    const directory = new Directory(counting, systemClock, () => {});
    forgetDirectory();
    const crowd = await Promise.all(Array.from({ length: 50 }, () => directory.byReference(known.slug)));
    expect(crowd.map((found) => found?.tenant_id)).toEqual(crowd.map(() => known.tenant_id));
    // The replica's, and the primary's where the replica is behind.
    expect(reads).toBeLessThanOrEqual(2);
    const strangers = await Promise.all(Array.from({ length: 50 }, () => directory.byReference("nobody-by-this-name")));
    expect(strangers.every((found) => found === null)).toBe(true);
    expect(reads).toBeLessThanOrEqual(4);
  });
});

describe("a database that is closed to writes", () => {
  test("answers writers 503 with Retry-After, readers as ever, and remembers nothing of the refusal", async () => {
    const admin = { url: configOf(env).CENTRAL.admin_url, key: configOf(env).SQLD_ADMIN_KEY };
    const { namespace } = known.database;
    expect(await setWriteBlock(admin, "nobody", "x")).toBe(false);
    expect(await setWriteBlock(admin, namespace, "moving to cell x")).toBe(true);
    const body = { name: "One", timezone: "UTC", currency: "USD" };
    const idempotency_key = "closed";
    const closed = await tenant.call("POST", "/api/v1/stores", { body, idempotency_key });
    expect([closed.status, closed.json.code, closed.headers.get("retry-after")]).toEqual([503, "TENANT_MOVING", "1"]);
    expect((await tenant.call("GET", "/api/v1/stores")).json.data).toEqual([]);
    expect(await setWriteBlock(admin, namespace, null)).toBe(true);
    const opened = await tenant.call("POST", "/api/v1/stores", { body, idempotency_key });
    expect([opened.status, opened.headers.get("idempotent-replayed")]).toEqual([201, null]);
  });
});

describe("a consistency token", () => {
  const secret = configOf(env).TOKEN_SECRET;

  test("of a later place makes this isolate look where the tenant is; of an earlier one it promises nothing", async () => {
    const own = await newTenant();
    const first = (await createStore(own)).headers.get("consistency-token") ?? "";
    const { database } = (await own.scope()).scope.tenant;
    const promised = await openVersion(secret, database, first);
    expect(promised).toMatchObject({ placed_at_ms: 0, version: { commit_seq: expect.any(Number) } });

    await changeTenant("placed_at_ms = 9", own);
    const ahead = await sealVersion(secret, { ...database, placed_at_ms: 9 }, promised?.version ?? { epoch: "", commit_seq: 0 });
    expect((await own.call("GET", "/api/v1/stores", { headers: { "consistency-token": ahead } })).status).toBe(200);
    // What the isolate believed was forgotten with that: the next write goes by the new place.
    const next = (await createStore(own)).headers.get("consistency-token") ?? "";
    expect(await openVersion(secret, database, next)).toMatchObject({ placed_at_ms: 9 });

    // Its epoch is of no database any more: held to it, every read would go to the primary.
    const behind = await sealVersion(secret, database, { epoch: "before", commit_seq: 1e9 });
    const stores = async () => (await own.call("GET", "/api/v1/stores", { headers: { "consistency-token": behind } })).json.data;
    await expect.poll(stores).toHaveLength(2);
  });

  test("is of one database alone", async () => {
    const token = await sealVersion(secret, known.database, { epoch: "e", commit_seq: 1 });
    expect(await openVersion(secret, known.database, token)).toEqual({ version: { epoch: "e", commit_seq: 1 }, placed_at_ms: 0 });
    expect(await openVersion(secret, { ...known.database, id: "another" }, token)).toBeNull();
  });
});

describe("the directory", () => {
  test("believes nothing that is older than ten seconds, but while the central database is away", async () => {
    const own = await newTenant();
    forgetDirectory();
    let nowMs = 1_000_000;
    let asked = 0;
    let away = false;
    const watched: DatabaseHandle = {
      ...central,
      read: (statements, options) => {
        asked += 1;
        return away ? Promise.reject(new Error("away")) : central.read(statements, { ...options, fresh: true });
      },
    };
    const directory = new Directory(watched, { now: () => nowMs, newId: systemClock.newId }, () => {});
    const nameAfter = async (ms: number) => {
      nowMs += ms;
      return (await directory.byReference(own.slug))?.name;
    };
    const before = await nameAfter(0);
    await changeTenant("name = 'Renamed'", own);
    expect(await nameAfter(4_000)).toBe(before);
    expect(asked).toBe(1);
    expect(await nameAfter(7_000)).toBe("Renamed");

    await changeTenant("name = 'Again'", own);
    away = true;
    asked = 0;
    expect(await nameAfter(11_000)).toBe("Renamed");
    expect(asked).toBe(1);
    // It does not ask with every request.
    expect(await nameAfter(1_000)).toBe("Renamed");
    expect(asked).toBe(1);
    expect(await nameAfter(5_000)).toBe("Renamed");
    expect(asked).toBe(2);
    away = false;
    expect(await nameAfter(6_000)).toBe("Again");
  });
});

describe("the operator", () => {
  const move = (to_cell_id: string) => operatorCall("POST", `/internal/tenants/${tenant.slug}/move`, { to_cell_id });

  test("moves nobody to where he is, to no cell, or to the same primary", async () => {
    const { primary_url, admin_url, replicas } = configOf(env).CENTRAL;
    const cell = `same-${tenant.slug.slice(0, 8)}`;
    await operate("PUT", `/internal/cells/${cell}`, { driver: "sqld", primary_url, admin_url, replicas });
    expect(await move("local")).toMatchObject({ status: 409, json: { detail: expect.stringContaining("lives in cell local already") } });
    expect(await move("nowhere")).toMatchObject({ status: 404, json: { detail: "There is no cell nowhere." } });
    expect(await move(cell)).toMatchObject({ status: 409, json: { detail: expect.stringContaining("the same primary") } });
    const { data } = (await operate("GET", "/internal/cells")).json;
    expect(data).toContainEqual(expect.objectContaining({ cell_id: cell, tenants: 0, primary_url }));
    for (const verb of ["switch", "cancel", "drop-copy"]) {
      const body = verb === "switch" ? { to_namespace: "t-x" } : verb === "drop-copy" ? {} : undefined;
      expect((await operatorCall("POST", `/internal/tenants/${tenant.slug}/move/${verb}`, body)).status).toBe(404);
    }
    expect((await createStore(tenant)).status).toBe(201);
  });

  test("drops no database that somebody lives in, and gives a token that opens one alone", async () => {
    const at = (namespace: string) => `/internal/cells/local/databases/${namespace}`;
    const { namespace } = known.database;
    expect((await operatorCall("DELETE", at(namespace))).json.detail).toContain(`is where ${tenant.slug} lives`);
    expect((await operatorCall("DELETE", at(configOf(env).CENTRAL.namespace))).status).toBe(409);
    expect((await operatorCall("PUT", "/internal/cells/central", {})).json.errors[0].path).toBe("params.cell_id");

    const scratch = `scratch-${tenant.slug.slice(0, 8)}`;
    expect((await operatorCall("PUT", at(scratch))).status).toBe(201);
    expect((await operatorCall("PUT", at(scratch))).status).toBe(200);
    const { token, primary_url } = (await operate("POST", `${at(scratch)}/access`, { access: "rw" })).json;
    const ask = (name: string) =>
      fetch(`${primary_url}/v3/pipeline`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "x-namespace-bin": btoa(name).replace(/=+$/, "") },
        body: JSON.stringify({ requests: [{ type: "close" }] }),
      }).then((answer) => answer.status);
    expect([await ask(scratch), await ask(namespace)]).toEqual([200, 404]);
    const nobody = await operatorCall("POST", `${at("t-nobody")}/restore`, { from: scratch, replace: false });
    expect(nobody.json.detail).toContain("No tenant lives in t-nobody");
    const taken = await operatorCall("POST", `${at(namespace)}/restore`, { from: scratch, replace: false });
    expect(taken.json.detail).toContain(`has a database ${namespace}`);
    for (const from of ["nothing-there", namespace]) {
      const lost = await operatorCall("POST", `${at(namespace)}/restore`, { from, replace: true });
      expect(lost.json.detail).toContain("to take");
    }
    expect((await tenant.call("GET", "/api/v1/stores")).status).toBe(200);
    expect((await operatorCall("DELETE", at(scratch))).status).toBe(204);
    expect((await operatorCall("DELETE", at(scratch))).status).toBe(204);
  });
});
