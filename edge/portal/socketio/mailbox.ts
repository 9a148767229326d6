// Owns what one OWT client was sent and has not confirmed. OWT clients do not count what they receive, so the server has
// to know; a mailbox belongs to a session, outlives its sockets, and is handed over to the edge where its client comes
// back (portal-protocol §9.1).
import type { KeptAnswer } from '../../../schemas/hand-over.ts';
import type { Notice } from '../../../schemas/notice.ts';
import type { Position } from '../position.ts';
import type { Delivery } from '../delivery.ts';
import type { Keepsake, Owed } from '../owed.ts';
import type { Session } from '../session.ts';
import { answerEvent, owtEvents } from './owt-events.ts';
import type { OwtVersion } from './owt-version.ts';
import type { SioSocket } from './sio-socket.ts';

/** Answers do not stand in the room's history, so those not confirmed are kept here. */
const maxAnswers = 32;
/** A participant has few transports, one after the other. */
const maxAnswered = 64;
/** Confirmations asked for at the same time; what is sent meanwhile is asked about when one of them comes. */
const maxAsking = 8;

interface Answer extends KeptAnswer {
  readonly count: number;
  /** The transport's first: once it is up the client must have had it. */
  readonly isFirst: boolean;
}

/** What a client may have, as its login settled it. */
export interface MailTerms {
  /** What the client speaks, on every socket it comes by. */
  readonly version: OwtVersion;
  /** Whether it may ask for tickets. */
  readonly ticket: boolean;
}

export class Mailbox implements Keepsake {
  readonly terms: MailTerms;
  readonly #session: Session;
  #socket: SioSocket | undefined;
  /** Everything up to here has reached the client. */
  #confirmed: Position;
  #sentSeq: number;
  /** Counts what was sent, so that a confirmation says which part it covers. */
  #sent = 0;
  #confirmedCount = 0;
  #asking = 0;
  #askedCount = 0;
  #answers: Answer[];
  /** From the edge where the client was before; everything in it comes before what the room's history here holds. */
  #backlog: { readonly notices: readonly Notice[]; count: number } | undefined;
  #whenSettled: (() => void)[] = [];
  readonly #answered = new Set<string>();

  /** The client has the room as of the session's present seq, by its login; or it is owed what it was at another edge. */
  constructor(session: Session, terms: MailTerms, owed?: Owed) {
    this.terms = terms;
    this.#session = session;
    const { position, backlog, mail } = owed ?? {};
    this.#confirmed = position ?? { seq: session.seen, epoch: session.room.epoch };
    this.#sentSeq = this.#confirmed.seq;
    this.#answers = (mail?.answers ?? []).map((answer) => ({ ...answer, count: 0 }));
    for (const { transport } of this.#answers) this.#answered.add(transport);
    if (backlog !== undefined && backlog.length > 0) this.#backlog = { notices: backlog, count: 0 };
  }

  /** Where the client left off. */
  get position(): Position {
    return this.#confirmed;
  }

  owed(): Owed {
    const answers = this.#answers.map(({ transport, sdp, isFirst }) => ({ transport, sdp, isFirst }));
    const backlog = this.#backlog?.notices ?? [];
    return { backlog, position: this.#confirmed, mail: { ...this.terms, answers } };
  }

  /** Resolves when everything sent is confirmed, or when the socket is gone. */
  async settled(): Promise<void> {
    if (this.#socket === undefined || this.#confirmedCount === this.#sent) return;
    await new Promise<void>((resolve) => void this.#whenSettled.push(resolve));
  }

  deliver(delivery: Delivery): void {
    for (const notice of delivery.notices)
      if (notice.type === 'transport-ready') this.#isUp(notice.transport);
    this.#emit(delivery);
    this.#sentSeq = delivery.seq;
    this.#count();
  }

  /** Sends the answer to an offer on a transport, now or when the client is back. */
  answer(transport: string, sdp: string): void {
    this.#answers.push({ count: this.#sent + 1, isFirst: !this.#answered.has(transport), transport, sdp });
    this.#answered.add(transport);
    const [oldest] = this.#answered;
    if (this.#answered.size > maxAnswered && oldest !== undefined) this.#answered.delete(oldest);
    if (this.#answers.length > maxAnswers) this.#answers.shift();
    this.#emitAnswer(transport, sdp);
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

  /**
   * The client is here, for the first time or again: what it was owed at another edge is sent. The room's history after
   * `position` follows, and `sendAnswers` when it said what it had to say.
   */
  attach(socket: SioSocket): void {
    this.#socket = socket;
    this.#asking = 0;
    this.#sentSeq = this.#confirmed.seq;
    this.#confirmedCount = this.#sent;
    this.#askedCount = this.#sent;
    if (this.#backlog === undefined) return;
    this.#backlog.count = this.#sent + 1;
    this.#emit({ seq: this.#sentSeq, notices: this.#backlog.notices });
    this.#count();
  }

  /** Sends the answers again that the client may not have had. */
  sendAnswers(): void {
    if (this.#answers.length === 0) return;
    this.#answers = this.#answers.map((answer) => ({ ...answer, count: this.#sent + 1 }));
    for (const { transport, sdp } of this.#answers) this.#emitAnswer(transport, sdp);
    this.#count();
  }

  /** The socket is gone. Ignored when another one has taken over. */
  detach(socket: SioSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    // What came since and was not for this client need not be kept for it.
    if (this.#confirmedCount === this.#sent) this.#moveTo(this.#session.seen);
    this.#isSettled();
  }

  #emit(delivery: Delivery): void {
    for (const { name, data } of owtEvents(delivery, this.terms.version)) this.#socket?.emit(name, data);
  }

  #emitAnswer(transport: string, sdp: string): void {
    const { name, data } = answerEvent(transport, sdp);
    this.#socket?.emit(name, data);
  }

  #isSettled(): void {
    for (const resolve of this.#whenSettled.splice(0)) resolve();
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
      if (this.#backlog !== undefined && this.#backlog.count <= count) this.#backlog = undefined;
      if (count === this.#sent) this.#isSettled();
      this.#ask();
    });
  }

  #moveTo(seq: number): void {
    this.#confirmed = { seq, epoch: this.#session.room.epoch };
  }
}
