// Owns leases in Redis. Time is the server's: a holder must count its own from before it asked.
import type { Lease } from '../../store/lease.ts';
import type { RedisConnection } from './connection.ts';
import acquireLua from './lease-acquire.lua';
import releaseLua from './lease-release.lua';
import { numberOf, textOf } from './reply.ts';
import { script } from './script.ts';

const scripts = { acquire: script(acquireLua), release: script(releaseLua) };
const repeatable = { repeatable: true };

/** Leases below `prefix`, which has no braces. */
export function createRedisLease(options: { connection: RedisConnection; prefix: string }): Lease {
  const { connection, prefix } = options;
  const leaseOf = (name: string) => `${prefix}lease:{${name}}`;

  return {
    async acquire(name, holder, ttlMs) {
      const keys = [leaseOf(name), `${leaseOf(name)}:token`];
      const token = await connection.run(scripts.acquire, keys, [holder, Math.ceil(ttlMs)], repeatable);
      return token === null ? undefined : numberOf(token);
    },
    async release(name, holder) {
      await connection.run(scripts.release, [leaseOf(name)], [holder], repeatable);
    },
    async holder(name) {
      const holder = await connection.send('GET', [leaseOf(name)], repeatable);
      return holder === null ? undefined : textOf(holder);
    },
  };
}
