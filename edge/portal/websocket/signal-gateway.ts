// Owns the gateway of Sluice's own protocol, `sluice.1` (schemas/SIGNAL.md): one WebSocket to one connection of the
// session core. It knows no WebSocket library.
import * as v from 'valibot';
import { refusalOf, SluiceError, type Refusal } from '../../../schemas/error.ts';
import {
  closeCodes,
  signalMessageSchema,
  type SignalMessage,
  type SignalReply,
} from '../../../schemas/signal.ts';
import type { Connection } from '../connection.ts';
import type { Delivery } from '../delivery.ts';
import { describeIssues } from '../describe-issues.ts';
import type { EndReason, Link } from '../link.ts';
import type { Portal } from '../portal.ts';
import { deliveryFrame, moveFrame, readFrame, replyAndDeliveryFrame, replyFrame } from './frames.ts';
import type { PortalAddress } from '../../tokens/portal-address.ts';
import type { Session } from '../session.ts';
import type { SignalSocket } from './signal-socket.ts';

/** Standard close codes (RFC 6455 §7.4.1 and its registry). */
const normalClosure = 1000;
const goingAway = 1001;
const serviceRestart = 1012;

const endings: Readonly<Record<EndReason, readonly [code: number, reason: string]>> = {
  left: [normalClosure, 'left'],
  dropped: [closeCodes.dropped, 'dropped'],
  replaced: [closeCodes.replaced, 'replaced by another connection'],
  idle: [closeCodes.idle, 'did not join in time'],
  'too-slow': [closeCodes.tooSlow, 'too slow'],
  resync: [serviceRestart, 'come back'],
  moved: [serviceRestart, 'go on at another edge'],
  shutdown: [goingAway, 'server stops'],
};

/** What the platform tells of a socket. Neither ever throws. */
export interface SignalConnection {
  /** A frame came; text frames are refused. */
  received(frame: Uint8Array | string): void;
  /** The socket is gone, whoever closed it. */
  closed(): void;
}

/** Serves one WebSocket whose client asked for subprotocol `sluice.1`. */
export function acceptSignal(portal: Portal, socket: SignalSocket): SignalConnection {
  return new SocketLink(portal, socket);
}

class SocketLink implements Link, SignalConnection {
  readonly resumesElsewhere = true;
  readonly movable = true;
  readonly protocol = 'sluice';
  readonly #portal: Portal;
  readonly #socket: SignalSocket;
  readonly #connection: Connection;
  #replies: SignalReply[] = [];
  #isOpen = true;

  constructor(portal: Portal, socket: SignalSocket) {
    this.#portal = portal;
    this.#socket = socket;
    this.#connection = portal.connect(this, socket.address);
  }

  received(frame: Uint8Array | string): void {
    if (!this.#isOpen) return;
    try {
      if (typeof frame === 'string') throw new SluiceError('bad-request', 'Text frames are not accepted');
      for (const message of readFrame(frame)) this.#take(message);
    } catch (error) {
      this.#refuseFrame(refusalOf(error));
    }
  }

  closed(): void {
    this.#isOpen = false;
    this.#replies = [];
    this.#connection.lost();
  }

  deliver(delivery: Delivery): void {
    if (!this.#isOpen) return;
    if (this.#replies.length === 0) {
      this.#send(deliveryFrame(delivery));
      return;
    }
    const replies = this.#replies;
    this.#replies = [];
    this.#send(replyAndDeliveryFrame(replies, delivery));
  }

  /** Its clients say themselves what they got. */
  settled(): Promise<void> {
    return Promise.resolve();
  }

  end(reason: EndReason, to?: PortalAddress): void {
    if (this.#isOpen && to !== undefined) {
      this.#flush();
      this.#socket.send(moveFrame(to));
    }
    this.#close(...endings[reason]);
  }

  #take(message: unknown): void {
    if (!this.#isOpen) return;
    const checked = v.safeParse(signalMessageSchema, message, { abortPipeEarly: true });
    if (checked.success) {
      void this.#do(checked.output);
      return;
    }
    const refusal: Refusal = { code: 'bad-request', message: describeIssues(checked.issues) };
    const cid = cidOf(message);
    if (cid === undefined) this.#refuseFrame(refusal);
    else this.#reply({ cid, ok: false, error: refusal });
  }

  async #do(message: SignalMessage): Promise<void> {
    const { cid } = message;
    try {
      switch (message.do) {
        case 'join':
          await this.#connection.login({ token: message.token }, (data, session) => {
            this.#reply({ cid, ok: true, data });
            this.#sayPosition(session);
          });
          return;
        case 'resume': {
          const { ticket, seq, epoch } = message;
          const terms = { ticket, position: { seq, epoch }, otherwise: 'whole-room' } as const;
          await this.#connection.resume(terms, (data, session) => {
            this.#reply({ cid, ok: true, data });
            if (data.room !== undefined) this.#sayPosition(session);
          });
          return;
        }
        case 'ticket':
          this.#reply({ cid, ok: true, data: await this.#connection.renew() });
          return;
        default: {
          const data = await this.#connection.ask(message, cid);
          this.#reply(data === undefined ? { cid, ok: true } : { cid, ok: true, data });
        }
      }
    } catch (error) {
      if (!(error instanceof SluiceError)) {
        const { session } = this.#connection;
        const who = session && { room: session.room.id, participant: session.participant };
        this.#portal.log.error('request failed', { ...who, verb: message.do, error });
      }
      this.#reply({ cid, ok: false, error: refusalOf(error) });
      const wasLogin = message.do === 'join' || message.do === 'resume';
      if (wasLogin && this.#connection.phase === 'connected') {
        this.#close(closeCodes.unauthenticated, 'not joined');
      }
    }
  }

  /** A room was given whole: the seq it stands for goes with it, so that a resume can begin there. */
  #sayPosition(session: Session): void {
    this.deliver({ seq: session.room.state.seq, notices: [] });
  }

  #reply(reply: SignalReply): void {
    if (!this.#isOpen) return;
    this.#replies.push(reply);
    if (this.#replies.length > 1) return;
    // At the end of this tick, unless a delivery takes them along before.
    this.#portal.clock.after(0, () => {
      this.#flush();
    });
  }

  #flush(): void {
    if (!this.#isOpen || this.#replies.length === 0) return;
    const replies = this.#replies;
    this.#replies = [];
    this.#send(replyFrame(replies));
  }

  #send(frame: Uint8Array): void {
    this.#socket.send(frame);
    if (this.#socket.bufferedBytes() <= this.#portal.settings.maxBufferedBytes) return;
    // What could not be sent is not lost: the client resumes where it stopped reading.
    this.#close(...endings['too-slow']);
  }

  #refuseFrame(refusal: Refusal): void {
    this.#close(closeCodes.badMessage, refusal.message);
  }

  #close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#flush();
    this.#isOpen = false;
    this.#socket.close(code, closeReason(reason));
    this.#connection.lost();
  }
}

/** A close frame holds at most 123 bytes of reason. */
function closeReason(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 120);
}

function cidOf(message: unknown): number | undefined {
  if (typeof message !== 'object' || message === null || !('cid' in message)) return undefined;
  const { cid } = message;
  return typeof cid === 'number' && Number.isSafeInteger(cid) && cid >= 1 ? cid : undefined;
}
