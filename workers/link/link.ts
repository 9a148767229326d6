// Owns the link to one other worker: its one connection, begun again when it is lost. Which of the two offers is
// fixed, so they never both do. The rooms that use it are linked-rooms.ts's; what the packets mean is session.ts.
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { channelAt, channels, type Bus, type Unsubscribe } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import {
  linkAnswerSchema,
  offersLink,
  type DesiredLink,
  type LinkAnswer,
  type LinkSignal,
  type LinkStats,
} from '../../schemas/link.ts';
import type { WorkerRequest } from '../../schemas/worker.ts';
import { TwccSender } from '../rtp/twcc-sender.ts';
import type { Router } from '../routing/router.ts';
import type { MediaRim } from '../webrtc/media-rim.ts';
import { BackOff } from './back-off.ts';
import { Connection, type PeerCredentials } from './connection.ts';
import { LinkedRooms } from './linked-rooms.ts';
import type { LinkOutlet } from './outgoing-track.ts';
import { RepairBudget } from './repair-budget.ts';
import { Session } from './session.ts';
import { Teller } from './teller.ts';

export interface LinkOptions {
  readonly own: string;
  readonly peer: string;
  readonly bus: Bus;
  readonly rim: MediaRim;
}

const limits = {
  askMs: 3000,
  /** From the offer until DTLS is up. */
  connectMs: 10_000,
  /** Who does not offer asks to be offered one when none came within this time. */
  patienceMs: 200,
  leastWaitMs: 100,
  mostWaitMs: 3000,
} as const;

type Offer = Extract<LinkSignal, { type: 'offer' }>;

/** One connection, being made or up. */
interface Live {
  readonly id: string;
  readonly connection: Connection;
  readonly ownSsrc: number;
  /** Once the other end's SSRC is known. */
  session: Session | undefined;
  cancelDeadline: Unsubscribe;
  readonly teller: Teller;
  heardPackets: number;
  heardMs: number;
}

export class Link {
  readonly peer: string;
  readonly #options: LinkOptions;
  readonly #offers: boolean;
  readonly #rooms: LinkedRooms;
  /** Counts the failures to reach the other one: after each another home has its turn. */
  #turn = 0;
  readonly #backOff = new BackOff(limits.leastWaitMs, limits.mostWaitMs);
  #live: Live | undefined;
  #cancelWait: Unsubscribe | undefined;
  #stale = true;
  #connections = 0;
  #packetsBefore = 0;
  #closed = false;

