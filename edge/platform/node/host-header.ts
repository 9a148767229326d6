// Owns what is made of a request's Host header before anything reads it: the address that join tokens name where none is
// configured (tokens/portal-address.ts).
import type { IncomingHttpHeaders } from 'node:http';

/**
 * The host with the port of the listener where OWT's REST client left it out: it sends its server's bare name, whatever
 * port it connects to. Others leave out the port of their scheme only, and a reverse proxy's client never saw ours.
 */
export function completeHost(headers: IncomingHttpHeaders, port: number | undefined): string | undefined {
  const { host, authorization } = headers;
  const complete = host === undefined || /:\d+$/.test(host);
  const proxied = headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined;
  if (complete || proxied || port === undefined || !/^\s*mauth\s/i.test(authorization ?? '')) return host;
  return `${host}:${port}`;
}
