// Owns HTTP requests to URLs that others gave: never into the server's own network unless that is allowed, no redirects, no
// long waits, nothing of the answer but its status.
import { lookup } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { SluiceError } from '../../../schemas/error.ts';
import { isPublicAddress } from '../../../schemas/public-address.ts';
import type { Post } from '../../jobs/webhook-delivery.ts';

const answerMs = 10_000;

/** `privateAddresses` allows those of the server's own network. */
export function createPost(options: { readonly privateAddresses: boolean }): Post {
  return async (url, headers, body) => {
    const { protocol, hostname, port, pathname, search, host } = new URL(url);
    const secure = protocol === 'https:';
    const name = hostname.replace(/^\[|\]$/g, '');
    // The address that was looked at is the one that is connected to: a name may lead elsewhere the next time.
    const address = await addressOf(name, options.privateAddresses);
    const length = Buffer.byteLength(body);
    return new Promise<number>((resolve, reject) => {
      const fail = (why: string, cause?: unknown) => {
        reject(new SluiceError('operation-failed', why, cause));
      };
      const sent = (secure ? requestHttps : requestHttp)({
        host: address,
        ...(port !== '' && { port }),
        ...(secure && isIP(name) === 0 && { servername: name }),
        method: 'POST',
        path: `${pathname}${search}`,
        headers: { ...headers, host, 'content-length': length, connection: 'close' },
        agent: false,
        signal: AbortSignal.timeout(answerMs),
      });
      sent.on('response', (response) => {
        response.on('error', () => undefined);
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      sent.on('error', (error) => {
        if (error.name === 'AbortError' || error.name === 'TimeoutError')
          fail('The receiver does not answer', error);
        else fail('The receiver cannot be reached', error);
      });
      sent.end(body);
    });
  };
}

async function addressOf(name: string, privateAddresses: boolean): Promise<string> {
  const found = await lookup(name, { all: true }).catch((error: unknown) => {
    throw new SluiceError('operation-failed', 'The name of the receiver is not known', error);
  });
  const [first] = found;
  if (first === undefined) throw new SluiceError('operation-failed', 'The name of the receiver is not known');
  if (!privateAddresses && !found.every(({ address }) => isPublicAddress(address))) {
    throw new SluiceError('operation-failed', 'The receiver is in a private network, which is not allowed');
  }
  return first.address;
}
