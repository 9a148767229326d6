// Owns whether replies to this process' bus can be heard now: its inbox breaks and is restored like every subscription,
// and by itself, whatever becomes of the connection that requests go out on.
import type { Unsubscribe } from '../../../schemas/bus.ts';
import { SluiceError } from '../../../schemas/error.ts';
import type { Clock } from '../../clock.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface BusInbox {
  /** Resolves when replies can be heard; rejects with `unavailable` when they cannot for a second. */
  heard(): Promise<void>;
  /** It was restored a moment ago: others may be on their way back still. */
  readonly fresh: boolean;
  /** For how long replies have been heard without a break, in milliseconds; 0 while they are not. */
  readonly steadyMs: number;
  close: Unsubscribe;
}

/** As long as a command waits for its connection. */
const patienceMs = 1000;
/** The pauses between two attempts to connect are no longer. */
const freshMs = 2000;

/** Hears `message` on `channel`. */
export function createBusInbox(options: {
  subscriptions: Subscriptions;
  channel: string;
  clock: Clock;
  message: (bytes: Uint8Array) => void;
}): BusInbox {
  const { subscriptions, channel, clock, message } = options;
  const waiting = new Set<() => void>();
  let opened = 0;
  let openedAt = Infinity;

  const letGo = () => {
    for (const go of [...waiting]) go();
  };
  const stop = subscriptions.listen(channel, {
    message,
    restored() {
      opened += 1;
      openedAt = clock.now();
      letGo();
    },
  });

  return {
    async heard() {
      if (subscriptions.confirmed(channel)) return;
      await new Promise<void>((resolve, reject) => {
        const cancel = clock.after(patienceMs, () => {
          waiting.delete(go);
          reject(new SluiceError('unavailable', 'No reply could be heard'));
        });
        const go = () => {
          waiting.delete(go);
          cancel();
          resolve();
        };
        waiting.add(go);
      });
    },
    get fresh() {
      return opened > 1 && clock.now() - openedAt < freshMs;
    },
    get steadyMs() {
      return subscriptions.confirmed(channel) ? Math.max(0, clock.now() - openedAt) : 0;
    },
    close() {
      stop();
      letGo();
    },
  };
}
