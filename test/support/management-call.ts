// Owns a signed request to the management interface of a running server.
import { createHmac, randomBytes } from 'node:crypto';

export interface Credentials {
  readonly id: string;
  readonly key: string;
}

/** The header that signs a request in the name of a service. */
export function mauthHeader({ id, key }: Credentials): string {
  const [timestamp, nonce] = [String(Date.now()), randomBytes(8).toString('hex')];
  const hex = createHmac('sha256', key).update(`${timestamp},${nonce}`).digest('hex');
  return [
    'MAuth realm=http://marte3.dit.upm.es,mauth_signature_method=HMAC_SHA256',
    `mauth_serviceid=${id},mauth_cnonce=${nonce},mauth_timestamp=${timestamp}`,
    `mauth_signature=${Buffer.from(hex).toString('base64')}`,
  ].join(',');
}

/** Asks the server at `url` in the name of a service; `body` goes as JSON. */
export async function managementCall(
  url: string,
  service: Credentials,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  const headers = { authorization: mauthHeader(service), 'content-type': 'application/json' };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(`${url}${path}`, { method, headers, ...content });
}
