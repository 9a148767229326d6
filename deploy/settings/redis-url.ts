// Owns which Redis URLs the configuration takes and what it says of others. A URL may hold a password and is never repeated.
import * as v from 'valibot';
import { readRedisUrl } from '../../edge/platform/redis/address.ts';
import { SluiceError } from '../../schemas/error.ts';

/** Of the Redis for jobs; empty: not given. */
export const jobsUrlSchema = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const message = dataset.typed ? mistakeIn(dataset.value) : undefined;
    if (message !== undefined) addIssue({ message });
  }),
);

/**
 * Of a Redis that processes find each other in; empty: not given. Channels know of no databases: two clusters in two of
 * them would take each other's workers.
 */
export const redisUrlSchema = v.pipe(
  jobsUrlSchema,
  v.check(
    (url) => mistakeIn(url) !== undefined || url === '' || readRedisUrl(url).db === 0,
    'must not name a database: those of one Redis share their channels, so each cluster has a Redis of its own',
  ),
);

function mistakeIn(url: string): string | undefined {
  if (url === '') return undefined;
  if (!/^rediss?(-cluster)?:\/\//.test(url)) return 'must begin with redis://, rediss:// or redis-cluster://';
  try {
    readRedisUrl(url);
    return undefined;
  } catch (error) {
    if (error instanceof SluiceError) return error.message;
    throw error;
  }
}
