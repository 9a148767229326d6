// Owns one connection in subscriber mode: the channels wanted on it, asked for anew after every break, and a heartbeat
// that finds out about a connection that is dead without saying so.
import type { Redis } from 'ioredis';
import type { Unsubscribe } from '../../../schemas/bus.ts';
import type { Clock, Log } from '../../clock.ts';
import { failureOf } from './failure.ts';

export interface LineDeps {
  readonly client: Redis;
  readonly sharded: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Must not throw, as `restored` and `refused`. */
  readonly message: (channel: string, bytes: Uint8Array) => void;
  readonly restored: (channel: string) => void;
  /** The node does not hold a channel (any more). */
  readonly refused: () => void;
}

const heartbeatMs = 3000;
const answerMs = 2000;
const retryMs = 200;

export class SubscriberLine {
  readonly #deps: LineDeps;
  /** Each wanted channel, and whether Redis has confirmed it on the present connection. */
  readonly #wanted = new Map<string, boolean>();
  readonly #stopHeartbeat: Unsubscribe;
  #closed = false;

  constructor(deps: LineDeps) {
    this.#deps = deps;
    const { client, clock, message } = deps;
    const incoming = (channel: Uint8Array, bytes: Uint8Array) => {
      // A copy: the bytes are a view of all that came with them, and some listeners keep them.
      message(new TextDecoder().decode(channel), new Uint8Array(bytes));
    };
    client.on(deps.sharded ? 'smessageBuffer' : 'messageBuffer', incoming);
    client.on('ready', () => this.#restore());
    client.on('close', () => {
      for (const channel of this.#wanted.keys()) this.#wanted.set(channel, false);
    });
    // `connection.ts` tells of what ails the server; without a listener an error would end the process.
    client.on('error', () => undefined);
    this.#stopHeartbeat = clock.every(heartbeatMs, () => void this.#beat());
  }

  get idle(): boolean {
    return this.#wanted.size === 0;
  }

  confirmed(channel: string): boolean {
    return this.#wanted.get(channel) === true;
  }

  add(channel: string): void {
    this.#wanted.set(channel, false);
    if (this.#deps.client.status === 'ready') this.#ask(channel);
  }

  remove(channel: string): void {
    const { client, sharded } = this.#deps;
    if (!this.#wanted.delete(channel) || client.status !== 'ready') return;
    (sharded ? client.sunsubscribe(channel) : client.unsubscribe(channel)).catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    this.#wanted.clear();
    this.#stopHeartbeat();
    this.#deps.client.disconnect();
  }

  #restore(): void {
    for (const channel of this.#wanted.keys()) this.#ask(channel);
  }

  #ask(channel: string): void {
    const { client, sharded, restored } = this.#deps;
    const { stream } = client;
    (sharded ? client.ssubscribe(channel) : client.subscribe(channel)).then(
      () => {
        // Of an earlier connection, or no longer wanted.
        if (client.stream !== stream || !this.#wanted.has(channel)) return;
        this.#wanted.set(channel, true);
        restored(channel);
      },
      (error: unknown) => this.#failed(channel, error),
    );
  }

  /** A broken connection asks again when it is back; a node that refuses is asked again until it is another's turn. */
  #failed(channel: string, error: unknown): void {
    const { client, clock, log, refused } = this.#deps;
    if (this.#closed || client.status !== 'ready' || !this.#wanted.has(channel)) return;
    log.warn('redis: a subscription was refused', { channel, error: failureOf(error).cause });
    refused();
    clock.after(retryMs, () => {
      const due = client.status === 'ready' && this.#wanted.get(channel) === false;
      if (!this.#closed && due) this.#ask(channel);
    });
  }

  async #beat(): Promise<void> {
    const { client, clock } = this.#deps;
    if (client.status !== 'ready') return;
    const { stream } = client;
    const giveUp = clock.after(answerMs, () => {
      // True: it connects again.
      if (client.stream === stream) client.disconnect(true);
    });
    await client.ping().catch(() => undefined);
    giveUp();
  }
}
