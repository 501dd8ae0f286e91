import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { DatabaseHandle } from "../../src/platform/db/database.ts";
import { statement } from "../../src/platform/db/statement.ts";
import type { UnitOfWork } from "../../src/platform/db/unit-of-work.ts";
import { systemClock } from "../../src/platform/http/runtime.ts";
import { newTenant } from "../support/worker/tenant-fixture.ts";

/** Location rows stand in for whatever a unit changes. */
const addLocation = (id: string) =>
  statement("INSERT INTO locations (location_id, kind, name, created_at_ms) VALUES (?, 'warehouse', ?, 0)", id, id);

const unit = (steps: UnitOfWork["steps"], more: Partial<UnitOfWork> = {}): UnitOfWork => ({
  id: systemClock.newId(),
  lane: "sale",
  wakes: false,
  steps,
  answer: { status: 201, select: statement("SELECT json_object('locations', (SELECT count(*) FROM locations))") },
  ...more,
});

const receipt = (key: string, fingerprint = "f") => ({
  principal: "p",
  method: "POST",
  route: "/r",
  key,
  fingerprint,
  request_id: "first",
});

async function locations(db: DatabaseHandle): Promise<string[]> {
  const [rows = []] = await db.read([statement("SELECT location_id FROM locations ORDER BY location_id")], { fresh: true });
  return rows.map((row) => String(row["location_id"]));
}

