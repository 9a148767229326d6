// Owns what a page holds of a conference: joining, who and what is in the room, publishing, subscribing, text, leaving.
// It composes the connection (signaling) and the link (media), and joins anew when the server has forgotten us.
import type { Notice } from '../../schemas/notice.ts';
import type { StreamControlRequest } from '../../schemas/request.ts';
import type { JoinResult } from '../../schemas/signal.ts';
import type { ParticipantInfo, Permission, StreamInfo } from '../../schemas/stream.ts';
import type { MixerStats } from '../../schemas/worker.ts';
import { SluiceError } from '../../schemas/error.ts';
import { backOffMs } from './back-off.ts';
import { Connection } from './connection.ts';
import type { ConnectionState } from './connection.ts';
import { Emitter } from './emitter.ts';
import type { Off } from './emitter.ts';
import { IceRenewal } from './ice-renewal.ts';
import { PeerLink } from './peer-link.ts';
import type { LinkState } from './peer-link.ts';
import type { Owner, Reading } from './peer.ts';
import type { Publication, PublishOptions } from './publication.ts';
import { emptyMirror, foldNotice, replaceMirror } from './room-mirror.ts';
import type { Folded, RoomMirror } from './room-mirror.ts';
import { openBrowserSocket } from './socket.ts';
import type { OpenSocket } from './socket.ts';
import type { StatsMemory } from './stats.ts';
import type { SubscribeOptions, Subscription } from './subscription.ts';
import { browserTimers } from './timers.ts';
import type { Timers } from './timers.ts';
import { readIceServers, readMixerStats, readNothing, readRegion } from './wire.ts';

export interface TextMessage {
  /** A participant id. */
  readonly from: string;
  readonly to: 'me' | 'all';
  readonly message: string;
}

export interface ConferenceEvents {
  connection: ConnectionState;
  link: LinkState;
  'participant-joined': ParticipantInfo;
  'participant-left': ParticipantInfo;
  'stream-added': StreamInfo;
  'stream-updated': StreamInfo;
  'stream-removed': StreamInfo;
  text: TextMessage;
  /** We are a new participant of the same room: our id and permission may differ. */
  rejoined: ParticipantInfo;
  /** The participation is over for good; nothing follows. `left` when we asked for it. */
  ended: { readonly reason: string };
}

export interface ConferenceOptions {
  /** The portal, e.g. `wss://host:3004/signal`; by default `/signal` where the page comes from. */
  readonly url?: string;
  readonly timers?: Timers;
  readonly openSocket?: OpenSocket;
  readonly createPeerConnection?: (configuration: RTCConfiguration) => RTCPeerConnection;
}

/** A token of one use, or where to get one: only then can the library join anew by itself. */
export type TokenSource = string | (() => Promise<string>);

export interface Meter {
  read(): Promise<readonly Reading[]>;
}

const rejoin = { firstMs: 500, maxMs: 8000 };
const maxRejoins = 12;

export class Conference {
  readonly #events = new Emitter<ConferenceEvents>();
  readonly #timers: Timers;
  readonly #connection: Connection;
  readonly #link: PeerLink;
  readonly #iceRenewal: IceRenewal;
  #room: RoomMirror = emptyMirror;
  #joined: JoinResult | undefined;
  #tokens: TokenSource = '';
  #rejoins = 0;
  #stopRejoin: Off | undefined;

