// Owns which channels are listened to and on which node: one connection for a single server, one for each node of a
// cluster that holds a wanted channel. What a connection does is `subscriber-line.ts`.
import type { Cluster, Redis } from 'ioredis';
import type { Unsubscribe } from '../../../schemas/bus.ts';
import type { Clock, Log } from '../../clock.ts';
import type { RedisAddress } from './address.ts';
import { createClient } from './client.ts';
import { slotOf } from './slot.ts';
import { SubscriberLine } from './subscriber-line.ts';

export interface Listener {
  message(bytes: Uint8Array): void;
  /** Listening begins, for the first time or again: what was published before may have been missed. */
  restored(): void;
}

export interface Subscriptions {
  listen(channel: string, listener: Listener): Unsubscribe;
  /** How often listening to a channel began again after a break. */
  readonly resubscribes: number;
  /** Whether a channel is listened to now, as far as can be known. */
  confirmed(channel: string): boolean;
  /** Resolves when Redis has confirmed every channel listened to now. */
  settled(): Promise<void>;
  close(): void;
}

interface Channel {
  readonly listeners: Set<Listener>;
  confirmedBefore?: true;
  line?: SubscriberLine;
}

const lookEveryMs = 500;

/** Subscriptions beside `client`, which tells where the slots of a cluster are. */
export function createSubscriptions(options: {
  client: Redis | Cluster;
  address: RedisAddress;
  clock: Clock;
  log: Log;
}): Subscriptions {
  const { client, address, clock, log } = options;
  const channels = new Map<string, Channel>();
  const lines = new Map<string, SubscriberLine>();
  let resubscribes = 0;
  let closed = false;

  function tell(channel: string, act: (listener: Listener) => void): void {
    for (const listener of [...(channels.get(channel)?.listeners ?? [])]) {
      if (!channels.get(channel)?.listeners.has(listener)) continue;
      try {
        act(listener);
      } catch (error) {
        log.error('redis: a subscriber threw', { channel, error });
      }
    }
  }

  function noteRestored(name: string): void {
    const channel = channels.get(name);
    if (channel?.confirmedBefore) resubscribes += 1;
    if (channel) channel.confirmedBefore = true;
  }

  /** `host:port` of who holds the channel; undefined while that is not known. */
  function nodeOf(channel: string): string | undefined {
    return 'slots' in client ? client.slots[slotOf(channel)]?.[0] : 'single';
  }

  function lineTo(node: string): SubscriberLine {
    const present = lines.get(node);
    if (present) return present;
    const colon = node.lastIndexOf(':');
    const place = { host: node.slice(0, colon), port: Number(node.slice(colon + 1)) };
    const line = new SubscriberLine({
      client: node === 'single' ? createClient(address) : createClient(address, place),
      sharded: address.clustered,
      clock,
      log,
      message: (channel, bytes) => tell(channel, (listener) => listener.message(bytes)),
      restored: (channel) => {
        noteRestored(channel);
        tell(channel, (listener) => listener.restored());
      },
      refused: () => 'refreshSlotsCache' in client && client.refreshSlotsCache(),
    });
    lines.set(node, line);
    return line;
  }

  function place(name: string, channel: Channel): void {
    const node = nodeOf(name);
    const line = node === undefined ? undefined : lineTo(node);
    if (line === undefined || line === channel.line) return;
    channel.line?.remove(name);
    channel.line = line;
    line.add(name);
  }

  function look(): void {
    for (const [name, channel] of channels) place(name, channel);
    for (const [node, line] of lines) {
      if (!line.idle || !address.clustered) continue;
      line.close();
      lines.delete(node);
    }
  }

  const stopLooking = address.clustered ? clock.every(lookEveryMs, look) : () => undefined;
  if (address.clustered) client.on('ready', look);

  return {
    get resubscribes() {
      return resubscribes;
    },
    listen(name, given) {
      if (closed) return () => undefined;
      // Wrapped: the same listener may come twice.
      const listener: Listener = {
        message: (bytes) => given.message(bytes),
        restored: () => given.restored(),
      };
      const present = channels.get(name);
      const channel: Channel = present ?? { listeners: new Set() };
      channels.set(name, channel);
      channel.listeners.add(listener);
      if (!present) place(name, channel);
      else if (channel.line?.confirmed(name)) {
        // Not from inside this call: the caller has not got its result yet.
        clock.after(0, () => {
          if (channel.listeners.has(listener)) listener.restored();
        });
      }
      return () => {
        channel.listeners.delete(listener);
        if (channel.listeners.size > 0 || channels.get(name) !== channel) return;
        channels.delete(name);
        channel.line?.remove(name);
      };
    },
    confirmed: (name) => channels.get(name)?.line?.confirmed(name) === true,
    async settled() {
      const open = () => [...channels].some(([name, { line }]) => !line?.confirmed(name));
      while (!closed && open()) await new Promise<void>((resolve) => void clock.after(5, resolve));
    },
    close() {
      closed = true;
      stopLooking();
      channels.clear();
      for (const line of lines.values()) line.close();
      lines.clear();
    },
  };
}