  constructor(options: LinkOptions) {
    const { own, peer, rim } = options;
    this.peer = peer;
    this.#options = options;
    this.#offers = offersLink(own, peer);
    // Before there is a session nothing is sent, so that these two are not used.
    const idle = { transportCc: new TwccSender(rim.arrivalSamples), repairs: new RepairBudget() };
    const live = (): Live | undefined => this.#live;
    const outlet: LinkOutlet = {
      get up() {
        const now = live();
        return now?.session !== undefined && now.connection.up;
      },
      get transportCc() {
        return live()?.session?.transportCc ?? idle.transportCc;
      },
      get repairs() {
        return live()?.session?.repairs ?? idle.repairs;
      },
      scratch: rim.scratch,
      send: (packet) => live()?.connection.send(packet) === true,
      random32: () => rim.random32(),
    };
    this.#rooms = new LinkedRooms({
      outlet,
      feedback: {
        nack: (ssrc, sequences) => this.#live?.session?.nack(ssrc, sequences),
        pli: (ssrc) => this.#live?.session?.pli(ssrc),
      },
      changed: (room, what) => {
        this.#stale = true;
        if (what === 'outgoing') this.#live?.teller.changed(room);
      },
    });
    if (this.#offers) void this.#offer();
    else this.#wait(limits.patienceMs);
  }

  /** Whether any room needs it. */
  get wanted(): boolean {
    return this.#rooms.size > 0;
  }

  /** Packets received and sent since it began, for the load. */
  get packets(): number {
    const { packetsReceived = 0, packetsSent = 0 } = this.#live?.connection ?? {};
    return this.#packetsBefore + packetsReceived + packetsSent;
  }

  /** Follows the document of a room with that home; undefined: the room needs nothing of the link any more. */
  want(room: string, home: string | undefined, router: Router, wanted: DesiredLink | undefined): void {
    if (wanted === undefined) this.#rooms.forget(room);
    else this.#rooms.want(room, home, router, wanted, this.#options.rim.nowMs());
    this.#settle();
  }

  /**
   * Takes what the other worker says. Throws SluiceError `not-found` for another connection than the present one,
   * `bad-request` for an offer from who is not to offer, `unavailable`.
   */
  async signal(signal: LinkSignal): Promise<LinkAnswer | { readonly ok: true }> {
    switch (signal.type) {
      case 'offer':
        return this.#answer(signal);
      case 'candidates':
        this.#known(signal.session).connection.addCandidates(signal.candidates);
        break;
      case 'wanted':
        this.#takeWish();
        break;
      case 'sources':
        this.#known(signal.session);
        this.#learn(signal.rooms);
        this.#settle();
        break;
    }
    return { ok: true };
  }

  /** To be called every 25 ms or so. */
  tick(nowMs: number): void {
    const live = this.#live;
    if (live?.connection.up !== true) return;
    const { packetsReceived } = live.connection;
    if (packetsReceived !== live.heardPackets) {
      live.heardPackets = packetsReceived;
      live.heardMs = nowMs;
    } else if (nowMs - live.heardMs > this.#options.rim.silenceMs) {
      this.#lose(live, 'The peer fell silent');
      return;
    }
    live.session?.tick(nowMs);
    this.#settle();
  }

  stats(): LinkStats {
    const session = this.#live?.session;
    return {
      peer: this.peer,
      state: this.#live === undefined ? 'waiting' : this.#live.connection.up ? 'up' : 'connecting',
      connections: this.#connections,
      ...(session?.rttMs === undefined ? {} : { rttMs: session.rttMs }),
      ...(session?.availableBps === undefined ? {} : { availableBps: session.availableBps }),
      lossFraction: session?.lossFraction ?? 0,
      ...this.#rooms.stats(),
    };
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#drop();
    this.#rooms.close();
  }

  #learn(rooms: Extract<LinkSignal, { type: 'sources' }>['rooms']): void {
    const nowMs = this.#options.rim.nowMs();
    for (const { room, sources } of rooms) this.#rooms.learn(room, sources, nowMs);
  }

  /** What changed since the last time is taken up: where packets go, and what the other end is told. */
  #settle(): void {
    const live = this.#live;
    if (!live?.session) return;
    if (this.#stale) live.session.route(this.#rooms.tracks);
    this.#stale = false;
    live.teller.tell();
  }

  async #offer(): Promise<void> {
    const live = this.#connect(randomUUID());
    if (!live) return;
    const { connection } = live;
    try {
      const { candidates, ...own } = await connection.offer();
      const offer: Offer = {
        type: 'offer',
        session: live.id,
        credentials: { ...own, ssrc: live.ownSsrc },
      };
      const answer = v.safeParse(linkAnswerSchema, await this.#ask(offer));
      if (this.#live !== live) return;
      if (!answer.success) throw new SluiceError('internal', 'Malformed answer to a link');
      const { ssrc, ...peer } = answer.output.credentials;
      this.#start(live, ssrc);
      connection.accept(peer);
      // Whoever is checked first must know of the other; so the other end begins.
      await this.#ask({ type: 'candidates', session: live.id, candidates });
      if (this.#live === live) connection.addCandidates(answer.output.candidates);
    } catch (error) {
      this.#lose(live, error instanceof SluiceError ? error.message : 'The offer failed', error);
    }
  }

  async #answer({ session, credentials }: Offer): Promise<LinkAnswer> {
    if (this.#offers) throw new SluiceError('bad-request', 'This worker offers');
    if (this.#live) this.#retire(this.#live);
    const live = this.#connect(session);
    if (!live) throw new SluiceError('unavailable', 'The link is closed');
    const { ssrc, ...peer }: PeerCredentials & { readonly ssrc: number } = credentials;
    try {
      this.#start(live, ssrc);
      const { candidates, ...own } = await live.connection.answer(peer);
      return { credentials: { ...own, ssrc: live.ownSsrc }, candidates };
    } catch (error) {
      this.#lose(live, 'The answer failed', error);
      throw new SluiceError('unavailable', 'The link could not be answered', error);
    }
  }

  /** The other end has no connection. While one is being made it will hear of it; one that is up is not the other end's. */
  #takeWish(): void {
    if (!this.#offers || this.#closed) return;
    if (this.#live?.connection.up === true) this.#lose(this.#live, 'The peer began anew');
    if (!this.#live) this.#wait(0);
  }

  #connect(id: string): Live | undefined {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    if (this.#closed) return undefined;
    const { rim, own } = this.#options;
    try {
      const connection: Connection = new Connection({
        name: `link ${own} ${this.peer}`,
        rim,
        events: {
          rtp: (packet) => live.session?.receiveRtp(packet),
          rtcp: (packet) => live.session?.receiveRtcp(packet),
          up: () => {
            this.#comeUp(live);
          },
          failed: (reason) => {
            this.#lose(live, reason);
          },
        },
      });
      const live: Live = {
        id,
        connection,
        ownSsrc: rim.random32(),
        session: undefined,
        cancelDeadline: rim.clock.after(limits.connectMs, () => {
          if (!connection.up) this.#lose(live, 'Connection was not made in time');
        }),
        teller: new Teller({
          session: id,
          clock: rim.clock,
          ask: (signal) => this.#ask(signal),
          sources: (room) => this.#rooms.sources(room),
          unknown: () => {
            this.#lose(live, 'The peer does not know the connection');
          },
        }),
        heardPackets: 0,
        heardMs: rim.nowMs(),
      };
      this.#live = live;
      this.#rooms.unlearn();
      return live;
    } catch (cause) {
      rim.log.error('a link could not be made', { peer: this.peer, error: cause });
      this.#wait(this.#backOff.take());
      return undefined;
    }
  }

  #start(live: Live, peerSsrc: number): void {
    const { rim } = this.#options;
    live.session = new Session({
      rim,
      ownSsrc: live.ownSsrc,
      peerSsrc,
      send: (packet) => live.connection.send(packet),
    });
    for (const room of this.#rooms.restart(rim.nowMs())) live.teller.changed(room);
    this.#stale = true;
    this.#settle();
  }

  #comeUp(live: Live): void {
    if (this.#live !== live) return;
    live.cancelDeadline();
    live.heardMs = this.#options.rim.nowMs();
    this.#connections++;
    this.#backOff.reset();
    this.#options.rim.log.info('link up', { peer: this.peer, connections: this.#connections });
  }

  /** The connection is over; there will be another one. */
  #lose(live: Live, reason: string, cause?: unknown): void {
    if (this.#live !== live) return;
    this.#retire(live);
    const waitMs = this.#backOff.take();
    const fields = { peer: this.peer, reason, waitMs, ...(cause === undefined ? {} : { cause }) };
    if (isPremature(cause)) this.#options.rim.log.info('the peer wants no link yet', fields);
    else this.#options.rim.log.warn('link lost', fields);
    this.#wait(waitMs);
  }

  #retire(live: Live): void {
    this.#live = undefined;
    live.cancelDeadline();
    live.teller.close();
    live.connection.close();
    this.#packetsBefore += live.connection.packetsReceived + live.connection.packetsSent;
  }

  #drop(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    if (this.#live) this.#retire(this.#live);
  }

  #wait(ms: number): void {
    if (this.#closed) return;
    this.#cancelWait?.();
    this.#cancelWait = this.#options.rim.clock.after(ms, () => {
      this.#cancelWait = undefined;
      if (this.#offers) void this.#offer();
      else void this.#wantOffer();
    });
  }

  async #wantOffer(): Promise<void> {
    try {
      await this.#ask({ type: 'wanted' });
    } catch {
      // It is asked again, until an offer comes.
    }
    if (!this.#live && !this.#cancelWait) this.#wait(this.#backOff.take() + limits.patienceMs);
  }

  #known(session: string): Live {
    const live = this.#live;
    if (live?.id !== session) throw new SluiceError('not-found', 'This connection does not exist');
    return live;
  }

  async #ask(signal: LinkSignal): Promise<unknown> {
    const { bus, own, peer } = this.#options;
    const request: WorkerRequest = { type: 'link-signal', from: own, signal };
    const { homes } = this.#rooms;
    const channel = channelAt(homes[this.#turn % homes.length], channels.worker(peer));
    try {
      return await bus.request(channel, request, limits.askMs);
    } catch (error) {
      if (error instanceof SluiceError && error.code === 'unavailable') this.#turn += 1;
      throw error;
    }
  }
}

/** The other worker has not heard of the room yet. */
function isPremature(cause: unknown): boolean {
  return cause instanceof SluiceError && cause.code === 'not-found';
}
