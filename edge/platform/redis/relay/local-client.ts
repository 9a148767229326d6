// Owns one connection of an edge or a worker to the relay: its requests answered in their order, whoever answers them, and
// the channels it listens to. What can be shared is said in rules.ts.
import type { Socket } from 'node:net';
import type { Clock } from '../../../clock.ts';
import { Fifo } from './fifo.ts';
import { FrameReader } from './frame-reader.ts';
import type { ChannelListener, HomeChannels } from './home-channels.ts';
import type { HomeCommands } from './home-commands.ts';
import { limits } from './limits.ts';
import { type Ruling, ruleOn, wantsAllWords } from './rules.ts';
import { errorReply, okReply, subscriptionReply, wordsOf } from './words.ts';

export interface LocalClientDeps {
  readonly socket: Socket;
  readonly commands: HomeCommands;
  readonly channels: HomeChannels;
  readonly clock: Clock;
  /** Whether a password is the right one; absent: none is asked for. */
  readonly allows?: (password: Buffer) => boolean;
  /** `passed` to the home, or `refused` here. */
  readonly counted: (what: 'passed' | 'refused') => void;
  readonly delivered: () => void;
  /** Its connection is over, by whomever. `why` when it was cut from here. */
  readonly gone: (client: LocalClient, why: string | undefined) => void;
}

/** Of one request; filled when its answer is there. */
interface Slot {
  reply?: Buffer;
}

export class LocalClient implements ChannelListener {
  readonly #deps: LocalClientDeps;
  readonly #reader = new FrameReader('requests', limits.requests);
  readonly #slots = new Fifo<Slot>();
  /** Each channel it listens to, with the requests that wait for that to begin. */
  readonly #channels = new Map<string, Slot[]>();
  #authenticated: boolean;
  #corked = false;
  #why: string | undefined;

  constructor(deps: LocalClientDeps) {
    const { socket, allows, clock } = deps;
    this.#deps = deps;
    this.#authenticated = allows === undefined;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => undefined);
    const late = clock.after(limits.loginMs, () => {
      if (!this.#authenticated) this.cut('no password in time');
    });
    socket.once('close', () => {
      late();
      for (const channel of this.#channels.keys()) deps.channels.remove(channel, this);
      this.#channels.clear();
      deps.gone(this, this.#why);
    });
  }

  get listens(): boolean {
    return this.#channels.size > 0;
  }

  /** Ends the connection at once. */
  cut(why: string): void {
    this.#why ??= why;
    this.#deps.socket.destroy();
  }

  listening(channel: string): void {
    const name = Buffer.from(channel, 'latin1');
    for (const slot of this.#channels.get(channel)?.splice(0) ?? []) {
      this.#fill(slot, subscriptionReply('subscribe', name, this.#channels.size));
    }
  }

  published(frame: Buffer): void {
    // A view would keep alive all that came with it, for as long as this client does not read.
    this.#write(this.#deps.socket.writableNeedDrain ? Buffer.from(frame) : frame);
    this.#deps.delivered();
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) {
        if (frame.type === 'whole' && !this.#deps.socket.destroyed) this.#take(frame.bytes);
      }
    } catch {
      this.cut('not the Redis protocol');
    }
    if (this.#slots.size > limits.requestsOfAClient) this.#deps.socket.pause();
  }

  #take(request: Buffer): void {
    const { counted } = this.#deps;
    const [first = request] = wordsOf(request, 1);
    const words = wordsOf(request, wantsAllWords(first) ? Number.POSITIVE_INFINITY : 3);
    const ruling = ruleOn(words, { authenticated: this.#authenticated, listens: this.listens });
    if (ruling.does === 'pass') {
      counted('passed');
      const slot = this.#slot();
      this.#deps.commands.send(request, (reply) => this.#fill(slot, reply));
      return;
    }
    if (ruling.does === 'answer' && ruling.reply[0] === errorSign) counted('refused');
    this.#rule(ruling);
  }

  #rule(ruling: Exclude<Ruling, { does: 'pass' }>): void {
    switch (ruling.does) {
      case 'answer':
        this.#fill(this.#slot(), ruling.reply);
        return;
      case 'authenticate':
        this.#authenticate(ruling.password);
        return;
      case 'listen':
        for (const channel of ruling.channels) this.#listen(channel);
        return;
      case 'unlisten':
        this.#unlisten(ruling.channels);
        return;
      case 'quit':
        this.#fill(this.#slot(), okReply);
        this.#deps.socket.end();
        return;
      default:
        ruling satisfies never;
    }
  }

  #authenticate(password: Buffer): void {
    const { allows } = this.#deps;
    if (allows?.(password) === false) {
      this.#fill(this.#slot(), errorReply('WRONGPASS invalid username-password pair or user is disabled.'));
      // Guessing costs a connection each.
      this.#deps.socket.end();
      return;
    }
    this.#authenticated = true;
    this.#fill(this.#slot(), okReply);
  }

  #listen(channel: Buffer): void {
    const name = channel.toString('latin1');
    const slot = this.#slot();
    const known = this.#channels.get(name);
    const room = this.#channels.size < limits.channelsOfAClient && channel.length <= limits.channelBytes;
    if (known) known.push(slot);
    else if (room) this.#channels.set(name, [slot]);
    if ((known || room) && this.#deps.channels.add(name, this)) return;
    this.#channels.delete(name);
    this.#fill(slot, errorReply('UNAVAILABLE too many channels, or too long a name'));
  }

  #unlisten(given: readonly Buffer[]): void {
    const { channels } = this.#deps;
    const names = [...this.#channels.keys()].map((name) => Buffer.from(name, 'latin1'));
    const ended = given.length > 0 ? given : names.length > 0 ? names : [undefined];
    for (const channel of ended) {
      const name = channel?.toString('latin1') ?? '';
      // Who asked for it and has not been answered is answered before its end.
      this.listening(name);
      if (this.#channels.delete(name)) channels.remove(name, this);
      this.#fill(this.#slot(), subscriptionReply('unsubscribe', channel, this.#channels.size));
    }
  }

  #slot(): Slot {
    const slot: Slot = {};
    this.#slots.push(slot);
    return slot;
  }

  #fill(slot: Slot, reply: Buffer): void {
    slot.reply = reply;
    for (let first = this.#slots.first; first?.reply; first = this.#slots.first) {
      this.#slots.shift();
      this.#write(first.reply);
    }
    const { socket } = this.#deps;
    if (socket.isPaused() && this.#slots.size <= limits.requestsOfAClient / 2) socket.resume();
  }

  #write(bytes: Buffer): void {
    const { socket, clock } = this.#deps;
    if (socket.destroyed || socket.writableEnded) return;
    if (socket.writableLength + bytes.length > limits.queuedBytes[this.listens ? 'listening' : 'asking']) {
      this.cut('it reads too slowly');
      return;
    }
    if (!this.#corked) {
      this.#corked = true;
      socket.cork();
      clock.after(0, () => {
        this.#corked = false;
        socket.uncork();
      });
    }
    socket.write(bytes);
  }
}

const errorSign = 0x2d;
