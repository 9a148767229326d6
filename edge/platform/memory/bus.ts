// Owns the bus inside one process: microtask delivery, no copies. What is sent must not be changed afterwards.
import type { Bus, Unsubscribe } from '../../../schemas/bus.ts';
import { SluiceError } from '../../../schemas/error.ts';
import type { Clock, Log } from '../../clock.ts';

type Listener = (message: unknown) => void;
type Server = (message: unknown) => Promise<unknown>;

const maxOutstanding = 50_000;

/** A bus for the parts of one process. `log` hears of handlers that throw. */
export function createMemoryBus(options: { clock: Clock; log?: Log }): Bus {
  const { clock, log } = options;
  const listeners = new Map<string, Set<Listener>>();
  const servers = new Map<string, Server>();
  const outstanding = new Set<(error: SluiceError) => void>();
  let deliveries: (() => void)[] = [];
  let closed = false;

  // One queue for everything keeps the order of each publisher, whatever mix of calls it makes.
  function later(delivery: () => void): void {
    deliveries.push(delivery);
    if (deliveries.length > 1) return;
    queueMicrotask(() => {
      const due = deliveries;
      deliveries = [];
      for (const deliver of due) deliver();
    });
  }

  function deliver(channel: string, message: unknown): void {
    for (const listener of [...(listeners.get(channel) ?? [])]) {
      if (!listeners.get(channel)?.has(listener)) continue;
      try {
        listener(message);
      } catch (error) {
        log?.error('bus: a subscriber threw', { channel, error });
      }
    }
  }

  async function serve(channel: string, message: unknown): Promise<unknown> {
    const server = servers.get(channel);
    if (!server) throw new SluiceError('unavailable', `Nobody serves ${channel}`);
    try {
      return await server(message);
    } catch (error) {
      if (error instanceof SluiceError) throw error;
      throw new SluiceError('internal', 'Internal error', error);
    }
  }

  return {
    publish(channel, message) {
      if (!closed && listeners.has(channel))
        later(() => {
          deliver(channel, message);
        });
    },
    subscribe(channel, handler): Unsubscribe {
      // A set of wrappers: the same function may subscribe twice.
      const listener: Listener = (message) => {
        handler(message);
      };
      const all = listeners.get(channel) ?? new Set();
      listeners.set(channel, all.add(listener));
      return () => {
        all.delete(listener);
        if (all.size === 0 && listeners.get(channel) === all) listeners.delete(channel);
      };
    },
    request(channel, message, timeoutMs) {
      return new Promise((resolve, reject) => {
        if (closed) {
          reject(new SluiceError('unavailable', 'The bus is closed'));
          return;
        }
        if (outstanding.size >= maxOutstanding) {
          reject(new SluiceError('unavailable', 'Too many requests'));
          return;
        }
        const settle = (act: () => void) => {
          if (!outstanding.delete(fail)) return;
          cancel();
          act();
        };
        const fail = (error: unknown) => {
          settle(() => {
            reject(error instanceof Error ? error : new SluiceError('internal', 'Internal error', error));
          });
        };
        outstanding.add(fail);
        const cancel = clock.after(Math.max(1, timeoutMs), () => {
          fail(new SluiceError('unavailable', `No reply from ${channel}`));
        });
        later(() => {
          serve(channel, message).then((reply) => {
            settle(() => {
              resolve(reply);
            });
          }, fail);
        });
      });
    },
    serve(channel, handler): Unsubscribe {
      const server: Server = (message) => handler(message);
      servers.set(channel, server);
      return () => {
        if (servers.get(channel) === server) servers.delete(channel);
      };
    },
    close() {
      closed = true;
      listeners.clear();
      servers.clear();
      for (const fail of [...outstanding]) fail(new SluiceError('unavailable', 'The bus is closed'));
    },
  };
}
