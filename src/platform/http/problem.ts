import { AppError, ERRORS, type ErrorCode, type ErrorExtras } from "../../kernel/errors.ts";

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: ErrorCode;
  request_id: string;
  errors?: { path: string; message: string }[];
  [member: string]: unknown;
}

/** RFC 9457. `extras.extensions` become members; a cause never shows. */
export function problemOf(code: ErrorCode, extras: ErrorExtras, requestId: string): Problem {
  const [status, title] = ERRORS[code];
  return {
    type: `https://servery.dev/problems/${code.toLowerCase().replaceAll("_", "-")}`,
    title,
    status,
    ...(extras.detail !== undefined && code !== "INTERNAL" ? { detail: extras.detail } : {}),
    code,
    request_id: requestId,
    ...(extras.errors ? { errors: extras.errors } : {}),
    ...(extras.extensions ?? {}),
  };
}

export function problemResponse(code: ErrorCode, extras: ErrorExtras, requestId: string): Response {
  const headers = new Headers({ "content-type": "application/problem+json", "cache-control": "no-store" });
  const retryAfterS = extras.retry_after_s ?? (ERRORS[code][0] === 503 ? 1 : undefined);
  if (retryAfterS !== undefined) headers.set("retry-after", String(retryAfterS));
  if (code === "UNAUTHENTICATED") headers.set("www-authenticate", 'Bearer realm="servery"');
  return new Response(JSON.stringify(problemOf(code, extras, requestId)), { status: ERRORS[code][0], headers });
}

/** Anything that was thrown, as an AppError; what is not ours becomes INTERNAL with its cause. */
export const asAppError = (error: unknown): AppError => (error instanceof AppError ? error : new AppError("INTERNAL", { cause: error }));
