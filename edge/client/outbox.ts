// Owns the commands that have no reply yet: what is still to be written, in frames of bounded size, what a break makes due
// again, and what waits too long. The socket is `connection.ts`'s.
import { SluiceError } from '../../schemas/error.ts';
import type { SignalMessage, SignalReply } from '../../schemas/signal.ts';
import { maxMessagesPerFrame } from './wire.ts';
import type { SignalBody } from './wire.ts';

/** A command and who waits for its reply. */
export interface Pending {
  readonly body: SignalBody;
  settle(reply: SignalReply): void;
  reject(error: SluiceError): void;
}

interface Entry {
  readonly pending: Pending;
  cid: number;
  /** When it was written to the present socket; undefined while it waits for one. */
  sentAt: number | undefined;
}

const maxPending = 512;
const maxFrameChars = 120_000;
const unansweredAfterMs = 20_000;

export class Outbox {
  /** In the order of their ids. */
  readonly #entries = new Map<number, Entry>();

  get isFull(): boolean {
    return this.#entries.size >= maxPending;
  }

  add(cid: number, pending: Pending): void {
    this.#entries.set(cid, { pending, cid, sentAt: undefined });
  }

  settle(reply: SignalReply): void {
    const entry = this.#entries.get(reply.cid);
    this.#entries.delete(reply.cid);
    entry?.pending.settle(reply);
  }

  /** What is to be written now, a list for each frame. */
  frames(now: number): readonly (readonly SignalMessage[])[] {
    const frames: SignalMessage[][] = [];
    let chars = 0;
    for (const entry of this.#entries.values()) {
      if (entry.sentAt !== undefined) continue;
      const { body } = entry.pending;
      const size = charsOf(body);
      const message = { ...body, cid: entry.cid };
      const last = frames.at(-1);
      if (last === undefined || last.length === maxMessagesPerFrame || chars + size > maxFrameChars) {
        frames.push([message]);
        chars = size;
      } else {
        last.push(message);
        chars += size;
      }
      entry.sentAt = now;
    }
    return frames;
  }

  /** The socket is gone, and with it what was written. */
  unsend(): void {
    for (const entry of this.#entries.values()) entry.sentAt = undefined;
  }

  /**
   * Commands up to `lastCid` took effect and lost only their replies; newer ones are written again under their id. So is
   * what made a session: the server knows it by its id and tells again what became of it.
   */
  resume(lastCid: number, nextCid: () => number): void {
    const waiting = [...this.#entries.values()];
    this.#entries.clear();
    const renumbered: Entry[] = [];
    for (const entry of waiting) {
      const { cid, pending } = entry;
      if (!changesRoom(pending.body)) renumbered.push(entry);
      else if (cid > lastCid || makesSession(pending.body)) this.#entries.set(cid, entry);
      else pending.settle({ cid, ok: true });
    }
    for (const entry of renumbered) {
      entry.cid = nextCid();
      this.#entries.set(entry.cid, entry);
    }
  }

  /** Gives up what has waited too long. Returns since when the oldest of all has waited; `now` when none does. */
  expire(now: number): number {
    let oldest = now;
    for (const { cid, sentAt, pending } of [...this.#entries.values()]) {
      if (sentAt === undefined) continue;
      oldest = Math.min(oldest, sentAt);
      if (now - sentAt < unansweredAfterMs) continue;
      this.#entries.delete(cid);
      pending.reject(new SluiceError('unavailable', 'The server did not answer'));
    }
    return oldest;
  }

  /** Gives back everything that waits, which is no longer its concern. */
  empty(): readonly Pending[] {
    const waiting = [...this.#entries.values()].map(({ pending }) => pending);
    this.#entries.clear();
    return waiting;
  }
}

function changesRoom(body: SignalBody): boolean {
  switch (body.do) {
    case 'signal':
    case 'stats':
    case 'mixer-stats':
    case 'ice-servers':
    case 'ticket':
      return false;
    case 'stream-control':
      return body.request.operation !== 'get-region';
    default:
      return true;
  }
}

function makesSession(body: SignalBody): boolean {
  return body.do === 'publish' || body.do === 'subscribe';
}

function charsOf(body: SignalBody): number {
  if (body.do === 'publish' || body.do === 'subscribe') return 500 + (body.offer?.length ?? 0);
  if (body.do === 'signal' && body.signaling.type === 'offer') return 500 + body.signaling.sdp.length;
  return 500;
}
