import { env } from "cloudflare:workers";
import { describe, expect, inject, test } from "vitest";
import { queueHandlers } from "../../src/app.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { systemClock } from "../../src/platform/http/runtime.ts";
import { addDraft, addStore, publish, writeSql } from "../support/worker/menu-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { type CataPayload, ingest, newSource } from "./cata-payload.ts";

const server = inject("imagesUrl");
const unique = () => crypto.randomUUID().slice(0, 8);

/** Products C0, C1, … with these images; undefined: none. */
const shelfOf = (addresses: readonly (string | undefined)[]): CataPayload => ({
  format: "cata/1",
  currency: "USD",
  products: addresses.map((address, index) => ({
    id: `p${index}`,
    name: `Product ${index}`,
    item_code: `C${index}`,
    price: 100,
    ...(address === undefined ? {} : { image_url: new URL(address, server).href }),
  })),
});

/** Requests by path; how often a name is looked up is the runtime's. */
const counts = async (): Promise<Record<string, number>> => {
  const { "/dns-query": _, ...asked } = (await (await fetch(`${server}/counts`)).json()) as Record<string, number>;
  return asked;
};

async function rows(tenant: TestTenant, sql: string) {
  return (await (await tenant.db()).read([statement(sql)], { fresh: true }))[0] ?? [];
}

/** Until no image is due now. What waits for its next attempt does not count. */
async function copied(tenant: TestTenant): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const [row] = await rows(
      tenant,
      `SELECT (SELECT count(*) FROM product_images WHERE state = 'pending' AND (claim IS NULL OR attempts = 0 OR reason IS NULL)) AS due`,
    );
    if (row?.["due"] === 0) return tenant.settled();
    await scheduler.wait(25);
  }
  throw new Error("the images were not copied");
}

async function product(tenant: TestTenant, index: number) {
  const [row] = await rows(tenant, `SELECT product_id FROM variants WHERE item_code = 'C${index}'`);
  return (await tenant.call("GET", `/api/v1/products/${row?.["product_id"]}`, { headers: await asWritten(tenant) })).json;
}

/** Reads see what was written before. */
async function asWritten(tenant: TestTenant): Promise<Record<string, string>> {
  const answer = await tenant.call("POST", "/api/v1/images/retry", { body: { product_ids: [systemClock.newId()] } });
  return { "consistency-token": answer.headers.get("consistency-token") ?? "" };
}

const run = async (tenant: TestTenant, id: string) =>
  (await tenant.call("GET", `/api/v1/ingestions/${id}`, { headers: await asWritten(tenant) })).json;

const mainImages = async (tenant: TestTenant) =>
  (await rows(tenant, "SELECT main_image_url FROM products ORDER BY name")).map((row) => row["main_image_url"]);

