// Owns which other edges there are for the clients of an edge that is about to stop.
import type { Origin } from '../../schemas/room.ts';
import type { Clock, Log, Random } from '../clock.ts';
import type { Registry } from '../store/registry.ts';
import type { PortalAddress } from '../tokens/portal-address.ts';
import { toHex } from '../tokens/text-codec.ts';

export interface OtherPortals {
  /** Whether another edge takes clients. Never rejects. */
  exists(): Promise<boolean>;
  /** The address of one, at best one that serves that origin. Never rejects. */
  address(origin: Origin): Promise<PortalAddress | undefined>;
}

const reserveMs = 5_000;

/** As the registry knows them: `edge`, which is this one, must have said there that it drains. */
export function otherPortals(deps: {
  readonly registry: Pick<Registry, 'alive' | 'pick' | 'find'>;
  readonly edge: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): OtherPortals {
  const { registry, edge, clock, random, log } = deps;

  const ready = async () =>
    (await registry.alive()).filter(
      ({ worker, purposes, state }) => worker !== edge && state === 'ready' && purposes.includes('portal'),
    );

  async function look<T>(find: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await find();
    } catch (error) {
      log.warn('the worker registry could not be reached', { error });
      return otherwise;
    }
  }

  return {
    // While that is not known nobody is told that it is over.
    exists: () => look(async () => (await ready()).length > 0, true),
    address: (origin) =>
      look(async () => {
        const task = toHex(random.bytes(12));
        const { worker } = await registry.pick({ purpose: 'portal', task, origin, reserveMs }, clock.now());
        if (worker !== undefined && worker !== edge) return (await registry.find(worker))?.portal;
        // Somewhere else is better than nowhere: any edge serves who has a ticket.
        return (await ready()).find(({ portal }) => portal !== undefined)?.portal;
      }, undefined),
  };
}
