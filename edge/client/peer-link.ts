// Owns the media side of a participation: what the page wants published and subscribed, the present peer that carries
// it, and bringing everything back on a new one when the peer, its worker or the participation is lost.
import type { Notice } from '../../schemas/notice.ts';
import type { JoinResult, RoomView } from '../../schemas/signal.ts';
import type { StreamInfo } from '../../schemas/stream.ts';
import type { MediaChoice } from '../../schemas/request.ts';
import { refusalOf } from '../../schemas/error.ts';
import { backOffMs } from './back-off.ts';
import { Emitter } from './emitter.ts';
import type { Off } from './emitter.ts';
import { isPassing, Peer } from './peer.ts';
import type { Owner, Reading } from './peer.ts';
import { Publication } from './publication.ts';
import type { PublicationCarrier, PublishOptions } from './publication.ts';
import type { StatsMemory } from './stats.ts';
import { Subscription } from './subscription.ts';
import type { SubscribeOptions, SubscriptionCarrier, VideoChange } from './subscription.ts';
import type { Timers } from './timers.ts';
import { readNothing } from './wire.ts';
import type { SignalBody } from './wire.ts';

export type LinkState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting' }
  | { readonly phase: 'up' }
  | { readonly phase: 'recovering'; readonly reason: string }
  | { readonly phase: 'closed' };

export interface PeerLinkDeps {
  readonly timers: Timers;
  readonly request: <T>(body: SignalBody, read: (data: unknown) => T) => Promise<T>;
  readonly createPeerConnection: (configuration: RTCConfiguration) => RTCPeerConnection;
}

const retry = { firstMs: 80, maxMs: 3000 };
const maxFailures = 20;
const maxEarly = 64;
/** So many dead m-lines make it worth a short gap to be rid of them. */
const maxRetired = 90;

export class PeerLink implements PublicationCarrier, SubscriptionCarrier {
  readonly events = new Emitter<{ state: LinkState }>();
  readonly #deps: PeerLinkDeps;
  readonly #wanted = new Set<Owner>();
  /** Who was refused for a passing reason, how often, and waits to be tried again. */
  readonly #tries = new Map<Owner, number>();
  readonly #resting = new Map<Owner, Off>();
  /** What was told of sessions whose replies are still to come: their end's reason, or undefined for being up. */
  readonly #early = new Map<string, string | undefined>();
  #iceServers: JoinResult['iceServers'] = [];
  #peer: Peer | undefined;
  /** The peer whose negotiation is running. */
  #busy: Peer | undefined;
  #failures = 0;
  #holdOff: Off | undefined;
  #scheduled = false;
  #state: LinkState = { phase: 'idle' };

  constructor(deps: PeerLinkDeps) {
    this.#deps = deps;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** All that the page wants, in the order it was asked for. */
  get owners(): ReadonlySet<Owner> {
    return this.#wanted;
  }

  useIceServers(servers: JoinResult['iceServers']): void {
    this.#iceServers = servers;
  }

  publish(media: MediaStream, options: PublishOptions): Publication {
    const publication = new Publication(this, media, options);
    this.#want(publication);
    return publication;
  }

  subscribe(stream: StreamInfo, options: SubscribeOptions): Subscription {
    const subscription = new Subscription(this, stream, options);
    this.#want(subscription);
    return subscription;
  }

  unpublish(publication: Publication): void {
    this.#unwant(publication, 'unpublish');
  }

  unsubscribe(subscription: Subscription): void {
    this.#unwant(subscription, 'unsubscribe');
  }

  async control(session: string, operation: 'pause' | 'play', data: MediaChoice): Promise<void> {
    const owner = this.#peer?.ownerOf(session);
    const request = { id: session, operation, data };
    await this.#deps.request(
      owner instanceof Subscription
        ? { do: 'subscription-control', request }
        : { do: 'stream-control', request },
      readNothing,
    );
  }

