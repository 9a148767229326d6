// Owns which edge a client is sent to: one is picked like any other worker, and waited for (spec rest-api §6.1).
import { SluiceError } from '../../schemas/error.ts';
import type { Origin } from '../../schemas/room.ts';
import type { Clock, Log, Random } from '../clock.ts';
import type { Registry } from '../store/registry.ts';
import type { PortalAddress } from '../tokens/portal-address.ts';
import { toHex } from '../tokens/text-codec.ts';

/**
 * The address that a client of that origin shall connect to; `asked` is the one by which the request for it came. Rejects
 * with SluiceError `operation-failed` when there is none for it.
 */
export type PortalFor = (origin: Origin, asked: PortalAddress) => Promise<PortalAddress>;

export interface PortalsDeps {
  readonly registry: Pick<Registry, 'pick' | 'find'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The id of an edge whose clients come by the address of their request, because none is configured. */
  readonly byRequest?: string;
}

const attempts = 60;
const restMs = 1000;
/** A store that is away has kept its caller waiting already. */
const costOfFailure = 4;
const reserveMs = 60_000;
/** Requests that wait at one time; more are refused at once. */
const maxWaiting = 1000;

/** Picks an edge; while there is none it looks again each second, 60 times. */
export function pickPortals({ registry, clock, random, log, byRequest }: PortalsDeps): PortalFor {
  let waiting = 0;

  async function attempt(
    origin: Origin,
    task: string,
    asked: PortalAddress,
  ): Promise<PortalAddress | undefined> {
    const { worker } = await registry.pick({ purpose: 'portal', task, origin, reserveMs }, clock.now());
    if (worker === undefined) return undefined;
    if (worker === byRequest) return asked;
    return (await registry.find(worker))?.portal;
  }

  async function search(origin: Origin, asked: PortalAddress): Promise<PortalAddress> {
    const task = toHex(random.bytes(12));
    for (let left = attempts; left > 0;) {
      try {
        const found = await attempt(origin, task, asked);
        if (found !== undefined) return found;
        left -= 1;
      } catch (error) {
        log.warn('the worker registry could not be reached', { error });
        left -= costOfFailure;
      }
      if (left > 0) await new Promise<void>((resolve) => void clock.after(restMs, resolve));
    }
    throw failed();
  }

  return async (origin, asked) => {
    if (waiting >= maxWaiting) throw failed();
    waiting += 1;
    try {
      return await search(origin, asked);
    } finally {
      waiting -= 1;
    }
  };
}

function failed(): SluiceError {
  return new SluiceError('operation-failed', 'Failed to get portal');
}
