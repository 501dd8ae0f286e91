import { z } from "zod";
import { type Access, type Endpoint, endpoint } from "../../../platform/http/endpoint.ts";
import { Id, PageQuery } from "../../../platform/http/fields.ts";
import { refuse } from "../../../platform/http/refuse.ts";
import { ok, replyOf } from "../../../platform/http/reply.ts";
import { requireTerminal } from "../../../platform/http/scope.ts";
import { createPairingCode } from "./create-pairing-code.ts";
import { pairTerminal, registerTerminal, withToken } from "./register-terminal.ts";
import { revokeTerminal, rotateTerminal } from "./rotate-terminal.ts";
import { listTerminals, readOwnTerminal } from "./terminal-reader.ts";
import {
  CreatePairingCode,
  OwnTerminal,
  PairingCode,
  PairTerminal,
  RegisteredTerminal,
  RegisterTerminal,
  RotatedTerminal,
  TerminalPage,
} from "./terminal-schemas.ts";

const tag = "Terminals";
const MANAGERS: Access = ["pos"];
const TerminalParams = z.strictObject({ terminal_id: Id });

const register = endpoint(
  {
    method: "post",
    path: "/api/v1/terminals",
    tag,
    summary: "Register a till at a store",
    access: MANAGERS,
    idempotency: "required",
    rate_class: "terminal_registration",
    body: RegisterTerminal,
    answers: { 201: { description: "The terminal and its token", schema: RegisteredTerminal } },
    errors: ["STORE_UNKNOWN"],
  },
  async (scope, { body }) => registerTerminal(scope, body),
);

const pairingCode = endpoint(
  {
    method: "post",
    path: "/api/v1/terminals/pairing-codes",
    tag,
    summary: "A code that registers one till at a store, for ten minutes",
    access: MANAGERS,
    idempotency: "required",
    body: CreatePairingCode,
    answers: { 201: { description: "The code, to be typed into the till", schema: PairingCode } },
    errors: ["STORE_UNKNOWN"],
  },
  async (scope, { body }) => createPairingCode(scope, body.store_id),
);

const pair = endpoint(
  {
    method: "post",
    path: "/api/v1/terminals/pair",
    tag,
    summary: "Register this till with a code",
    access: "public",
    idempotency: "required",
    rate_class: "terminal_registration",
    body: PairTerminal,
    answers: { 201: { description: "The terminal and its token", schema: RegisteredTerminal } },
    errors: ["PAIRING_CODE_UNKNOWN"],
  },
  async (scope, { body }) => pairTerminal(scope, body),
);

const rotate = endpoint(
  {
    method: "post",
    path: "/api/v1/terminals/{terminal_id}/rotate",
    tag,
    summary: "Give a till a new token; the old one goes on for ten minutes",
    access: ["pos", "terminal"],
    idempotency: "required",
    params: TerminalParams,
    answers: { 200: { description: "The new token", schema: RotatedTerminal } },
    errors: ["NOT_FOUND", "CONFLICT"],
  },
  async (scope, { params }) =>
    withToken(scope, await rotateTerminal(scope, params.terminal_id).catch((failure) => refuse(scope, scope.db, failure))),
);

const revoke = endpoint(
  {
    method: "delete",
    path: "/api/v1/terminals/{terminal_id}",
    tag,
    summary: "Revoke a till; it is refused everywhere within five seconds",
    access: MANAGERS,
    idempotency: "accepted",
    params: TerminalParams,
    answers: { 204: { description: "Revoked" } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => replyOf(await revokeTerminal(scope, params.terminal_id)),
);

const list = endpoint(
  {
    method: "get",
    path: "/api/v1/terminals",
    tag,
    summary: "The tills, with what is known of each",
    access: ["pos", "reports", "read"],
    idempotency: "none",
    query: PageQuery.extend({ store_id: Id.optional() }),
    answers: { 200: { description: "A page of terminals", schema: TerminalPage } },
  },
  async (scope, { query }) => ok(await listTerminals(scope.db, query)),
);

const own = endpoint(
  {
    method: "get",
    path: "/api/v1/terminals/me",
    tag,
    summary: "Which till this is, and the time",
    access: ["terminal"],
    idempotency: "none",
    answers: { 200: { description: "The terminal that asks", schema: OwnTerminal } },
    errors: ["TERMINAL_REQUIRED", "NOT_FOUND"],
  },
  async (scope) => ok(await readOwnTerminal(scope.db, requireTerminal(scope).terminal_id, scope.clock.now())),
);

export const terminalRoutes: Endpoint[] = [register, pairingCode, pair, own, rotate, revoke, list];