  constructor(options: ConferenceOptions = {}) {
    this.#timers = options.timers ?? browserTimers;
    this.#connection = new Connection({
      url: options.url ?? `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/signal`,
      openSocket: options.openSocket ?? openBrowserSocket,
      timers: this.#timers,
    });
    this.#link = new PeerLink({
      timers: this.#timers,
      request: (body, read) => this.#connection.request(body, read),
      createPeerConnection:
        options.createPeerConnection ?? ((configuration) => new RTCPeerConnection(configuration)),
    });
    this.#iceRenewal = new IceRenewal({
      timers: this.#timers,
      ask: () => this.#connection.request({ do: 'ice-servers' }, readIceServers),
      use: (servers) => this.#link.useIceServers(servers),
    });
    this.#connection.events.on('ice-servers', (given) => this.#iceRenewal.take(given));
    this.#connection.events.on('state', (state) => this.#events.emit('connection', state));
    this.#connection.events.on('notices', (notices) => this.#take(notices));
    this.#connection.events.on('room', (view) => {
      this.#apply(replaceMirror(this.#room, view));
      this.#link.resync(view);
    });
    this.#connection.events.on('lost', (error) => this.#rejoin(error));
    this.#connection.events.on('dropped', (reason) => this.#finish(reason));
    this.#link.events.on('state', (state) => this.#events.emit('link', state));
  }

  /** Calls `listener` at every event of that name until the result is called. */
  on<Name extends keyof ConferenceEvents>(
    name: Name,
    listener: (detail: ConferenceEvents[Name]) => void,
  ): Off {
    return this.#events.on(name, listener);
  }

  get me(): ParticipantInfo | undefined {
    return this.#joined?.participant;
  }

  get permission(): Permission | undefined {
    return this.#joined?.permission;
  }

  /** The room's id. */
  get room(): string | undefined {
    return this.#joined?.room.id;
  }

  /** Labels of the room's mixed views. */
  get views(): readonly string[] {
    return this.#joined?.room.views ?? [];
  }

  /** Everybody in the room by id, ourselves included. */
  get participants(): ReadonlyMap<string, ParticipantInfo> {
    return this.#room.participants;
  }

  /** Everything that can be subscribed by stream id, our own included. */
  get streams(): ReadonlyMap<string, StreamInfo> {
    return this.#room.streams;
  }

  get connectionState(): ConnectionState {
    return this.#connection.state;
  }

  get linkState(): LinkState {
    return this.#link.state;
  }

  get sessions(): ReadonlySet<Owner> {
    return this.#link.owners;
  }

  /** Throws SluiceError as the server refused (room full, token, …), or `unavailable` when it cannot be reached. */
  async join(tokens: TokenSource): Promise<ParticipantInfo> {
    this.#tokens = tokens;
    return this.#enter();
  }

  /** Resolves once the stream can be subscribed. Throws SluiceError when the server refused it. */
  async publish(media: MediaStream, options: PublishOptions = {}): Promise<Publication> {
    const publication = this.#link.publish(media, options);
    await live(publication);
    return publication;
  }

  /** The subscription at once, to show while it comes up; its `state` tells the rest. Throws for an unknown stream. */
  subscribe(stream: string, options: SubscribeOptions = {}): Subscription {
    const info = this.#room.streams.get(stream);
    if (info === undefined) throw new SluiceError('stream-not-found', 'Stream does NOT exist');
    return this.#link.subscribe(info, options);
  }

  /** To one participant or, by default, to all, ourselves included. At most 2048 characters. */
  async send(message: string, to = 'all'): Promise<void> {
    await this.#connection.request({ do: 'text', request: { to, message } }, readNothing);
  }

  /**
   * Takes a stream of one's own into a view; a role `admin` may take anybody's. Mixing it again changes nothing. Throws
   * SluiceError as the server refuses.
   */
  async mix(stream: string, view: string): Promise<void> {
    await this.#control({ id: stream, operation: 'mix', data: view }, readNothing);
  }

  /** Takes it out of the view. Rights and refusals as for `mix`. */
  async unmix(stream: string, view: string): Promise<void> {
    await this.#control({ id: stream, operation: 'unmix', data: view }, readNothing);
  }

  /** Exchanges the stream with the one in that region of the view. Rights and refusals as for `mix`. */
  async setRegion(stream: string, view: string, region: string): Promise<void> {
    await this.#control({ id: stream, operation: 'set-region', data: { view, region } }, readNothing);
  }

  /** The id of the region of the view that the stream is in. Throws when it is not shown; otherwise as `mix`. */
  async region(stream: string, view: string): Promise<string> {
    return this.#control({ id: stream, operation: 'get-region', data: view }, readRegion);
  }

  /** What the room's mixers do and cost; empty while nothing is mixed. */
  async mixerStats(): Promise<readonly MixerStats[]> {
    return this.#connection.request({ do: 'mixer-stats' }, readMixerStats);
  }

  /** A meter of everything sent and received; its rates are over the time between two of its own readings. */
  createMeter(): Meter {
    let memory: StatsMemory = new Map();
    return {
      read: async () => {
        const result = await this.#link.stats(memory);
        ({ memory } = result);
        return result.readings;
      },
    };
  }

  /** Tries to reconnect now instead of at the next turn, e.g. when the browser is online again. */
  hurry(): void {
    this.#connection.hurry();
  }

  /** Ends the participation at once, also while the page is being closed. Idempotent. */
  leave(): void {
    this.#connection.leave();
    this.#finish('left');
  }

  async #control<T>(request: StreamControlRequest, read: (data: unknown) => T): Promise<T> {
    return this.#connection.request({ do: 'stream-control', request }, read);
  }

  async #enter(): Promise<ParticipantInfo> {
    const token = typeof this.#tokens === 'string' ? this.#tokens : await this.#tokens();
    let participant: ParticipantInfo | undefined;
    await this.#connection.join(token, (result) => {
      participant = result.participant;
      this.#joined = result;
      this.#iceRenewal.take(result);
      this.#apply(replaceMirror(this.#room, result.room));
    });
    if (participant === undefined) throw new SluiceError('internal', 'Joining failed');
    return participant;
  }

  #rejoin(error: SluiceError): void {
    // Who left while joining anew does not come back.
    if (this.#link.state.phase === 'closed') return;
    if (typeof this.#tokens === 'string' || this.#rejoins >= maxRejoins) {
      this.#connection.leave();
      this.#finish(error.message);
      return;
    }
    const waitMs = backOffMs(rejoin, this.#rejoins, this.#timers.random());
    this.#rejoins += 1;
    this.#stopRejoin = this.#timers.after(waitMs, () => {
      this.#enter().then(
        (participant) => {
          this.#rejoins = 0;
          this.#events.emit('rejoined', participant);
          this.#link.renew();
        },
        (reason: unknown) =>
          this.#rejoin(reason instanceof SluiceError ? reason : new SluiceError('unavailable', 'No token')),
      );
    });
    // Idle by itself, but to the page this is one more way of being away.
    this.#events.emit('connection', { phase: 'reconnecting', attempt: this.#rejoins });
  }

  #take(notices: readonly Notice[]): void {
    this.#link.take(notices);
    for (const notice of notices) {
      if (notice.type === 'text') this.#events.emit('text', notice);
      else this.#apply(foldNotice(this.#room, notice));
    }
  }

  #apply({ room, changes }: Folded): void {
    this.#room = room;
    for (const change of changes) {
      switch (change.type) {
        case 'participant-joined':
        case 'participant-left':
          this.#events.emit(change.type, change.participant);
          break;
        case 'stream-removed':
          this.#link.streamRemoved(change.stream.id);
          this.#events.emit(change.type, change.stream);
          break;
        default:
          this.#events.emit(change.type, change.stream);
      }
    }
  }

  #finish(reason: string): void {
    this.#stopRejoin?.();
    this.#iceRenewal.close();
    if (this.#link.state.phase === 'closed') return;
    this.#link.close(reason);
    this.#events.emit('ended', { reason });
  }
}

/** Throws SluiceError when the session ends before it was ever up. */
async function live(publication: Publication): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      const { state } = publication;
      if (state.phase === 'connecting') return;
      off();
      if (state.phase === 'ended') reject(new SluiceError('operation-failed', state.reason));
      else resolve();
    };
    const off = publication.events.on('state', look);
    look();
  });
}