describe("after an ingestion", () => {
  test("images are copied, what is refused says why on the product and in the run, and the same payload asks for nothing", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const id = unique();
    const payload = shelfOf([
      `/ok/${id}.png`,
      `/ok/${id}.png`,
      undefined,
      "http://169.254.169.254/latest/meta-data/",
      `/page/${id}`,
      `/svg/script-${id}.svg`,
      `/status/404?${id}`,
      `/flaky/${id}?fails=2&retry_after=0`,
      `/svg/plain-${id}.svg`,
    ]);
    const first = await ingest(tenant, source, payload);
    expect([first.status, first.json.images]).toEqual([201, { pending: 8, copied: 0, unchanged: 0, refused: 0, failed: 0 }]);
    await copied(tenant);
    for (let attempt = 0; attempt < 200 && (await run(tenant, first.json.id)).images.pending > 0; attempt++) await scheduler.wait(50);
    expect((await run(tenant, first.json.id)).images).toEqual({ pending: 0, copied: 4, unchanged: 0, refused: 4, failed: 0 });

    const copiedOne = await product(tenant, 0);
    expect(copiedOne.image).toMatchObject({ state: "copied", reason: null, attempts: 1 });
    expect(copiedOne.image_url).toMatch(new RegExp(`^/media/${tenant.tenant_id}/items/[0-9a-f]{64}\\.png$`));
    expect((await product(tenant, 1)).image_url).toBe(copiedOne.image_url);
    const served = await tenant.fetch(copiedOne.image_url);
    expect([served.status, served.headers.get("content-type")]).toEqual([200, "image/png"]);
    await served.arrayBuffer();
    expect(await product(tenant, 2)).toMatchObject({ image_url: null, image: null });
    expect((await product(tenant, 3)).image).toMatchObject({ state: "refused", reason: "address_private" });
    expect((await product(tenant, 3)).image_url).toBe("http://169.254.169.254/latest/meta-data/");
    expect((await product(tenant, 4)).image).toMatchObject({ state: "refused", reason: "not_an_image" });
    expect((await product(tenant, 5)).image).toMatchObject({
      state: "refused",
      reason: "svg_unsafe",
      detail: expect.stringContaining("script"),
    });
    expect((await product(tenant, 6)).image).toMatchObject({ state: "refused", reason: "not_there" });
    expect((await product(tenant, 7)).image).toMatchObject({ state: "copied", attempts: 3 });

    // Two products share a picture: it is fetched once, and stored once.
    const asked = await counts();
    expect([asked[`/ok/${id}.png`], asked[`/flaky/${id}`], asked[`/page/${id}`]]).toEqual([1, 3, 1]);
    expect((await env.MEDIA.list({ prefix: `${tenant.tenant_id}/` })).objects).toHaveLength(3);
    expect(
      await rows(
        tenant,
        "SELECT DISTINCT json_extract(data, '$.main_image_url') IS NULL AS is_null FROM outbox WHERE event_type = 'catalog.product.upserted' ORDER BY 1",
      ),
    ).toEqual([{ is_null: 0 }, { is_null: 1 }]);

    const before = await rows(tenant, "SELECT (SELECT count(*) FROM outbox) AS events, image_revision FROM catalog_state");
    const second = await ingest(tenant, source, payload);
    expect(second.json).toMatchObject({ unchanged: 9, updated: 0, images: { pending: 0, copied: 0, unchanged: 0, refused: 0, failed: 0 } });
    await tenant.settled();
    expect(await counts()).toEqual(asked);
    const [after] = await rows(tenant, "SELECT (SELECT count(*) FROM outbox) AS events, image_revision FROM catalog_state");
    // The run itself is told.
    expect(after).toEqual({ ...before[0], events: Number(before[0]?.["events"]) + 1 });
  });

  test("a changed product with the same image is not asked for again; a changed address is, and until then the old copy is served", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const id = unique();
    await ingest(tenant, source, shelfOf([`/ok/${id}.png`]));
    await copied(tenant);
    const [old] = await mainImages(tenant);

    const renamed = shelfOf([`/ok/${id}.png`]);
    Object.assign(renamed.products[0] ?? {}, { name: "Another name" });
    expect((await ingest(tenant, source, renamed)).json).toMatchObject({ updated: 1, images: { pending: 0 } });
    await tenant.settled();
    expect((await counts())[`/ok/${id}.png`]).toBe(1);

    const moved = await ingest(tenant, source, shelfOf([`/slow/${id}-b.png?ms=600`]));
    expect(moved.json.images.pending).toBe(1);
    expect(await product(tenant, 0)).toMatchObject({ image_url: `/media/${old}`, image: { state: "pending" } });
    await copied(tenant);
    const [now] = await mainImages(tenant);
    expect(now).not.toBe(old);
    expect((await run(tenant, moved.json.id)).images).toMatchObject({ pending: 0, copied: 1 });

    // Other address, same bytes: the same object, and nothing to tell.
    const [events] = await rows(tenant, "SELECT count(*) AS events FROM outbox WHERE event_type = 'catalog.product.upserted'");
    const again = await ingest(tenant, source, shelfOf([`/slow/${id}-b.png?ms=1`]));
    await copied(tenant);
    expect((await run(tenant, again.json.id)).images).toMatchObject({ copied: 0, unchanged: 1 });
    expect(await mainImages(tenant)).toEqual([now]);
    expect(await rows(tenant, "SELECT count(*) AS events FROM outbox WHERE event_type = 'catalog.product.upserted'")).toEqual([
      { events: Number(events?.["events"]) + 1 },
    ]);
    // A provider that fails keeps the copy there is.
    await ingest(tenant, source, shelfOf([`/status/404?${id}`]));
    await copied(tenant);
    expect(await product(tenant, 0)).toMatchObject({ image_url: `/media/${now}`, image: { state: "refused", reason: "not_there" } });
  });

  test("what is tried often enough is given up, listed, and tried again when somebody asks", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const id = unique();
    const started = await ingest(tenant, source, shelfOf([`/flaky/${id}?fails=6&retry_after=0`, `/ok/${id}.png`]));
    await copied(tenant);
    // Five more attempts, without the wait between them.
    for (let attempt = 0; attempt < 300; attempt++) {
      if ((await rows(tenant, "SELECT 1 FROM product_images WHERE state = 'failed'")).length > 0) break;
      await scheduler.wait(50);
    }
    expect((await run(tenant, started.json.id)).images).toEqual({ pending: 0, copied: 1, unchanged: 0, refused: 0, failed: 1 });
    const listed = await tenant.call("GET", "/api/v1/images?state=failed", { headers: await asWritten(tenant) });
    expect(listed.json).toMatchObject({
      data: [
        {
          name: "Product 0",
          state: "failed",
          reason: "server_failed",
          detail: "the server answered 503",
          attempts: 6,
          ingestion_id: started.json.id,
        },
      ],
      next_cursor: null,
    });
    const all = await tenant.call("GET", "/api/v1/images?limit=1", { headers: await asWritten(tenant) });
    expect((await tenant.call("GET", `/api/v1/images?limit=1&cursor=${all.json.next_cursor}`)).json.data).toHaveLength(1);

    const key = crypto.randomUUID();
    const retried = await tenant.call("POST", "/api/v1/images/retry", { body: {}, idempotency_key: key });
    expect([retried.status, retried.json]).toEqual([202, { pending: 1 }]);
    await copied(tenant);
    expect((await product(tenant, 0)).image).toMatchObject({ state: "copied", attempts: 1 });
    expect((await tenant.call("POST", "/api/v1/images/retry", { body: {}, idempotency_key: key })).text).toBe(retried.text);
    expect((await tenant.call("POST", "/api/v1/images/retry", { body: { revalidate: true } })).status).toBe(422);
  });

  test("on demand the provider is asked whether its picture is another one", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const name = `${unique()}.png`;
    await ingest(tenant, source, shelfOf([`/ok/${name}`]));
    await copied(tenant);
    const [old] = await mainImages(tenant);
    const { id } = await product(tenant, 0);
    const ask = async () => {
      await tenant.call("POST", "/api/v1/images/retry", { body: { product_ids: [id], revalidate: true } });
      await copied(tenant);
    };
    await ask();
    expect(await rows(tenant, "SELECT state, is_unchanged FROM product_images")).toEqual([{ state: "copied", is_unchanged: 1 }]);
    expect([await mainImages(tenant), (await counts())[`/ok/${name}`]]).toEqual([[old], 2]);
    await (await fetch(`${server}/set/${name}?content=changed`)).text();
    await ask();
    expect(await mainImages(tenant)).not.toEqual([old]);
    // A copy that is gone is fetched anew, whatever the provider's validators say.
    const [lost] = await mainImages(tenant);
    await env.MEDIA.delete(String(lost));
    await ask();
    expect([await mainImages(tenant), (await env.MEDIA.head(String(lost))) !== null]).toEqual([[lost], true]);
  });
});

