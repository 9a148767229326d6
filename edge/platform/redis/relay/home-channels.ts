// Owns which channels are listened to at the home: one subscription for each, however many clients listen, and who they are.
import { Fifo } from './fifo.ts';
import type { Frame } from './frame-reader.ts';
import { HomeLine, type HomeLineDeps } from './home-line.ts';
import { requestOf, wordsOf } from './words.ts';

export interface ChannelListener {
  /** From now on everything published is heard. */
  listening(channel: string): void;
  /** `frame` is the message as Redis wrote it; it is a view of a larger buffer and not to be changed. */
  published(frame: Buffer): void;
}

export interface HomeChannels {
  readonly ready: boolean;
  readonly count: number;
  /** False when there are too many channels. Channels are the bytes of their names, one character each. */
  add(channel: string, listener: ChannelListener): boolean;
  remove(channel: string, listener: ChannelListener): void;
  close(): void;
}

interface Channel {
  readonly listeners: Set<ChannelListener>;
  confirmed: boolean;
}

const maxChannels = 200_000;

const pong = Buffer.from('+PONG\r\n');

export function createHomeChannels(
  deps: Pick<HomeLineDeps, 'address' | 'limits' | 'clock' | 'log'> & {
    /** Everybody who listens may have missed something, and is forgotten here. Must not throw. */
    readonly lost: () => void;
  },
): HomeChannels {
  const channels = new Map<string, Channel>();
  /** What was asked and is not confirmed, in order: a channel, or undefined for the end of one. */
  const asked = new Fifo<{ readonly name: string; readonly channel: Channel | undefined }>();
  const line = new HomeLine({
    ...deps,
    name: 'sluice-relay-listening',
    ready: () => {
      for (const [name, channel] of channels) subscribe(name, channel);
    },
    frame: take,
    lost: () => {
      asked.drain();
      channels.clear();
      deps.lost();
    },
    ask: () => line.write(requestOf('PING')),
  });

  function subscribe(name: string, channel: Channel): void {
    if (!line.ready) return;
    asked.push({ name, channel });
    line.write(requestOf('SUBSCRIBE', Buffer.from(name, 'latin1')));
  }

  function take(frame: Frame): void {
    if (frame.type === 'too-large') {
      // Whose it was is not known: all of them read what they missed.
      line.renew();
      return;
    }
    // With no subscription PING is answered like any request.
    if (frame.bytes.equals(pong)) return;
    const [kind, name] = wordsOf(frame.bytes, 2);
    switch (kind?.toString('latin1')) {
      case 'message':
        for (const listener of channels.get(name?.toString('latin1') ?? '')?.listeners ?? []) {
          listener.published(frame.bytes);
        }
        return;
      case 'subscribe':
      case 'unsubscribe':
        confirm();
        return;
      case 'pong':
        return;
      default:
        deps.log.warn('the home refused a subscription', {
          error: frame.bytes.toString('latin1', 1, 200).trim(),
        });
        line.renew();
    }
  }

  function confirm(): void {
    const answered = asked.shift();
    // It may have ended, and begun again, since it was asked.
    if (!answered?.channel || channels.get(answered.name) !== answered.channel) return;
    answered.channel.confirmed = true;
    for (const listener of [...answered.channel.listeners]) listener.listening(answered.name);
  }

  return {
    get ready() {
      return line.ready;
    },
    get count() {
      return channels.size;
    },
    add(name, listener) {
      const present = channels.get(name);
      if (present) {
        present.listeners.add(listener);
        if (present.confirmed) listener.listening(name);
        return true;
      }
      if (channels.size >= maxChannels) return false;
      const channel: Channel = { listeners: new Set([listener]), confirmed: false };
      channels.set(name, channel);
      subscribe(name, channel);
      return true;
    },
    remove(name, listener) {
      const channel = channels.get(name);
      if (!channel?.listeners.delete(listener) || channel.listeners.size > 0) return;
      channels.delete(name);
      if (!line.ready) return;
      asked.push({ name, channel: undefined });
      line.write(requestOf('UNSUBSCRIBE', Buffer.from(name, 'latin1')));
    },
    close: () => line.close(),
  };
}
