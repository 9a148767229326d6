// Owns a relay for tests before a Redis of its own, in this process.
import type { ScriptedRedis } from '../scripted-redis.ts';
import { startRedis } from '../scripted-redis.ts';
import { createLog } from '../../node/log.ts';
import { nodeClock } from '../../node/clock.ts';
import { startRelay, type Relay, type RelayOptions } from './relay.ts';

export interface ScriptedRelay {
  /** Of the relay. */
  readonly url: string;
  readonly relay: Relay;
  readonly redis: ScriptedRedis;
  readonly nodes: readonly ScriptedRedis[];
  kill(): Promise<void>;
}

export const relayTo = (to: string, over: Partial<RelayOptions> = {}): Promise<Relay> =>
  startRelay({
    to,
    host: '127.0.0.1',
    port: 0,
    clock: nodeClock,
    log: createLog({ name: 'relay', level: 'silent' }),
    ...over,
  });

export async function startRelayedRedis(over: Partial<RelayOptions> = {}): Promise<ScriptedRelay> {
  const redis = await startRedis();
  const relay = await relayTo(redis.url, over);
  return {
    url: `redis://127.0.0.1:${relay.port}`,
    relay,
    redis,
    nodes: [redis],
    async kill() {
      await relay.close();
      await redis.kill();
    },
  };
}