test("of two deliveries of one message one copies; the row goes on when that one has died", async () => {
  const tenant = await newTenant();
  const source = await newSource(tenant);
  const name = unique();
  await ingest(tenant, source, shelfOf([`/ok/${name}-a.png`]));
  await copied(tenant);
  const far = Date.now() + 3_600_000;
  await writeSql(
    tenant,
    [
      "UPDATE product_images SET state = 'pending', attempts = 0, next_attempt_at_ms = 0, source_url = ?",
      `${server}/slow/${name}.png?ms=300`,
    ],
    ["UPDATE wanted SET state = 'wanted', requests = 7, due_at_ms = ?1, wanted_at_ms = ?1 WHERE kind = 'copy_images'", far],
  );
  const { scope } = await tenant.scope();
  const message = { type: "wanted", tenant_id: tenant.tenant_id, kind: "copy_images", key: "all", requests: 7, payload: {} } as const;
  const copyImages = queueHandlers.wanted.copy_images;
  await Promise.all([copyImages?.(scope, message), copyImages?.(scope, message), copyImages?.(scope, { ...message, requests: 6 })]);
  expect((await counts())[`/slow/${name}.png`]).toBe(1);
  expect(await rows(tenant, "SELECT state, attempts FROM product_images")).toEqual([{ state: "copied", attempts: 1 }]);
  expect(await rows(tenant, "SELECT state FROM wanted WHERE kind = 'copy_images'")).toEqual([{ state: "done" }]);

  // As a worker leaves it that died at its first page: its claim runs out.
  await writeSql(
    tenant,
    [
      "UPDATE product_images SET state = 'pending', claim = 'dead', attempts = 1, next_attempt_at_ms = ?, source_url = ?",
      Date.now() + 2_000,
      `${server}/ok/${name}-b.png`,
    ],
    ["UPDATE wanted SET state = 'wanted', requests = 9, due_at_ms = ?1, wanted_at_ms = ?1 WHERE kind = 'copy_images'", far],
  );
  await copyImages?.(scope, { ...message, requests: 9 });
  for (let attempt = 0; attempt < 400; attempt++) {
    if ((await rows(tenant, "SELECT 1 FROM product_images WHERE state = 'copied'")).length > 0) break;
    await scheduler.wait(25);
  }
  expect([await rows(tenant, "SELECT state, attempts FROM product_images"), (await counts())[`/ok/${name}-b.png`]]).toEqual([
    [{ state: "copied", attempts: 2 }],
    1,
  ]);
});

