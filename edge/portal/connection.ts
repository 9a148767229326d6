// Owns one connection's life: connected → joining → joined → ended. It joins or resumes a session and passes its
// requests on; the participant's own life, which may outlast it, is `session.ts`.
import { SluiceError } from '../../schemas/error.ts';
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Mail } from '../../schemas/hand-over.ts';
import type { GivenTicket, JoinResult, ResumeResult } from '../../schemas/signal.ts';
import type { Clock } from '../clock.ts';
import type { PortalAddress } from '../tokens/portal-address.ts';
import type { Delivery } from './delivery.ts';
import { inTime } from './in-time.ts';
import type { EndReason, Link, Protocol } from './link.ts';
import type { Position } from './position.ts';
import type { RoomRequest } from './requests.ts';
import type { Line, Session } from './session.ts';
import type { PortalSettings } from './settings.ts';

export interface LoginTerms {
  readonly token: string;
  /** The participant's id; made at random when absent. */
  readonly participant?: string;
  /** How long to keep the participant when its connection breaks; the portal's own time when absent. */
  readonly keepMs?: number;
  /** Of an OWT client. */
  readonly protocol?: Mail['version'];
}

export interface ResumeTerms {
  readonly ticket: string;
  /** Where the client says it left off, if its protocol counts. */
  readonly position?: Position;
  /** For others: asked once what the session owes is known. */
  readonly recall?: (session: Session) => Position | undefined;
  /** What to do when the history after that position is gone: give the whole room, or refuse. */
  readonly otherwise: 'whole-room' | 'refuse';
}

/** What a connection asks of its portal. `join` and `resume` call `acknowledge` and deliver notices only after that. */
export interface Front {
  readonly clock: Clock;
  readonly edge: string;
  readonly settings: PortalSettings;
  join(
    terms: LoginTerms,
    line: ActiveLine,
    acknowledge: (result: JoinResult, session: Session) => void,
  ): Promise<Session>;
  resume(
    terms: ResumeTerms,
    line: ActiveLine,
    acknowledge: (result: ResumeResult, session: Session) => void,
  ): Promise<Session>;
  renew(session: Session): Promise<GivenTicket>;
  /** It waits for a client of that address to join, or does so no longer. */
  waits(address: string, waits: boolean): void;
  /** It is over, for a reason of the portal's, by the client's wish (`left`), or because its socket is gone (`lost`). */
  gone(connection: Connection, why: EndReason | 'lost'): void;
  /** Runs and counts what a client asks. */
  counted<T>(verb: string, ask: () => Promise<T>): Promise<T>;
}

/** A line that may have ended while its session was being made. */
export interface ActiveLine extends Line {
  readonly alive: boolean;
  readonly protocol: Protocol;
  /** The session began; called before anything is delivered. */
  began(session: Session): void;
}

type Life =
  | { readonly phase: 'connected'; readonly cancelDeadline: Unsubscribe }
  | { readonly phase: 'joining'; readonly cancelDeadline: Unsubscribe }
  | { readonly phase: 'joined'; readonly session: Session }
  | { readonly phase: 'ended' };

export class Connection {
  readonly #front: Front;
  readonly #link: Link;
  readonly #line: ActiveLine;
  readonly #address: string;
  #life: Life;
  #left = false;

  constructor(front: Front, link: Link, address: string) {
    this.#front = front;
    this.#link = link;
    this.#address = address;
    this.#life = this.#unjoined();
    const isAlive = () => this.#life.phase !== 'ended';
    this.#line = {
      resumesElsewhere: link.resumesElsewhere,
      protocol: link.protocol,
      get movable() {
        return link.movable;
      },
      get alive() {
        return isAlive();
      },
      began: (session) => {
        if (this.#life.phase === 'joining') this.#stopWaiting(this.#life.cancelDeadline);
        this.#life = { phase: 'joined', session };
      },
      deliver: (delivery: Delivery) => {
        link.deliver(delivery);
      },
      settled: () => link.settled(),
      end: (reason, to) => {
        this.#end(reason, to);
      },
    };
  }

