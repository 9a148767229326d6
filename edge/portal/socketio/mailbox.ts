// Owns what one OWT client was sent and has not confirmed. OWT clients do not count what they receive, so the server has
// to know; a mailbox belongs to a session and outlives its sockets (portal-protocol §9.1).
import type { Position } from '../connection.ts';
import type { Delivery } from '../delivery.ts';
import type { Session } from '../session.ts';
import { answerEvent, owtEvents, type OwtEvent } from './owt-events.ts';
import type { OwtVersion } from './owt-version.ts';
import type { SioSocket } from './sio-socket.ts';

/** Answers do not stand in the room's history, so those not confirmed are kept here. */
const maxAnswers = 32;
/** A participant has few transports, one after the other. */
const maxAnswered = 64;
/** Confirmations asked for at the same time; what is sent meanwhile is asked about when one of them comes. */
const maxAsking = 8;

interface Answer {
  readonly count: number;
  /** The transport's first: once it is up the client must have had it. */
  readonly isFirst: boolean;
  readonly transport: string;
  readonly event: OwtEvent;
}

export class Mailbox {
  readonly #session: Session;
  readonly #version: OwtVersion;
  #socket: SioSocket | undefined;
  /** Everything up to here has reached the client. */
  #confirmed: Position;
  #sentSeq: number;
  /** Counts what was sent, so that a confirmation says which part it covers. */
  #sent = 0;
  #confirmedCount = 0;
  #asking = 0;
  #askedCount = 0;
  #answers: Answer[] = [];
  readonly #answered = new Set<string>();

  /** The client has the room as of the session's present seq: by its login, or because nothing older is known. */
  constructor(session: Session, socket: SioSocket, version: OwtVersion) {
    this.#session = session;
    this.#version = version;
    this.#socket = socket;
    this.#sentSeq = session.seen;
    this.#confirmed = { seq: session.seen, epoch: session.room.epoch };
  }

  /** What the client speaks, on every socket it comes by. */
  get version(): OwtVersion {
    return this.#version;
  }

  /** Where the client left off. */
  get position(): Position {
    return this.#confirmed;
  }

  deliver(delivery: Delivery): void {
    for (const notice of delivery.notices)
      if (notice.type === 'transport-ready') this.#isUp(notice.transport);
    for (const event of owtEvents(delivery, this.#version)) this.#socket?.emit(event.name, event.data);
    this.#sentSeq = delivery.seq;
    this.#count();
  }

  /** Sends the answer to an offer on a transport, now or when the client is back. */
  answer(transport: string, sdp: string): void {
    const event = answerEvent(transport, sdp);
    this.#answers.push({ count: this.#sent + 1, isFirst: !this.#answered.has(transport), transport, event });
    this.#answered.add(transport);
    const [oldest] = this.#answered;
    if (this.#answered.size > maxAnswered && oldest !== undefined) this.#answered.delete(oldest);
    if (this.#answers.length > maxAnswers) this.#answers.shift();
    this.#socket?.emit(event.name, event.data);
    this.#count();
  }

  /**
   * The client has the answers of this transport: it sent an offer or candidates, which the SDK does only after the
   * answer. A pong may be lost where this was not, and the SDK gives its whole peer connection up when an answer comes
   * twice.
   */
  hasAnswers(transport: string): void {
    this.#answers = this.#answers.filter((answer) => answer.transport !== transport);
  }

  /** The client is back; the room's history after `position` follows, and `sendAnswers` when it said what it had to say. */
  attach(socket: SioSocket): void {
    this.#socket = socket;
    this.#asking = 0;
    this.#sentSeq = this.#confirmed.seq;
    this.#confirmedCount = this.#sent;
    this.#askedCount = this.#sent;
  }

  /** Sends the answers again that the client may not have had. */
  sendAnswers(): void {
    if (this.#answers.length === 0) return;
    for (const { event } of this.#answers) this.#socket?.emit(event.name, event.data);
    this.#count();
  }

  /** The socket is gone. Ignored when another one has taken over. */
  detach(socket: SioSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    // What came since and was not for this client need not be kept for it.
    if (this.#confirmedCount === this.#sent) this.#moveTo(this.#session.seen);
  }

  /** A connection comes up only by an answer that the client had; of later ones it says nothing. */
  #isUp(transport: string): void {
    this.#answers = this.#answers.filter((answer) => answer.transport !== transport || !answer.isFirst);
  }

  #count(): void {
    this.#sent += 1;
    this.#ask();
  }

  #ask(): void {
    const socket = this.#socket;
    if (socket === undefined || this.#asking >= maxAsking || this.#askedCount === this.#sent) return;
    const [count, seq] = [this.#sent, this.#sentSeq];
    this.#asking += 1;
    this.#askedCount = count;
    socket.confirm(() => {
      if (this.#socket !== socket) return;
      this.#asking -= 1;
      this.#confirmedCount = count;
      this.#moveTo(seq);
      this.#answers = this.#answers.filter((answer) => answer.count > count);
      this.#ask();
    });
  }

  #moveTo(seq: number): void {
    this.#confirmed = { seq, epoch: this.#session.room.epoch };
  }
}
