// Owns what one OWT client was sent and has not confirmed. OWT clients do not count what they receive, so the server has
// to know; a mailbox belongs to a session and outlives its sockets (portal-protocol §9.1).
import type { Position } from '../connection.ts';
import type { Delivery } from '../delivery.ts';
import type { Session } from '../session.ts';
import { owtEvents, type OwtEvent } from './owt-events.ts';
import type { SioSocket } from './sio-socket.ts';

/** Answers do not stand in the room's history, so those not confirmed are kept here. */
const maxAnswers = 32;

export class Mailbox {
  readonly #session: Session;
  #socket: SioSocket | undefined;
  /** Everything up to here has reached the client. */
  #confirmed: Position;
  #sentSeq: number;
  /** Counts what was sent, so that a confirmation says which part it covers. */
  #sent = 0;
  #confirmedCount = 0;
  #isAsking = false;
  #answers: { readonly count: number; readonly event: OwtEvent }[] = [];

  /** The client has the room as of the session's present seq: by its login, or because nothing older is known. */
  constructor(session: Session, socket: SioSocket) {
    this.#session = session;
    this.#socket = socket;
    this.#sentSeq = session.seen;
    this.#confirmed = { seq: session.seen, epoch: session.room.epoch };
  }

  /** Where the client left off. */
  get position(): Position {
    return this.#confirmed;
  }

  deliver(delivery: Delivery): void {
    for (const event of owtEvents(delivery)) this.#socket?.emit(event.name, event.data);
    this.#sentSeq = delivery.seq;
    this.#count();
  }

  /** Sends the answer to an offer, now or when the client is back. */
  answer(event: OwtEvent): void {
    this.#answers.push({ count: this.#sent + 1, event });
    if (this.#answers.length > maxAnswers) this.#answers.shift();
    this.#socket?.emit(event.name, event.data);
    this.#count();
  }

  /** The client is back: answers it may have missed go first, the room's history follows. */
  attach(socket: SioSocket): void {
    this.#socket = socket;
    this.#isAsking = false;
    this.#sentSeq = this.#confirmed.seq;
    this.#confirmedCount = this.#sent;
    for (const { event } of this.#answers) socket.emit(event.name, event.data);
    if (this.#answers.length > 0) this.#count();
  }

  /** The socket is gone. Ignored when another one has taken over. */
  detach(socket: SioSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    // What came since and was not for this client need not be kept for it.
    if (this.#confirmedCount === this.#sent) this.#moveTo(this.#session.seen);
  }

  #count(): void {
    this.#sent += 1;
    this.#ask();
  }

  /** One question at a time: its answer covers all that was sent before it. */
  #ask(): void {
    const socket = this.#socket;
    if (this.#isAsking || socket === undefined) return;
    this.#isAsking = true;
    const count = this.#sent;
    const seq = this.#sentSeq;
    socket.confirm(() => {
      if (this.#socket !== socket) return;
      this.#isAsking = false;
      this.#confirmedCount = count;
      this.#moveTo(seq);
      this.#answers = this.#answers.filter((answer) => answer.count > count);
      if (this.#sent > count) this.#ask();
    });
  }

  #moveTo(seq: number): void {
    this.#confirmed = { seq, epoch: this.#session.room.epoch };
  }
}
