import { ERRORS } from "../../src/kernel/errors.ts";
import type { Operation } from "./operations.ts";
import type { WireAnswer } from "./send-request.ts";
import type { WireRequest } from "./wire-requests.ts";

/** Words of the rooms behind, which no answer may carry. */
const INNER = /sqlite|hrana|constraint failed|node_modules|\.ts:\d+|\bat \w+ \(|TypeError|RangeError/i;

/** What an answer owes whatever it was asked, and this one does not do; null where all is well. */
export function answerProblem(operation: Operation, request: WireRequest, answer: WireAnswer): string | null {
  if ("failure" in answer) return `no answer: ${answer.failure}`;
  const { status, headers, text } = answer;
  if (status >= 500) return `${status} ${codeOf(text)}`;
  if (request.method === "HEAD") return text === "" ? null : "HEAD was answered with a body";
  if (status < 400) return successProblem(status, headers, text);
  const type = headers["content-type"] ?? "none";
  if (type.startsWith("text/html")) return isPage(operation, request) ? innerProblem(text) : `${status} is a page, not a problem document`;
  if (type !== "application/problem+json") return `${status} is ${type}, not a problem document`;
  return problemProblem(status, headers, text) ?? innerProblem(text) ?? undocumented(operation, request, status);
}

const codeOf = (text: string): string => /"code":"(\w+)"/.exec(text)?.[1] ?? text.slice(0, 200);

function successProblem(status: number, headers: Record<string, string>, text: string): string | null {
  if (status < 200 || (status >= 300 && status !== 304)) return `${status} is no answer of ours`;
  if (!headers["content-type"]?.startsWith("application/json")) return null;
  return isJson(text) ? null : `${status} says it is JSON and is not`;
}

function problemProblem(status: number, headers: Record<string, string>, text: string): string | null {
  if (!isJson(text)) return `${status} is a problem document that is not JSON`;
  const problem = JSON.parse(text) as Record<string, unknown>;
  for (const member of ["type", "title", "code", "request_id"]) {
    if (typeof problem[member] !== "string") return `${status} is a problem document without ${member}`;
  }
  if (problem.status !== status) return `${status} is a problem document that says ${problem.status}`;
  const known = Object.entries(ERRORS).find(([code]) => code === problem.code);
  if (known?.[1][0] !== status) return `${status} carries the code ${problem.code}`;
  // A replayed refusal carries the first answer's.
  if (problem.request_id !== headers["x-request-id"] && headers["idempotent-replayed"] === undefined)
    return `${status} has two request ids`;
  return null;
}

const innerProblem = (text: string): string | null => {
  const found = INNER.exec(text.replaceAll(/"(path|title|type)":"[^"]*"/g, ""));
  return found ? `the answer says "${found[0]}"` : null;
};

/** Only where it was this route that answered: a garbled path may be another's. */
function undocumented(operation: Operation, request: WireRequest, status: number): string | null {
  const pattern = new RegExp(`^${operation.path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[\\w.-]+")}$`);
  const path = pathnameOf(request);
  if (request.method !== operation.method || !pattern.test(path)) return null;
  return operation.statuses.has(status) ? null : `${status} is not among the answers that /openapi.json lists`;
}

const pathnameOf = ({ target }: WireRequest): string => new URL(`http://any${target}`).pathname;

function isPage(operation: Operation, request: WireRequest): boolean {
  const pathname = pathnameOf(request);
  return operation.is_page || pathname === "/" || pathname.startsWith("/stores/");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
