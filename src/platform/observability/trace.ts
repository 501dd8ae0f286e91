const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

export interface RequestIds {
  request_id: string;
  /** The caller's trace (W3C traceparent), else the request's own id. */
  trace_id: string;
}

/** The caller's id for this request where it is usable, else a new one. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get("x-request-id");
  return given !== null && REQUEST_ID.test(given) ? given : crypto.randomUUID();
}

export function requestIds(headers: Headers): RequestIds {
  const request_id = requestIdOf(headers);
  const given = headers.get("traceparent");
  const trace = given === null ? undefined : TRACEPARENT.exec(given)?.[1];
  return { request_id, trace_id: trace && !/^0+$/.test(trace) ? trace : request_id };
}
