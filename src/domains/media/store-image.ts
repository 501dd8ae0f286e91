import { sha256Hex, toHex } from "../../kernel/bytes.ts";
import { type Later, later, MAX_IMAGE_BYTES, type Refused, refused } from "./fetch-image.ts";
import { HEAD_BYTES, IMAGE_TYPES, type ImageExtension, imageTypeOf } from "./image-type.ts";
import { incomingOf, objectPathOf } from "./object-path.ts";
import { svgProblem } from "./svg-problem.ts";

/** Larger images pass through object storage in parts: of one image never more than a part is in memory. */
const HELD_BYTES = 1_048_576;
const PART_BYTES = 5 * 1_048_576;
/** Read as a whole to be judged. */
const MAX_SVG_BYTES = HELD_BYTES;

export type Stored = { kind: "stored"; object_path: string; bytes: number };

/** Bytes that are all there, as of an upload. Throws where object storage fails. */
export async function storeImageBytes(bucket: R2Bucket, tenantId: string, bytes: Uint8Array): Promise<Stored | Refused> {
  if (bytes.length > MAX_IMAGE_BYTES) return refused("too_large", `over ${MAX_IMAGE_BYTES} bytes`);
  const extension = imageTypeOf(bytes.subarray(0, HEAD_BYTES));
  if (extension === null) return refused("not_an_image", "its first bytes are of no type that is taken");
  const problem = extension === "svg" ? problemOfSvg(bytes) : null;
  if (problem) return problem;
  const path = objectPathOf(tenantId, await sha256Hex(bytes), extension);
  if (!(await bucket.head(path))) await bucket.put(path, bytes, { httpMetadata: { contentType: IMAGE_TYPES[extension] } });
  return { kind: "stored", object_path: path, bytes: bytes.length };
}

function problemOfSvg(bytes: Uint8Array): Refused | null {
  if (bytes.length > MAX_SVG_BYTES) return refused("too_large", `an SVG of over ${MAX_SVG_BYTES} bytes`);
  const problem = svgProblem(bytes);
  return problem === null ? null : refused("svg_unsafe", problem);
}

/**
 * Reads an image as it comes, judges it by its first bytes and stores it under the hash of all of them; what is stored already is not
 * stored again. `newId` names the parts of a large one until the hash is known. Never throws.
 */
export async function storeImage(
  bucket: R2Bucket,
  tenantId: string,
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  newId: () => string,
): Promise<Stored | Refused | Later> {
  const incoming = new Incoming(body, signal);
  try {
    await incoming.readTo(HEAD_BYTES);
    const extension = imageTypeOf(incoming.held().subarray(0, HEAD_BYTES));
    if (extension === null) return refused("not_an_image", "its first bytes are of no type that is taken");
    await incoming.readTo(HELD_BYTES + 1);
    if (incoming.is_done) return await storeImageBytes(bucket, tenantId, incoming.held());
    if (extension === "svg") return refused("too_large", `an SVG of over ${MAX_SVG_BYTES} bytes`);
    return await storeInParts(bucket, tenantId, incoming, extension, newId());
  } catch (error) {
    if (signal.aborted) return later("timed_out", "it did not come to its end in time");
    if (error instanceof SourceFailed) return later("cut_short", error.message);
    return later("storage_failed", error instanceof Error ? error.message.slice(0, 200) : "object storage failed");
  } finally {
    await incoming.cancel();
  }
}

class SourceFailed extends Error {}

/** What has come and was not taken yet. */
class Incoming {
  is_done = false;
  #reader: ReadableStreamDefaultReader<Uint8Array>;
  #aborted: Promise<never>;
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(body: ReadableStream<Uint8Array>, signal: AbortSignal) {
    this.#reader = body.getReader();
    this.#aborted = new Promise((_, reject) => {
      const end = () => reject(new SourceFailed("aborted"));
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true });
    });
    this.#aborted.catch(() => {});
  }

  /** Until so many bytes are held, or there are no more. Throws SourceFailed. */
  async readTo(bytes: number): Promise<void> {
    while (!this.is_done && this.#length < bytes) {
      const { done, value } = await Promise.race([this.#reader.read(), this.#aborted]).catch((error) => {
        throw new SourceFailed(`the connection broke: ${error instanceof Error ? error.message : error}`.slice(0, 200));
      });
      this.is_done = done;
      if (!value) continue;
      this.#chunks.push(value);
      this.#length += value.length;
    }
  }

  held(): Uint8Array {
    const whole = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, offset);
      offset += chunk.length;
    }
    this.#chunks = [whole];
    return whole;
  }

  /** The first so many bytes, which are then no longer held. */
  take(bytes: number): Uint8Array {
    const whole = this.held();
    const taken = whole.slice(0, bytes);
    const rest = whole.slice(bytes);
    this.#chunks = [rest];
    this.#length = rest.length;
    return taken;
  }

  async cancel(): Promise<void> {
    if (!this.is_done) await this.#reader.cancel().catch(() => {});
  }
}

async function storeInParts(
  bucket: R2Bucket,
  tenantId: string,
  incoming: Incoming,
  extension: ImageExtension,
  id: string,
): Promise<Stored | Refused> {
  const key = `${incomingOf(tenantId)}${id}`;
  const upload = await bucket.createMultipartUpload(key);
  const digest = new crypto.DigestStream("SHA-256");
  // Of an image that is given up it is never asked for.
  digest.digest.catch(() => {});
  const hashing = digest.getWriter();
  let bytes = 0;
  let isWhole = false;
  try {
    const parts: R2UploadedPart[] = [];
    while (!isWhole) {
      await incoming.readTo(PART_BYTES);
      const part = incoming.take(PART_BYTES);
      bytes += part.length;
      if (bytes > MAX_IMAGE_BYTES) return refused("too_large", `over ${MAX_IMAGE_BYTES} bytes`);
      if (part.length > 0) {
        await hashing.write(part);
        parts.push(await upload.uploadPart(parts.length + 1, part));
      }
      isWhole = incoming.is_done && part.length < PART_BYTES;
    }
    await upload.complete(parts);
  } finally {
    if (!isWhole) {
      await upload.abort();
      await hashing.abort().catch(() => {});
    }
  }
  try {
    await hashing.close();
    const path = objectPathOf(tenantId, toHex(new Uint8Array(await digest.digest)), extension);
    if (!(await bucket.head(path))) await moveObject(bucket, key, path, IMAGE_TYPES[extension]);
    return { kind: "stored", object_path: path, bytes };
  } finally {
    await bucket.delete(key);
  }
}

async function moveObject(bucket: R2Bucket, from: string, to: string, contentType: string): Promise<void> {
  const found = await bucket.get(from);
  if (!found) throw new Error("the parts of an image are gone");
  // Storing asks for a length.
  const { readable, writable } = new FixedLengthStream(found.size);
  await Promise.all([found.body.pipeTo(writable), bucket.put(to, readable, { httpMetadata: { contentType } })]);
}