describe("an image of the merchant's own", () => {
  const gif = (text: string) => new TextEncoder().encode(`GIF89a${text}`);
  const put = (tenant: TestTenant, id: string, raw: BodyInit, type = "image/gif") =>
    tenant.call("PUT", `/api/v1/products/${id}/image`, { raw, headers: { "content-type": type } });

  test("is never replaced, and can be given back", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const name = unique();
    await ingest(tenant, source, shelfOf([`/ok/${name}-a.png`]));
    await copied(tenant);
    const theirs = await product(tenant, 0);
    const uploaded = await put(tenant, theirs.id, gif(name), "application/octet-stream");
    expect(uploaded.json).toMatchObject({
      image_url: expect.stringMatching(/\.gif$/),
      fields: { image: { owner: "ours", offered: `${server}/ok/${name}-a.png` } },
      variants: [{ version_no: 2 }],
    });
    await ingest(tenant, source, shelfOf([`/ok/${name}-b.png`]));
    await tenant.settled();
    expect(await product(tenant, 0)).toMatchObject({ image_url: uploaded.json.image_url, fields: { image: { owner: "ours" } } });
    expect((await counts())[`/ok/${name}-b.png`]).toBeUndefined();
    // Not by one that was on its way when it was uploaded either.
    await writeSql(tenant, ["UPDATE product_images SET state = 'pending', next_attempt_at_ms = 0, attempts = 0"]);
    await tenant.call("POST", "/api/v1/images/retry", { body: {} });
    await copied(tenant);
    expect(await mainImages(tenant)).toEqual([uploaded.json.image_url.replace("/media/", "")]);

    const released = await tenant.call("DELETE", `/api/v1/products/${theirs.id}/image`);
    expect(released.json).toMatchObject({
      image_url: theirs.image_url,
      image: { state: "pending" },
      fields: { image: { owner: "provider" } },
    });
    await copied(tenant);
    expect((await product(tenant, 0)).image).toMatchObject({ state: "copied" });
    expect(await mainImages(tenant)).not.toEqual([theirs.image_url.replace("/media/", "")]);
    const again = await tenant.call("DELETE", `/api/v1/products/${theirs.id}/image`);
    expect([again.status, again.json.fields.image.owner, again.json.variants[0].version_no]).toEqual([200, "provider", 4]);
  });

  test("is looked at: by its bytes, not by its name", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    await ingest(tenant, source, shelfOf([undefined]));
    const { id } = await product(tenant, 0);
    for (const [body, reason] of [
      ["not a picture", "not_an_image"],
      ["<svg onload='alert(1)'/>", "svg_unsafe"],
      ["", "not_an_image"],
    ]) {
      const refused = await put(tenant, id, body ?? "");
      expect([refused.status, refused.json.code, refused.json.reason]).toEqual([422, "IMAGE_REFUSED", reason]);
    }
    expect((await put(tenant, id, new Uint8Array(10 * 1_048_576 + 1))).status).toBe(413);
    expect((await put(tenant, id, "{}", "application/json")).status).toBe(415);
    expect((await put(tenant, systemClock.newId(), gif(""))).status).toBe(404);
    expect(await mainImages(tenant)).toEqual([null]);
  });
});