describe("a unit of work on a real primary", () => {
  test("a guard undoes the whole unit, is remembered, and tells what is so", async () => {
    const db = await (await newTenant()).db();
    const refused = unit(
      [
        addLocation("a"),
        statement("UPDATE locations SET name = 'x' WHERE location_id = 'nobody'"),
        { guard: "CONFLICT", details: statement("SELECT json_object('locations', (SELECT count(*) FROM locations))") },
        addLocation("b"),
      ],
      { receipt: receipt("k1") },
    );
    const first = await db.write(refused);
    expect(first).toMatchObject({ kind: "refused", code: "CONFLICT", details: { locations: 0 }, replayed: false });
    expect(await locations(db)).toEqual([]);
    const again = await db.write({ ...refused, id: systemClock.newId() });
    expect(again).toMatchObject({ kind: "refused", code: "CONFLICT", details: { locations: 0 }, replayed: true, request_id: "first" });
  });

  test("a failing statement, a trigger's ABORT among them, takes only its own unit", async () => {
    const db = await (await newTenant()).db();
    await db.write(
      unit([statement("CREATE TRIGGER no_c BEFORE INSERT ON locations WHEN NEW.name = 'c' BEGIN SELECT RAISE(ABORT, 'no c'); END")]),
    );
    const results = await db.writeAll([unit([addLocation("a")]), unit([addLocation("b"), addLocation("c")]), unit([addLocation("d")])]);
    expect(results.map(({ kind }) => kind)).toEqual(["applied", "fault", "applied"]);
    expect(results[1]).toMatchObject({ message: expect.stringContaining("no c") });
    expect(await locations(db)).toEqual(["a", "d"]);
  });

  test("a dependent goes with its base: applied, replayed and refused alike, in one batch", async () => {
    const db = await (await newTenant()).db();
    const base = unit([addLocation("base")], { receipt: receipt("base") });
    const [one, two] = await db.writeAll([base, unit([addLocation("child")], { depends_on: base.id })]);
    expect([one?.kind, two?.kind]).toEqual(["applied", "applied"]);
    const replayed = { ...base, id: systemClock.newId() };
    const [three, four] = await db.writeAll([replayed, unit([addLocation("grandchild")], { depends_on: replayed.id })]);
    expect(three).toMatchObject({ kind: "applied", replayed: true });
    expect(four?.kind).toBe("applied");
    const bad = unit([addLocation("x"), { guard: "CONFLICT", holds: "1 = 0" }]);
    const [five, six] = await db.writeAll([bad, unit([addLocation("orphan")], { depends_on: bad.id })]);
    expect([five?.kind, six?.kind]).toEqual(["refused", "dependency_refused"]);
    expect(await locations(db)).toEqual(["base", "child", "grandchild"]);
  });

  test("the answer is the same bytes again, whoever holds the memory", async () => {
    const tenant = await newTenant();
    const db = await tenant.db();
    const first = await db.write(unit([addLocation("a")], { receipt: receipt("k") }));
    await db.write(unit([addLocation("b")]));
    const fromMemory = await db.write(unit([addLocation("a")], { receipt: receipt("k") }));

    // All that the object had in memory is gone, as when the platform moves it.
    await runInDurableObject(env.TENANT_WRITER.getByName(tenant.tenant_id), (writer) =>
      Object.assign(writer, { group: null, target: null }),
    );
    const fromReceipt = await db.write(unit([addLocation("a")], { receipt: receipt("k") }));
    expect(first).toMatchObject({ kind: "applied", status: 201, answer: '{"locations":1}', replayed: false });
    for (const replay of [fromMemory, fromReceipt])
      expect(replay).toMatchObject({ kind: "applied", status: 201, answer: '{"locations":1}', replayed: true });
    expect(await db.write(unit([addLocation("z")], { receipt: receipt("k", "other") }))).toEqual({ kind: "key_reused" });
  });

  test("what was done stays done for a repeat whose guard or statement refuses by then", async () => {
    const tenant = await newTenant();
    const db = await tenant.db();
    const takeTheLast = () =>
      unit([statement("DELETE FROM locations WHERE location_id = 'last'"), { guard: "CONFLICT" }, addLocation("taken")], {
        receipt: receipt("take"),
      });
    await db.write(unit([addLocation("last")]));
    expect(await db.write(takeTheLast())).toMatchObject({ kind: "applied", replayed: false });
    const forget = () =>
      runInDurableObject(env.TENANT_WRITER.getByName(tenant.tenant_id), (writer) => Object.assign(writer, { group: null, target: null }));
    await forget();
    expect(await db.write(takeTheLast())).toMatchObject({ kind: "applied", answer: '{"locations":1}', replayed: true });
    // Now the guard would hold and the statement after it fails.
    await db.write(unit([addLocation("last")]));
    await forget();
    expect(await db.write(takeTheLast())).toMatchObject({ kind: "applied", answer: '{"locations":1}', replayed: true });
    expect(await locations(db)).toEqual(["last", "taken"]);
    await forget();
    const another = { ...takeTheLast(), receipt: receipt("take", "another request") };
    expect(await db.write(another)).toEqual({ kind: "key_reused" });
  });

  test("many clients at once: all applied, in few batches, one version each batch", async () => {
    const tenant = await newTenant();
    const db = await tenant.db();
    const before = await db.write(unit([]));
    const results = await Promise.all(Array.from({ length: 200 }, (_, index) => db.write(unit([addLocation(`l${index}`)]))));
    expect(results.every(({ kind }) => kind === "applied")).toBe(true);
    const versions = new Set(results.map((result) => (result.kind === "applied" ? result.version.commit_seq : 0)));
    const start = before.kind === "applied" ? before.version.commit_seq : 0;
    expect(versions.size).toBeLessThan(60);
    expect(Math.max(...versions) - start).toBe(versions.size);
    expect((await locations(db)).length).toBe(200);
  });
});

describe("reading what was written", () => {
  test("a consistency token is never answered with something older; a made-up one promises nothing", async () => {
    const tenant = await newTenant();
    for (let round = 0; round < 20; round++) {
      const created = await tenant.call("POST", "/api/v1/stores", { body: { name: `Store ${round}`, timezone: "UTC", currency: "USD" } });
      const token = created.headers.get("consistency-token") as string;
      expect(token).toBeTruthy();
      const list = await tenant.call("GET", "/api/v1/stores?limit=500", { headers: { "consistency-token": token } });
      expect(list.json.data.map((store: { id: string }) => store.id)).toContain(created.json.id);
    }
    const forged = await tenant.call("GET", "/api/v1/stores", { headers: { "consistency-token": "WyJlIiw5OTk5OTldXQ.AAAA" } });
    expect(forged.status).toBe(200);
  });
});
