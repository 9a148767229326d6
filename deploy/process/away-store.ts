// Owns which Redis a process cannot do without: that of rooms and that of scheduling. What is only some rooms' home may be
// away without making the whole process unready.
import type { StoreWatch } from '../../edge/platform/redis/watch-stores.ts';

const needed = ['rooms', 'scheduling'];

/** Why the process is not ready; undefined when what it needs answers. */
export function awayStore({ away }: Pick<StoreWatch, 'away'>): string | undefined {
  const store = away.find((each) => needed.includes(each));
  return store === undefined ? undefined : `Redis (${store}) is away`;
}
