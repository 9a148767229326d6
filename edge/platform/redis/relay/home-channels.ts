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
  readonly name: string;
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
  /** Those whose beginning or end was asked for and is not confirmed, in order. Who has ended has no listeners. */
  const asked = new Fifo<Channel>();
  const line = new HomeLine({
    ...deps,
    name: 'sluice-relay-listening',
    ready: () => {
      for (const channel of channels.values()) ask('SUBSCRIBE', channel);
    },
    frame: take,
    lost: () => {
      asked.drain();
      channels.clear();
      deps.lost();
    },
    ask: () => line.write(requestOf('PING')),
  });

  function ask(command: 'SUBSCRIBE' | 'UNSUBSCRIBE', channel: Channel): void {
    if (!line.ready) return;
    asked.push(channel);
    line.write(requestOf(command, Buffer.from(channel.name, 'latin1')));
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
    // One that has ended since, and perhaps begun again, is another object, whose turn comes.
    if (!answered) return;
    answered.confirmed = true;
    for (const listener of [...answered.listeners]) listener.listening(answered.name);
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
      const channel: Channel = { name, listeners: new Set([listener]), confirmed: false };
      channels.set(name, channel);
      ask('SUBSCRIBE', channel);
      return true;
    },
    remove(name, listener) {
      const channel = channels.get(name);
      if (!channel?.listeners.delete(listener) || channel.listeners.size > 0) return;
      channels.delete(name);
      ask('UNSUBSCRIBE', channel);
    },
    close: () => line.close(),
  };
}
