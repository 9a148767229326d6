// Owns how a URL becomes the path that routes are matched with (spec rest-api §1): fixed words in lower case, ids as they
// are, no slash at the end.

/** `/V1/Rooms/AbC/Streams/` gives `/v1/rooms/AbC/streams`. Percent signs stay encoded. */
export function requestPath(request: Request): string {
  const segments = new URL(request.url).pathname.replace(/\/+$/, '').split('/').slice(1);
  const words = /^(v1(\.1)?|cluster)$/i.test(segments[0] ?? '') ? [0, 1, 3] : [0, 2];
  const path = segments.map((segment, i) => (words.includes(i) ? segment.toLowerCase() : segment));
  return `/${path.join('/')}`;
}

/** Whether a path is the management interface's to answer. */
export function isManagementPath(path: string): boolean {
  return /^\/(services|v1|v1\.1|cluster|openapi\.json)(\/|$)/i.test(path);
}