describe("live menus", () => {
  const shown = async (tenant: TestTenant, store: string) => {
    const menu = await tenant.call("GET", `/api/v1/stores/${store}/menu`, { headers: await asWritten(tenant) });
    return menu.json.categories.flatMap(({ items }: { items: { image_url: string }[] }) => items.map(({ image_url }) => image_url));
  };
  const settledMenus = async (tenant: TestTenant) => {
    // Many changes of images become few regenerations: the next comes five seconds after the last.
    await writeSql(tenant, ["UPDATE wanted SET due_at_ms = 0, wanted_at_ms = 0 WHERE kind = 'show_images' AND state = 'wanted'"]);
    await tenant.call("POST", "/api/v1/images/retry", { body: {} });
    await tenant.settled();
  };

  test("show a copy when it is there; other changes of the catalogue wait for the next publish, and bring theirs along", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    const name = unique();
    const payload = shelfOf([`/slow/${name}.png?ms=6000`]);
    await ingest(tenant, source, payload);
    const store = await addStore(tenant, "Corner");
    const draft = await addDraft(tenant, [{ name: "All", items: [{ item_code: "C0", price: 100 }] }]);
    // Not waiting for the copy, which waits for its provider.
    const started = await tenant.call("POST", "/api/v1/menus/publishes", { body: { draft_ids: [draft], store_ids: [store] } });
    for (let attempt = 0; attempt < 200; attempt++) {
      const { stores } = (await tenant.call("GET", `/api/v1/menus/publishes/${started.json.publish_id}`)).json;
      if (stores[0].status === "live") break;
      await scheduler.wait(20);
    }
    expect(await shown(tenant, store)).toEqual([`${server}/slow/${name}.png?ms=6000`]);
    await copied(tenant);
    await settledMenus(tenant);
    const [first] = await mainImages(tenant);
    expect(await shown(tenant, store)).toEqual([`/media/${first}`]);
    const view = await tenant.call("GET", `/api/v1/stores/${store}/catalog-view`, { headers: await asWritten(tenant) });
    expect(view.json.data[0].image_url).toBe(`/media/${first}`);
    expect((await publish(tenant, { draft_ids: [draft], store_ids: [store] })).stores[0].status).toBe("unchanged");

    const changed = shelfOf([`/ok/${name}-b.png`]);
    Object.assign(changed.products[0] ?? {}, { name: "Renamed" });
    await ingest(tenant, source, changed);
    await copied(tenant);
    await settledMenus(tenant);
    const [second] = await mainImages(tenant);
    expect([second === first, await shown(tenant, store)]).toEqual([false, [`/media/${first}`]]);
    await publish(tenant, { draft_ids: [draft], store_ids: [store] });
    expect(await shown(tenant, store)).toEqual([`/media/${second}`]);
  });
});
