// Owns hearing of lost workers: each is told once, also those that were lost while nobody listened.
import * as v from 'valibot';
import type { Unsubscribe } from '../../../schemas/bus.ts';
import type { Log } from '../../clock.ts';
import type { RedisConnection } from './connection.ts';

const lossSchema = v.tuple([v.number(), v.string(), v.string()]);
type Loss = v.InferOutput<typeof lossSchema>;

export interface LossesOptions {
  readonly connection: RedisConnection;
  /** Where losses are published, counted, and the latest of them kept, newest first. */
  readonly channel: string;
  readonly lost: string;
  readonly losses: string;
  readonly log: Log;
  readonly told: (worker: string, reason: string) => void;
}

/** Tells of workers that are lost from now on, until the result is called. */
export function watchLosses({ connection, channel, lost, losses, log, told }: LossesOptions): Unsubscribe {
  const decoder = new TextDecoder();
  /** The number of the last loss told; undefined until it is known where counting begins. */
  let last: number | undefined;
  let lastTold = '';
  let ended = false;

  function tell(loss: Loss | undefined): void {
    if (loss === undefined || ended) return;
    const [number, worker, reason] = loss;
    // A Redis that lost its latest losses counts them again, for others.
    if (last !== undefined && (number < last || (number === last && worker === lastTold))) return;
    last = number;
    lastTold = worker;
    told(worker, reason);
  }

  function read(bytes: unknown): Loss | undefined {
    try {
      const json: unknown = bytes instanceof Uint8Array ? JSON.parse(decoder.decode(bytes)) : undefined;
      const loss = v.safeParse(lossSchema, json);
      return loss.success ? loss.output : undefined;
    } catch {
      return undefined;
    }
  }

  async function catchUp(): Promise<void> {
    const [counted, kept] = await Promise.all([
      connection.send('GET', [lost], { repeatable: true }),
      connection.send('LRANGE', [losses, 0, -1], { repeatable: true }),
    ]);
    const count = counted instanceof Uint8Array ? Number(decoder.decode(counted)) : 0;
    // The first time there is nothing to catch up with; a lower count is another Redis, or one that lost its data.
    if (last === undefined || count < last) last = count;
    else if (Array.isArray(kept)) for (const loss of kept.map(read).reverse()) tell(loss);
  }

  const stop = connection.subscriptions.listen(channel, {
    message: (bytes) => tell(read(bytes)),
    restored: () => {
      catchUp().catch((error: unknown) => {
        log.warn('losses of workers may not have been heard of', { error });
      });
    },
  });
  return () => {
    ended = true;
    stop();
  };
}
