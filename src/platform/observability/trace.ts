const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

export interface RequestIds {
  request_id: string;
  /** The caller's trace (W3C traceparent), else the request's own id. */
  trace_id: string;
}

export function requestIds(headers: Headers, newId: () => string): RequestIds {
  const given = headers.get("x-request-id");
  const request_id = given !== null && REQUEST_ID.test(given) ? given : newId();
  const trace = TRACEPARENT.exec(headers.get("traceparent") ?? "")?.[1];
  return { request_id, trace_id: trace && !/^0+$/.test(trace) ? trace : request_id };
}
