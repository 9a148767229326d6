// Owns what one edge hears of a room's texts, and whether each is the next of its participant and of the log.
import { createHash } from 'node:crypto';
import type { LiveRoom, NoticeBatch } from '../../../edge/rooms/live-room.ts';
import { encodeState } from '../../../edge/rooms/snapshot-codec.ts';
import type { Heard } from './orders.ts';

/** The text number `n` of a participant; about 50 characters, which makes a log entry of 160 bytes. */
export function textOf(participant: string, n: number): string {
  return `${participant} ${n} `.padEnd(50, '.');
}

export class Hearing {
  readonly #room: LiveRoom;
  readonly #last = new Map<string, { n: number }>();
  readonly #wrong: string[] = [];
  #texts = 0;
  #hash = 0;
  #seq: number;

  constructor(room: LiveRoom) {
    this.#room = room;
    this.#seq = room.state.seq;
    room.listen((batch) => this.#hear(batch));
  }

  /** Resolves once log entry `seq` and all before it were heard. */
  async upTo(seq: number): Promise<Heard> {
    while (this.#seq < seq) await new Promise((resolve) => setTimeout(resolve, 5));
    return {
      seq: this.#seq,
      texts: this.#texts,
      hash: this.#hash,
      last: [...this.#last].map(([participant, { n }]) => [participant, n]),
      wrong: this.#wrong,
      state: createHash('sha256').update(encodeState(this.#room.state)).digest('hex'),
    };
  }

  #hear({ seq, notices, seqs = [] }: NoticeBatch): void {
    for (const [index, { notice }] of notices.entries()) {
      if (notice.type !== 'text') continue;
      const { from, message } = notice;
      const space = from.length + 1;
      const n = Number(message.slice(space, message.indexOf(' ', space)));
      const last = this.#lastOf(from);
      last.n += 1;
      if (n !== last.n) this.#note(`${from}: ${n} instead of ${last.n}`);
      const at = seqs[index] ?? Number.NaN;
      if (!(at > this.#seq)) this.#note(`entry ${at} after ${this.#seq}`);
      this.#seq = at;
      this.#texts += 1;
      this.#hash = (Math.imul(this.#hash, 31) + from.charCodeAt(from.length - 1) * 65_599 + n) | 0;
    }
    this.#seq = Math.max(this.#seq, seq);
  }

  #lastOf(participant: string): { n: number } {
    const present = this.#last.get(participant) ?? { n: 0 };
    if (present.n === 0) this.#last.set(participant, present);
    return present;
  }

  #note(what: string): void {
    if (this.#wrong.length < 10) this.#wrong.push(what);
  }
}
