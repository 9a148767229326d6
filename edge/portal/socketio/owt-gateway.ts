// Owns the gateway of the OWT protocol 1.0 to 1.2 (portal-protocol §2–§12): one Socket.IO socket to one connection of the
// session core. It knows no Socket.IO library.
import type { Unsubscribe } from '../../../schemas/bus.ts';
import { SluiceError } from '../../../schemas/error.ts';
import type { Connection } from '../connection.ts';
import type { Delivery } from '../delivery.ts';
import type { EndReason, Link } from '../link.ts';
import type { Portal } from '../portal.ts';
import type { RoomRequest } from '../requests.ts';
import type { Session } from '../session.ts';
import { Mailbox } from './mailbox.ts';
import { loginResult, readLogin, type OwtLogin } from './owt-login.ts';
import { readRequest } from './owt-requests.ts';
import { isPlainData } from './plain-data.ts';
import type { SioConnection, SioSocket } from './sio-socket.ts';

type Acknowledge = (status: 'ok' | 'error', data?: unknown) => void;

/** Serves one Socket.IO socket. */
export function acceptOwt(portal: Portal, socket: SioSocket): SioConnection {
  return new OwtLink(portal, socket);
}

interface Waiting {
  readonly event: string;
  readonly data: unknown;
  readonly ack: Acknowledge;
}

/**
 * Socket.IO clients 2 and 4 send what was asked of them while offline before they tell the application that they are
 * connected again, so before the SDK can relogin: such requests wait so long for it.
 */
const reloginWithinMs = 300;
/** How long a client that came back by another socket may take to confirm what it got on this one. */
const settleMs = 250;

class OwtLink implements Link, SioConnection {
  readonly resumesElsewhere = false;
  readonly protocol = 'owt';
  readonly #portal: Portal;
  readonly #socket: SioSocket;
  readonly #connection: Connection;
  #mailbox: Mailbox | undefined;
  #isOpen = true;
  /** Requests that came before or during a relogin; undefined when none is to be expected. */
  #waiting: Waiting[] | undefined;
  #stopWaiting: Unsubscribe | undefined;

  constructor(portal: Portal, socket: SioSocket) {
    this.#portal = portal;
    this.#socket = socket;
    this.#connection = portal.connect(this, socket.address);
  }

  /** With a ticket the SDK comes back by itself after its transport broke. */
  get movable(): boolean {
    return this.#mailbox?.terms.ticket === true;
  }

  received(event: string, args: readonly unknown[]): void {
    if (!this.#isOpen) return;
    const ack = acknowledgement(args.findLast((each) => typeof each === 'function'));
    // Requests without data have the acknowledgement as their first argument (§3).
    const data = typeof args[0] === 'function' ? undefined : args[0];
    if (!isPlainData(data)) {
      ack('error', 'Invalid request');
      return;
    }
    void this.#take(event, data, ack);
  }

  closed(): void {
    this.#isOpen = false;
    this.#stopWaiting?.();
    this.#mailbox?.detach(this.#socket);
    this.#connection.lost();
  }

  deliver(delivery: Delivery): void {
    this.#mailbox?.deliver(delivery);
    if (this.#socket.bufferedBytes() <= this.#portal.settings.maxBufferedBytes) return;
    this.end('too-slow');
  }

  async settled(): Promise<void> {
    if (!this.#isOpen || this.#mailbox === undefined) return;
    const settled = this.#mailbox.settled();
    await new Promise<void>((resolve) => {
      const cancel = this.#portal.clock.after(settleMs, resolve);
      void settled.then(() => {
        cancel();
        resolve();
      });
    });
  }

  end(reason: EndReason): void {
    if (!this.#isOpen) return;
    switch (reason) {
      case 'left':
        // The client closes the socket itself (§10).
        return;
      case 'too-slow':
      case 'resync':
      case 'moved':
        this.#comeAgain();
        return;
      case 'dropped':
      case 'replaced':
      case 'idle':
      case 'shutdown':
        // Without `drop` the SDK stays silent about a disconnect that the server made (§10).
        this.#socket.emit('drop');
        this.#disconnect();
    }
  }

  async #take(event: string, data: unknown, ack: Acknowledge): Promise<void> {
    try {
      switch (event) {
        case 'login':
          await this.#login(data, ack);
          return;
        case 'relogin':
          await this.#relogin(data, ack);
          return;
        default:
      }
      if (this.#mayRelogin()) this.#wait({ event, data, ack });
      else await this.#request(event, data, ack);
    } catch (error) {
      ack('error', this.#textOf(error, event));
    }
  }

  async #login(data: unknown, ack: Acknowledge): Promise<void> {
    if (this.#connection.phase !== 'connected') throw inService();
    this.#resumeWaiting();
    const login = readLogin(data);
    if (typeof login === 'string') {
      ack('error', login);
      this.#disconnect();
      return;
    }
    const { token, keepMs, version: protocol } = login;
    const participant = this.#socket.id;
    try {
      await this.#connection.login(
        { token, participant, protocol, ...(keepMs === undefined ? {} : { keepMs }) },
        (result, session) => {
          this.#begin(session, login);
          ack('ok', loginResult(result, login));
        },
      );
    } catch (error) {
      ack('error', this.#textOf(error, 'login'));
      this.#disconnect();
    }
  }

  #begin(session: Session, { ticket, version }: OwtLogin): void {
    const mailbox = new Mailbox(session, { ticket, version });
    session.keepsake = mailbox;
    this.#mailbox = mailbox;
    mailbox.attach(this.#socket);
  }

  async #relogin(ticket: unknown, ack: Acknowledge): Promise<void> {
    if (this.#connection.phase !== 'connected') throw inService();
    this.#stopWaiting?.();
    this.#waiting ??= [];
    try {
      if (typeof ticket !== 'string') throw new SluiceError('unauthenticated', 'Invalid ticket');
      const recall = (session: Session) => mailboxOf(session)?.position;
      await this.#connection.resume({ ticket, recall, otherwise: 'refuse' }, (result, session) => {
        ack('ok', result.ticket);
        this.#mailbox = mailboxOf(session);
        this.#mailbox?.attach(this.#socket);
      });
    } catch (error) {
      if (isPassing(error)) {
        this.#comeAgain();
        return;
      }
      ack('error', this.#textOf(error, 'relogin'));
      this.#disconnect();
    }
    this.#resumeWaiting();
    this.#mailbox?.sendAnswers();
  }

  #mayRelogin(): boolean {
    if (this.#waiting !== undefined) return true;
    return this.#connection.phase === 'connected' && this.#mailbox === undefined;
  }

  #wait(request: Waiting): void {
    if (this.#waiting === undefined) {
      this.#waiting = [];
      this.#stopWaiting = this.#portal.clock.after(reloginWithinMs, () => {
        this.#resumeWaiting();
      });
    }
    if (this.#waiting.length < this.#portal.settings.maxPending) this.#waiting.push(request);
    else request.ack('error', 'Too many requests');
  }

  #resumeWaiting(): void {
    this.#stopWaiting?.();
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const { event, data, ack } of waiting) {
      this.#request(event, data, ack).catch((error: unknown) => ack('error', this.#textOf(error, event)));
    }
  }

