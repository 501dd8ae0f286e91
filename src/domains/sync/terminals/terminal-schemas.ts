import { z } from "zod";
import { Id, Locale, Name, pageOf, Timestamp, Timezone } from "../../../platform/http/fields.ts";

const id = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11";
const at = "2026-11-20T09:30:00.000Z";

const DeviceId = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(120, "must be at most 120 characters")
  .meta({ description: "What the device calls itself", example: "ipad-7f3a" });

export const RegisterTerminal = z
  .strictObject({ store_id: Id, name: Name, device_id: DeviceId })
  .meta({ id: "RegisterTerminal", example: { store_id: id, name: "Counter 1", device_id: "ipad-7f3a" } });
export type RegisterTerminal = z.output<typeof RegisterTerminal>;

export const CreatePairingCode = z.strictObject({ store_id: Id }).meta({ id: "CreatePairingCode", example: { store_id: id } });

export const PairTerminal = z
  .strictObject({
    code: z
      .string()
      .max(40, "must be at most 40 characters")
      .transform((code) => code.toUpperCase().replaceAll(/[\s-]/g, ""))
      .meta({ description: "As shown to the manager; spaces, hyphens and small letters do not matter" }),
    device_id: DeviceId,
    name: Name,
  })
  .meta({ id: "PairTerminal", example: { code: "K7QM2XPA", device_id: "ipad-7f3a", name: "Counter 1" } });
export type PairTerminal = z.output<typeof PairTerminal>;

const terminal = { terminal_id: Id, store_id: Id, location_id: Id, name: Name, device_id: z.string() };
const Token = z.string().meta({ description: "Shown here only; repeat the request with its Idempotency-Key to see it again" });
const terminalExample = { terminal_id: id, store_id: id, location_id: id, name: "Counter 1", device_id: "ipad-7f3a" };

export const RegisteredTerminal = z
  .object({ ...terminal, token: Token })
  .meta({ id: "RegisteredTerminal", example: { ...terminalExample, token: "svt_AZq….w4k…" } });

export const PairingCode = z
  .object({ code: z.string(), store_id: Id, expires_at: Timestamp })
  .meta({ id: "PairingCode", example: { code: "K7QM2XPA", store_id: id, expires_at: at } });

export const RotatedTerminal = z
  .object({ terminal_id: Id, token: Token, old_token_until: Timestamp })
  .meta({ id: "RotatedTerminal", example: { terminal_id: id, token: "svt_AZq….w4k…", old_token_until: at } });

export const TerminalRow = z
  .object({
    terminal_id: Id,
    store_id: Id,
    name: Name,
    device_id: z.string(),
    status: z.enum(["active", "revoked"]),
    created_at: Timestamp,
    last_seen_at: Timestamp.nullable(),
    cursor: z.int().nullable().meta({ description: "How far in the feed it last asked from; the newest is the feed's" }),
    feed: z.int().meta({ description: "How far the feed is" }),
    queue_length: z.int().nullable().meta({ description: "Unsent operations, as it last told" }),
    app_version: z.string().nullable(),
    clock_offset_ms: z.int().nullable().meta({ description: "What has to be added to its clock" }),
    rejected: z
      .object({ count: z.int(), amounts: z.array(z.object({ currency: z.string(), amount: z.int() })) })
      .meta({ description: "What it pushed that was not taken and not acknowledged, with the money in it" }),
  })
  .meta({
    id: "Terminal",
    example: {
      terminal_id: id,
      store_id: id,
      name: "Counter 1",
      device_id: "ipad-7f3a",
      status: "active",
      created_at: at,
      last_seen_at: at,
      cursor: 8120,
      feed: 8124,
      queue_length: 0,
      app_version: "1.4.0",
      clock_offset_ms: -1200,
      rejected: { count: 1, amounts: [{ currency: "SGD", amount: 1250 }] },
    },
  });
export const TerminalPage = pageOf(TerminalRow).meta({ id: "TerminalPage" });

export const OwnTerminal = z
  .object({
    terminal_id: Id,
    name: Name,
    device_id: z.string(),
    store: z.object({ id: Id, location_id: Id, name: Name, currency: z.string(), timezone: Timezone, locale: Locale }),
    server_time: Timestamp,
  })
  .meta({
    id: "OwnTerminal",
    example: {
      terminal_id: id,
      name: "Counter 1",
      device_id: "ipad-7f3a",
      store: { id, location_id: id, name: "Tanjong Pagar", currency: "SGD", timezone: "Asia/Singapore", locale: "en-SG" },
      server_time: at,
    },
  });
