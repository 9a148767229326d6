// Owns the part of the configuration that says between whom a relay stands.
import * as v from 'valibot';
import { redisUrlSchema } from './redis-url.ts';

const loopback = /^(127\.|::1$|localhost$)/;

export const relaySettingsSchema = v.pipe(
  v.strictObject({
    /** The home Redis; empty: not given. */
    to: v.optional(
      v.pipe(
        redisUrlSchema,
        v.check(
          (url) => url === '' || /^rediss?:\/\//.test(url),
          'must begin with redis:// or rediss://: the relay leads to a single Redis',
        ),
      ),
      '',
    ),
    listen: v.optional(
      v.pipe(
        v.string(),
        v.check((text) => readListen(text) !== undefined, 'must be like 127.0.0.1:6380'),
      ),
      '127.0.0.1:6380',
    ),
    /** Asked of edges and workers; empty: nothing is asked. */
    password: v.optional(v.string(), ''),
  }),
  v.check(
    ({ listen, password }) => password !== '' || loopback.test(readListen(listen)?.host ?? ''),
    'relay.password is missing: whoever reaches the relay reaches Redis, so off this machine it asks for one',
  ),
);

/** `host:port`, an IPv6 address in brackets; undefined for anything else. */
export function readListen(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, v6, name, port = ''] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = v6 ?? name;
  return host === undefined || Number(port) > 65_535 ? undefined : { host, port: Number(port) };
}