  async #request(event: string, data: unknown, ack: Acknowledge): Promise<void> {
    const { session } = this.#connection;
    if (session === undefined) {
      ack('error', 'Illegal request');
      return;
    }
    switch (event) {
      case 'logout':
        await this.#connection.ask({ do: 'leave' });
        ack('ok');
        return;
      case 'refreshReconnectionTicket':
        if (this.#mailbox?.terms.ticket !== true)
          throw new SluiceError('forbidden', 'Reconnection is not enabled.');
        ack('ok', (await this.#connection.renew()).ticket);
        return;
      default:
    }
    const request = readRequest(event, data, {
      version: this.#mailbox?.terms.version ?? '1.2',
      layerOf: (stream, rid) =>
        session.room.state.streams.get(stream)?.tracks.find((track) => track.rid === rid)?.id,
    });
    if (request === undefined) ack('error', 'Illegal request');
    else if (typeof request === 'string') ack('error', request);
    else await this.#ask(request, ack);
  }

  async #ask(request: RoomRequest, ack: Acknowledge): Promise<void> {
    const mailbox = this.#mailbox;
    if (request.do === 'signal' && request.signaling.type !== 'answer')
      mailbox?.hasAnswers(request.transport);
    const result = await this.#connection.ask(request);
    switch (request.do) {
      case 'publish':
      case 'subscribe':
        ack('ok', result);
        return;
      case 'stream-control':
        ack('ok', result ?? 'ok');
        return;
      case 'signal':
        ack('ok');
        if (isAnswer(result)) mailbox?.answer(request.transport, result.answer);
        return;
      default:
        ack('ok');
    }
  }

  #textOf(error: unknown, event: string): string {
    if (error instanceof SluiceError) return error.message;
    this.#portal.log.error('request failed', { ...this.#who(), verb: event.slice(0, 64), error });
    return 'Unknown';
  }

  #who(): { readonly room?: string; readonly participant?: string } {
    const { session } = this.#connection;
    return session === undefined ? {} : { room: session.room.id, participant: session.participant };
  }

  /** Without an answer: its ticket is still good, and by a transport that broke the client comes back by itself. */
  #comeAgain(): void {
    this.#close(() => {
      this.#socket.cut();
    });
  }

  #disconnect(): void {
    this.#close(() => {
      this.#socket.disconnect();
    });
  }

  #close(closeSocket: () => void): void {
    if (!this.#isOpen) return;
    closeSocket();
    this.closed();
  }
}

/** What is kept for the session's client here, or was at the edge it comes from; undefined when that is not known. */
function mailboxOf(session: Session): Mailbox | undefined {
  if (session.keepsake instanceof Mailbox) return session.keepsake;
  const { owed } = session;
  if (owed === undefined) return undefined;
  // Of an edge that died nothing is known but that its client has a ticket.
  const { version = '1.2', ticket = true } = owed.mail ?? {};
  const mailbox = new Mailbox(session, { version, ticket }, owed);
  session.keepsake = mailbox;
  return mailbox;
}

/** What is away now, such as the store, may be there when it is asked again. */
function isPassing(error: unknown): boolean {
  return error instanceof SluiceError && error.code === 'unavailable';
}

function inService(): SluiceError {
  return new SluiceError('bad-request', 'Connection is in service');
}

function isAnswer(value: unknown): value is { readonly answer: string } {
  return typeof value === 'object' && value !== null && 'answer' in value && typeof value.answer === 'string';
}

/** Clients may leave the acknowledgement out (§3). It is used once. */
function acknowledgement(candidate: unknown): Acknowledge {
  if (typeof candidate !== 'function') return () => undefined;
  let isUsed = false;
  return (...args) => {
    if (isUsed) return;
    isUsed = true;
    // Legacy of the wire: an absent value is no argument at all.
    Reflect.apply(candidate, undefined, args);
  };
}
