// Owns hearing of lost workers: each is told once, also those that were lost while nobody listened.
import * as v from 'valibot';
import type { Unsubscribe } from '../../../schemas/bus.ts';
import type { Log } from '../../clock.ts';
import type { RedisConnection } from './connection.ts';
import { listOf } from './reply.ts';

const lossSchema = v.tuple([v.number(), v.string(), v.string()]);
type Loss = v.InferOutput<typeof lossSchema>;

export interface LossesOptions {
  readonly connection: RedisConnection;
  /** Where losses are published, and the latest of them kept, newest first. */
  readonly channel: string;
  readonly losses: string;
  readonly log: Log;
  readonly told: (worker: string, reason: string) => void;
}

/** As many as are kept there. */
const maxTold = 1000;
const retryMs = 500;

/** Tells of workers that are lost from now on, until the result is called. */
export function watchLosses({ connection, channel, losses, log, told }: LossesOptions): Unsubscribe {
  const decoder = new TextDecoder();
  /** What was told, or had happened before. By number and worker: one that lost its data begins to count anew. */
  const known = new Set<string>();
  let begun = false;
  let cancelRetry: Unsubscribe = () => undefined;
  let ended = false;

  /** Whether it is news. */
  function note([number, worker]: Loss): boolean {
    const key = `${number} ${worker}`;
    const isNews = !known.delete(key);
    known.add(key);
    const [oldest] = known;
    if (known.size > maxTold && oldest !== undefined) known.delete(oldest);
    return isNews;
  }

  function tell(loss: Loss | undefined): void {
    if (loss === undefined || ended || !note(loss)) return;
    const [, worker, reason] = loss;
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
    cancelRetry();
    try {
      const reply = await connection.send('LRANGE', [losses, 0, -1], { repeatable: true });
      const kept = listOf(reply).map(read).reverse();
      // The first time there is nothing to catch up with.
      if (begun) for (const loss of kept) tell(loss);
      else for (const loss of kept) if (loss !== undefined) note(loss);
      begun = true;
    } catch (error) {
      if (ended) return;
      log.warn('losses of workers may not have been heard of yet', { error });
      cancelRetry = connection.clock.after(retryMs, () => void catchUp());
    }
  }

  const stop = connection.subscriptions.listen(channel, {
    message: (bytes) => tell(read(bytes)),
    restored: () => void catchUp(),
  });
  return () => {
    ended = true;
    cancelRetry();
    stop();
  };
}
