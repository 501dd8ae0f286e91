/** One JSON line. Never a secret, a body or a statement's arguments. */
export function logEvent(event: string, fields: Record<string, unknown>): void {
  console.log(JSON.stringify({ at: new Date().toISOString(), event, ...fields }));
}
