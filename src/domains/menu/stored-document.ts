import { fromUtf8 } from "../../kernel/bytes.ts";
import { gunzip } from "../../kernel/gzip.ts";
import type { StorefrontDocument } from "./storefront-document.ts";

/** What a parsed document takes in memory, next to its text. */
const PARSED_FACTOR = 4;

/** One version of a store's storefront as it is stored: packed. Unpacked once, when somebody needs it so. */
export class StoredDocument {
  readonly menu_version: number;
  readonly content_hash: string;
  readonly gzip: Uint8Array;
  readonly body_bytes: number;
  #identity: Uint8Array | undefined;
  #document: StorefrontDocument | undefined;

  constructor(stored: { menu_version: number; content_hash: string; body_bytes: number; gzip: Uint8Array }) {
    this.menu_version = stored.menu_version;
    this.content_hash = stored.content_hash;
    this.body_bytes = stored.body_bytes;
    this.gzip = stored.gzip;
  }

  /** The JSON text. */
  async identity(): Promise<Uint8Array> {
    this.#identity ??= await gunzip(this.gzip);
    return this.#identity;
  }

  async document(): Promise<StorefrontDocument> {
    this.#document ??= JSON.parse(fromUtf8(await this.identity())) as StorefrontDocument;
    return this.#document;
  }

  /** What it takes in memory now. */
  get held_bytes(): number {
    return this.gzip.length + (this.#identity?.length ?? 0) + (this.#document ? this.body_bytes * PARSED_FACTOR : 0);
  }
}
