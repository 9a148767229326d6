// Owns in Redis what may happen once. A forgotten id is one that expired: Redis keeps no list, so nothing bounds a scope but
// time.
import type { Once } from '../../store/once.ts';
import type { RedisConnection } from './connection.ts';

/** Memory below `prefix`. Every id is a key of its own, so that a cluster shares the work. */
export function createRedisOnce(options: { connection: RedisConnection; prefix: string }): Once {
  const { connection, prefix } = options;
  return {
    async first(scope, id, keepMs) {
      const key = `${prefix}once:${scope.length}:${scope}:${id}`;
      // Not repeatable: the second try would find the first.
      const keep = Math.min(Number.MAX_SAFE_INTEGER, Math.max(1, Math.ceil(keepMs)));
      const args = [key, '', 'PX', keep, 'NX'];
      return (await connection.send('SET', args)) !== null;
    },
  };
}
