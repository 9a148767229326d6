// Owns which ports a room's home has in this process.
import { SluiceError } from '../../schemas/error.ts';
import type { HomePorts, Homes } from '../store/homes.ts';
import { joinBuses } from './homes-bus.ts';

/**
 * The homes that this process knows: `named`, and `beside`, the store with the directory, which may be one of them too.
 * `own` names where rooms made here live. Throws SluiceError `bad-request` when that is none of them.
 */
export function createHomes(
  beside: HomePorts,
  named: ReadonlyMap<string, HomePorts> = new Map(),
  own?: string,
): Homes {
  const find = (home: string | undefined) => (home === undefined ? beside : named.get(home));
  if (find(own) === undefined) throw new SluiceError('bad-request', `There is no home ${String(own)}`);
  const others = [...new Set(named.values())].filter((each) => each !== beside);
  const buses = others.map(({ bus }) => bus);
  return {
    ...(own === undefined ? {} : { own }),
    of(home) {
      const found = find(home);
      if (found !== undefined) return found;
      throw new SluiceError(
        'unavailable',
        `The room lives in ${String(home)}, which this server does not reach`,
      );
    },
    all: [beside, ...others],
    bus: named.size === 0 ? beside.bus : joinBuses([beside.bus, ...buses], (home) => named.get(home)?.bus),
  };
}