  async update(session: string, video: VideoChange): Promise<void> {
    const request = { id: session, operation: 'update' as const, data: { video } };
    await this.#deps.request({ do: 'subscription-control', request }, readNothing);
  }

  /** The notices of one frame, of which those about our own sessions matter here. */
  take(notices: readonly Notice[]): void {
    const transport = this.#peer?.transport;
    // The ends of its sessions stand before the end of the transport, and it is the latter that explains them.
    const failure = notices.find(
      (notice) =>
        transport !== undefined &&
        ((notice.type === 'transport-failed' && notice.transport === transport) ||
          (notice.type === 'session-ended' &&
            notice.transport === transport &&
            notice.reason === 'Node lost')),
    );
    if (failure !== undefined && 'reason' in failure) {
      this.#recover(failure.reason);
      return;
    }
    for (const notice of notices)
      if (notice.type === 'session-ready') this.#became(notice.session, undefined);
      else if (notice.type === 'session-ended') this.#became(notice.session, notice.reason);
  }

  /** The stream is gone from the room: whoever watched it has nothing left to watch. */
  streamRemoved(stream: string): void {
    for (const owner of [...this.#wanted])
      if (owner instanceof Subscription && owner.stream.id === stream) {
        this.#unwant(owner, 'unsubscribe');
        owner.enter({ phase: 'ended', reason: 'Source stream loss' });
      }
  }

  /** Notices were missed: what became of our sessions is read off the room, or found out by making them anew. */
  resync(room: RoomView): void {
    const streams = new Set(room.streams.map(({ id }) => id));
    const certain = [...this.#wanted].every((owner) => {
      const session = this.#peer?.sessionOf(owner);
      return owner instanceof Publication
        ? session !== undefined && streams.has(session)
        : owner.state.phase === 'live';
    });
    if (!certain) this.#recover('Missed too much');
  }

  /** Makes everything anew, at once: the server has forgotten us. */
  renew(): void {
    this.#failures = 0;
    this.#recover('Joined anew');
  }

  /** As `Peer.stats`, of whatever peer is the present one. */
  async stats(earlier: StatsMemory): Promise<{ readings: readonly Reading[]; memory: StatsMemory }> {
    return (await this.#peer?.stats(earlier)) ?? { readings: [], memory: new Map() };
  }

  /** Ends everything. Idempotent. */
  close(reason: string): void {
    this.#holdOff?.();
    const peer = this.#peer;
    this.#peer = undefined;
    peer?.close();
    this.#enter({ phase: 'closed' });
    for (const owner of [...this.#wanted]) this.#end(owner, reason);
  }

  #want(owner: Owner): void {
    if (this.#state.phase === 'closed') {
      owner.enter({ phase: 'ended', reason: 'The conference was left' });
      return;
    }
    this.#wanted.add(owner);
    this.#workSoon();
  }

  #unwant(owner: Owner, what: 'unpublish' | 'unsubscribe'): void {
    this.#forget(owner);
    const session = this.#peer?.release(owner);
    if (session !== undefined)
      this.#deps.request({ do: what, request: { id: session } }, readNothing).catch(() => undefined);
  }

  /** A session came up or, with a reason, ended. On a peer that is up already this may be told before its reply. */
  #became(session: string, endReason: string | undefined): void {
    const owner = this.#peer?.ownerOf(session);
    if (owner === undefined) {
      this.#early.set(session, endReason);
      for (const oldest of this.#early.keys())
        if (this.#early.size > maxEarly) this.#early.delete(oldest);
        else break;
    } else if (endReason === undefined) {
      this.#tries.delete(owner);
      this.#failures = 0;
      owner.enter({ phase: 'live', id: session });
    } else {
      this.#peer?.release(owner);
      this.#end(owner, endReason);
    }
  }

  #registered(session: string): void {
    if (!this.#early.has(session)) return;
    const endReason = this.#early.get(session);
    this.#early.delete(session);
    this.#became(session, endReason);
  }

  #end(owner: Owner, reason: string): void {
    this.#forget(owner);
    owner.enter({ phase: 'ended', reason });
  }

  #forget(owner: Owner): void {
    this.#wanted.delete(owner);
    this.#tries.delete(owner);
    this.#resting.get(owner)?.();
    this.#resting.delete(owner);
  }

  /** What is asked for in one tick goes into one offer. */
  #workSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#holdOff !== undefined || this.#state.phase === 'closed') return;
    if (this.#waiting().length === 0) return;
    if (this.#peer !== undefined && this.#peer.retired > maxRetired && this.#busy !== this.#peer) {
      this.#recover('Too many ended streams');
      return;
    }
    const peer = (this.#peer ??= this.#open());
    if (this.#busy === peer) return;
    this.#busy = peer;
    try {
      for (;;) {
        const waiting = this.#waiting();
        if (waiting.length === 0 || peer !== this.#peer) break;
        await peer.negotiate(waiting);
      }
    } catch (error) {
      if (peer === this.#peer) this.#recover(error instanceof Error ? error.message : 'Negotiation failed');
    }
    if (this.#busy === peer) this.#busy = undefined;
  }

  #waiting(): readonly Owner[] {
    return [...this.#wanted].filter(
      (owner) => !this.#resting.has(owner) && this.#peer?.carries(owner) !== true,
    );
  }

  #open(): Peer {
    const { timers, createPeerConnection, request } = this.#deps;
    if (this.#state.phase === 'idle') this.#enter({ phase: 'connecting' });
    const iceServers = this.#iceServers.map((server) => ({ ...server, urls: [...server.urls] }));
    const peer: Peer = new Peer({
      connection: createPeerConnection({ iceServers, bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' }),
      timers,
      request,
      registered: (session) => {
        if (peer === this.#peer) this.#registered(session);
      },
      refused: (owner, error) => this.#refused(peer, owner, error),
      connected: () => {
        if (peer === this.#peer) this.#enter({ phase: 'up' });
      },
      broken: (reason) => {
        if (peer === this.#peer) this.#recover(reason);
      },
    });
    return peer;
  }

  #refused(peer: Peer, owner: Owner, error: unknown): void {
    if (peer === this.#peer && peer.transport === undefined) {
      // Nothing lives on a peer whose first session was refused, and its m-lines would be in the way.
      this.#peer = undefined;
      peer.close();
      this.#workSoon();
    }
    if (!this.#wanted.has(owner)) return;
    const tries = this.#tries.get(owner) ?? 0;
    if (!isPassing(error) || tries >= maxFailures) {
      this.#end(owner, refusalOf(error).message);
      return;
    }
    this.#tries.set(owner, tries + 1);
    const { timers } = this.#deps;
    const wake = timers.after(backOffMs(retry, tries, timers.random()), () => {
      this.#resting.delete(owner);
      this.#workSoon();
    });
    this.#resting.set(owner, wake);
  }

  #recover(reason: string): void {
    if (this.#state.phase === 'closed') return;
    const peer = this.#peer;
    this.#peer = undefined;
    peer?.close();
    this.#holdOff?.();
    this.#holdOff = undefined;
    if (this.#wanted.size === 0) {
      this.#enter({ phase: 'idle' });
      return;
    }
    if (this.#failures >= maxFailures) {
      for (const owner of [...this.#wanted]) this.#end(owner, reason);
      this.#enter({ phase: 'idle' });
      return;
    }
    this.#enter({ phase: 'recovering', reason });
    for (const owner of [...this.#wanted])
      if (owner.state.phase === 'live') owner.enter({ phase: 'recovering', reason });
    const { timers } = this.#deps;
    this.#holdOff = timers.after(backOffMs(retry, this.#failures, timers.random()), () => {
      this.#holdOff = undefined;
      this.#workSoon();
    });
    this.#failures += 1;
  }

  #enter(state: LinkState): void {
    this.#state = state;
    this.events.emit('state', state);
  }
}
