/** The address if a browser may be pointed at it as a picture (http, https, our own path, an inline image), else null. */
export function safeImageUrl(url: string | null): string | null {
  const trimmed = url?.trim();
  return trimmed && /^(?:https?:\/\/|\/(?!\/)|data:image\/)/iu.test(trimmed) ? trimmed : null;
}