  get protocol(): Protocol {
    return this.#link.protocol;
  }

  get phase(): Life['phase'] {
    return this.#life.phase;
  }

  get session(): Session | undefined {
    return this.#life.phase === 'joined' ? this.#life.session : undefined;
  }

  /**
   * Redeems a join token and joins its room. `acknowledge` is called before any notice is delivered. Rejects with
   * SluiceError; its message is that of portal-protocol §5.
   */
  async login(terms: LoginTerms, acknowledge: (result: JoinResult, session: Session) => void): Promise<void> {
    await this.#front.counted('join', () =>
      this.#joining('join', () => this.#front.join(terms, this.#line, acknowledge)),
    );
  }

  /** Takes a participation over by its ticket. Rejects with SluiceError (portal-protocol §9). */
  async resume(
    terms: ResumeTerms,
    acknowledge: (result: ResumeResult, session: Session) => void,
  ): Promise<void> {
    await this.#front.counted('resume', () =>
      this.#joining('relogin', () => this.#front.resume(terms, this.#line, acknowledge)),
    );
  }

  /** As `Session.ask`; without a `cid` the command gets the session's next. */
  async ask(request: RoomRequest, cid?: number): Promise<unknown> {
    const { session } = this;
    if (session === undefined) throw new SluiceError('unauthenticated', 'Illegal request');
    return this.#front.counted(request.do, () => session.ask(request, cid ?? session.nextCid()));
  }

  /** A fresh ticket for the joined participant. */
  async renew(): Promise<GivenTicket> {
    const { session } = this;
    if (session === undefined) throw new SluiceError('unauthenticated', 'Illegal request');
    return this.#front.counted('ticket', () => this.#front.renew(session));
  }

  /** The client's socket is gone. */
  lost(): void {
    const life = this.#life;
    if (life.phase === 'ended') return;
    this.#close(this.#left ? 'left' : 'lost');
    if (life.phase === 'joined') life.session.lost(this.#line);
  }

  /** Ends the connection for a reason of the portal's. */
  end(reason: EndReason): void {
    this.#end(reason);
  }

  async #joining(what: string, join: () => Promise<Session>): Promise<void> {
    const life = this.#life;
    if (life.phase !== 'connected') throw new SluiceError('bad-request', 'Connection is in service');
    this.#life = { phase: 'joining', cancelDeadline: life.cancelDeadline };
    const { clock, edge, settings } = this.#front;
    try {
      // When it is done too late the gateway has ended this connection, and the session ends with it.
      await inTime(join(), { clock, timeoutMs: settings.answerMs, what: `${edge}.${what}` });
    } catch (error) {
      this.#joinFailed();
      throw error;
    }
  }

  /** It may try again, in what is left of its time. */
  #joinFailed(): void {
    const life = this.#life;
    if (life.phase === 'joining') this.#life = { phase: 'connected', cancelDeadline: life.cancelDeadline };
  }

  #end(reason: EndReason, to?: PortalAddress): void {
    const life = this.#life;
    if (life.phase === 'ended') return;
    // After `left` the client may stay connected; it must join again in time.
    if (reason === 'left') {
      this.#left = true;
      this.#life = this.#unjoined();
    } else this.#close(reason);
    this.#link.end(reason, to);
  }

  #close(why: EndReason | 'lost'): void {
    const life = this.#life;
    if (life.phase === 'connected' || life.phase === 'joining') this.#stopWaiting(life.cancelDeadline);
    this.#life = { phase: 'ended' };
    this.#front.gone(this, why);
  }

  #stopWaiting(cancelDeadline: Unsubscribe): void {
    cancelDeadline();
    this.#front.waits(this.#address, false);
  }

  #unjoined(): Life {
    this.#front.waits(this.#address, true);
    const cancelDeadline = this.#front.clock.after(this.#front.settings.loginMs, () => {
      this.#end('idle');
    });
    return { phase: 'connected', cancelDeadline };
  }
}
