// Owns one RTCPeerConnection and the transport that answers it: adding and retiring m-lines, one negotiation at a time,
// several sessions in one offer. What to do after a failure is decided in `peer-link.ts`.
//
// The client is always the offerer, m-lines are never used twice (a retired one only becomes inactive), and the end of a
// session needs no offer (portal-protocol §7.4).
import type { SluiceError } from '../../schemas/error.ts';
import type { TrackInfo } from '../../schemas/media.ts';
import type { Off } from './emitter.ts';
import { formatIn, onlyCodec, preferCodec } from './codec-preference.ts';
import { Publication } from './publication.ts';
import type { MediaKind } from './publication.ts';
import { sampleStats } from './stats.ts';
import type { MediaStats, StatsMemory } from './stats.ts';
import type { Subscription } from './subscription.ts';
import type { Timers } from './timers.ts';
import { readAnswer, readNothing, readSession } from './wire.ts';
import type { SessionReply, SignalBody } from './wire.ts';

export type Owner = Publication | Subscription;

export interface Reading extends MediaStats {
  readonly owner: Owner;
}

export interface PeerDeps {
  readonly connection: RTCPeerConnection;
  readonly timers: Timers;
  readonly request: <T>(body: SignalBody, read: (data: unknown) => T) => Promise<T>;
  /** The session's id is known from now on. */
  readonly registered: (session: string) => void;
  /** The server refused this one; the others on the peer are not touched. */
  readonly refused: (owner: Owner, error: unknown) => void;
  /** ICE and DTLS are up. */
  readonly connected: () => void;
  /** The peer is of no use any more. */
  readonly broken: (reason: string) => void;
}

interface Carried {
  readonly owner: Owner;
  readonly lines: readonly { readonly kind: MediaKind; readonly transceiver: RTCRtpTransceiver }[];
  session: string | undefined;
  /** Let go of before its reply came. */
  abandoned: boolean;
}

/** With these many sessions an offer stays well below the server's bound on SDP. */
const maxBatch = 12;
const connectWithinMs = 12_000;
const mendWithinMs = 5000;
const readyWithinMs = 15_000;

export class Peer {
  readonly #deps: PeerDeps;
  readonly #carried = new Map<Owner, Carried>();
  readonly #candidates: RTCIceCandidate[] = [];
  #transport: string | undefined;
  #retired = 0;
  #closed = false;
  #watch: Off | undefined;

  constructor(deps: PeerDeps) {
    this.#deps = deps;
    const { connection } = deps;
    connection.onicecandidate = ({ candidate }) => this.#trickle(candidate);
    connection.onconnectionstatechange = () => this.#follow(connection.connectionState);
  }

  get transport(): string | undefined {
    return this.#transport;
  }

  /** How many m-lines are dead weight in every offer. */
  get retired(): number {
    return this.#retired;
  }

  carries(owner: Owner): boolean {
    return this.#carried.has(owner);
  }

  ownerOf(session: string): Owner | undefined {
    for (const carried of this.#carried.values()) if (carried.session === session) return carried.owner;
    return undefined;
  }

  sessionOf(owner: Owner): string | undefined {
    return this.#carried.get(owner)?.session;
  }

  /**
   * Puts as many of `owners` as one offer may bring onto the peer: one round trip. The first of all goes alone, for only
   * its reply names the transport. Throws when the peer is of no use any more.
   */
  async negotiate(owners: readonly Owner[]): Promise<void> {
    const { connection, request } = this.#deps;
    const batch = owners
      .slice(0, this.#transport === undefined ? 1 : maxBatch)
      .map((owner) => this.#carry(owner));
    const offer = await connection.createOffer();
    await connection.setLocalDescription(offer);
    if (this.#isClosed()) return;
    const sdp = offer.sdp ?? '';
    const replies = await Promise.allSettled(
      batch.map((carried, index) =>
        request(this.#ask(carried, index === batch.length - 1 ? sdp : undefined), (data) =>
          this.#register(carried, readSession(data)),
        ),
      ),
    );
    if (this.#isClosed()) return;
    let answer: string | undefined;
    replies.forEach((reply, index) => {
      const carried = batch[index];
      if (reply.status === 'fulfilled') answer ??= reply.value.answer;
      else if (carried !== undefined) {
        this.#retire(carried);
        this.#deps.refused(carried.owner, reply.reason);
      }
    });
    const transport = this.#transport;
    if (transport === undefined) return;
    // The one that carried the offer was refused: the others still need it.
    answer ??= await request({ do: 'signal', transport, signaling: { type: 'offer', sdp } }, readAnswer);
    if (this.#isClosed()) return;
    if (connection.connectionState === 'new')
      this.#expect(connectWithinMs, 'The media connection did not come up');
    await connection.setRemoteDescription({ type: 'answer', sdp: answer });
    for (const { owner } of batch) this.#expectReady(owner);
  }

  /** Takes the owner off the peer; the result is its session at the server, if it has one by now. */
  release(owner: Owner): string | undefined {
    const carried = this.#carried.get(owner);
    if (carried === undefined) return undefined;
    carried.abandoned = true;
    this.#retire(carried);
    return carried.session;
  }

  /** Every RTP stream with whom it belongs to; rates are over the time since `earlier` was made. */
  async stats(earlier: StatsMemory): Promise<{ readings: readonly Reading[]; memory: StatsMemory }> {
    const { rows, memory } = sampleStats(await this.#deps.connection.getStats(), earlier);
    const owners = new Map<string, Owner>();
    for (const { owner, lines } of this.#carried.values())
      for (const { transceiver } of lines) if (transceiver.mid !== null) owners.set(transceiver.mid, owner);
    const readings = rows.flatMap((row) => {
      const owner = owners.get(row.mid);
      return owner === undefined ? [] : [{ ...row, owner }];
    });
    return { readings, memory };
  }

  /** Idempotent. The server sees the transport close and ends what was on it. */
  close(): void {
    this.#closed = true;
    this.#watch?.();
    this.#carried.clear();
    const { connection } = this.#deps;
    connection.onicecandidate = null;
    connection.onconnectionstatechange = null;
    connection.close();
  }

  #carry(owner: Owner): Carried {
    const lines = owner instanceof Publication ? this.#addSenders(owner) : this.#addReceivers(owner);
    const carried: Carried = { owner, lines, session: undefined, abandoned: false };
    this.#carried.set(owner, carried);
    if (owner instanceof Publication)
      owner.carriedBy(new Map(lines.map(({ kind, transceiver }) => [kind, transceiver.sender])));
    else owner.carriedBy(lines.map(({ transceiver }) => transceiver.receiver.track));
    return carried;
  }

  #addSenders({ tracks, options }: Publication): Carried['lines'] {
    return [...tracks].map(([kind, track]) => {
      const transceiver = this.#deps.connection.addTransceiver(track, {
        direction: 'sendonly',
        ...(kind === 'video' ? { sendEncodings: encodings(options) } : {}),
      });
      const { videoCodec } = options;
      if (kind === 'video' && videoCodec !== undefined)
        transceiver.setCodecPreferences(
          preferCodec(RTCRtpSender.getCapabilities('video')?.codecs ?? [], videoCodec),
        );
      return { kind, transceiver };
    });
  }

  #addReceivers({ stream, options }: Subscription): Carried['lines'] {
    return kindsOf(stream, options).map((kind) => {
      const transceiver = this.#deps.connection.addTransceiver(kind, { direction: 'recvonly' });
      const format = wantedFormat(stream, options, kind) ?? trackOf(stream, kind)?.format;
      if (format !== undefined)
        transceiver.setCodecPreferences(
          onlyCodec(RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [], format),
        );
      return { kind, transceiver };
    });
  }

  #ask({ owner, lines }: Carried, offer: string | undefined): SignalBody {
    const transport = {
      type: 'webrtc' as const,
      ...(this.#transport === undefined ? {} : { id: this.#transport }),
    };
    const more = offer === undefined ? {} : { offer };
    if (owner instanceof Publication) {
      const { audioSource = 'mic', videoSource = 'camera', attributes } = owner.options;
      const tracks = lines.map(({ kind, transceiver }) => ({
        type: kind,
        mid: transceiver.mid ?? '',
        source: publishable(kind === 'audio' ? audioSource : videoSource),
      }));
      const request = { media: { tracks }, transport, ...(attributes === undefined ? {} : { attributes }) };
      return { do: 'publish', request, ...more };
    }
    const { stream, options } = owner;
    const { layer, parameters } = options;
    const tracks = lines.map(({ kind, transceiver }) => {
      const format = wantedFormat(stream, options, kind);
      return {
        type: kind,
        mid: transceiver.mid ?? '',
        from: kind === 'video' && layer !== undefined ? layer : stream.id,
        ...(format === undefined ? {} : { format }),
        ...(kind === 'video' && parameters !== undefined ? { parameters } : {}),
      };
    });
    return { do: 'subscribe', request: { media: { tracks }, transport }, ...more };
  }

  #register(carried: Carried, reply: SessionReply): SessionReply {
    if (this.#closed) return reply;
    carried.session = reply.id;
    if (this.#transport === undefined) {
      this.#transport = reply.transportId;
      for (const candidate of this.#candidates.splice(0)) this.#trickle(candidate);
    }
    this.#deps.registered(reply.id);
    if (carried.abandoned) {
      const what = carried.owner instanceof Publication ? 'unpublish' : 'unsubscribe';
      this.#deps.request({ do: what, request: { id: reply.id } }, readNothing).catch(() => undefined);
    }
    return reply;
  }

  #retire(carried: Carried): void {
    if (this.#carried.get(carried.owner) !== carried) return;
    this.#carried.delete(carried.owner);
    for (const { transceiver } of carried.lines) {
      this.#retired += 1;
      if (this.#closed) continue;
      // Not `stop()`: that would free the m-line for the browser to use again.
      transceiver.sender.replaceTrack(null).catch(() => undefined);
      transceiver.direction = 'inactive';
    }
  }

  #trickle(candidate: RTCIceCandidate | null): void {
    // A name of the local network means nothing to a server.
    if (candidate === null || candidate.candidate === '' || candidate.candidate.includes('.local ')) return;
    const transport = this.#transport;
    if (transport === undefined) {
      this.#candidates.push(candidate);
      return;
    }
    const { sdpMid, sdpMLineIndex } = candidate;
    const signaling = {
      type: 'candidate' as const,
      candidate: { candidate: candidate.candidate, sdpMid, sdpMLineIndex },
    };
    this.#deps.request({ do: 'signal', transport, signaling }, readNothing).catch(() => undefined);
  }

  #follow(state: RTCPeerConnectionState): void {
    switch (state) {
      case 'connected':
        this.#watch?.();
        this.#watch = undefined;
        this.#deps.connected();
        return;
      case 'disconnected':
        this.#expect(mendWithinMs, 'The media connection was interrupted');
        return;
      case 'failed':
        this.#deps.broken('The media connection failed');
        return;
      default:
        return;
    }
  }

  #expect(withinMs: number, otherwise: string): void {
    this.#watch?.();
    this.#watch = this.#deps.timers.after(withinMs, () => this.#deps.broken(otherwise));
  }

  #expectReady(owner: Owner): void {
    this.#deps.timers.after(readyWithinMs, () => {
      if (this.#closed || !this.#carried.has(owner) || owner.state.phase === 'live') return;
      this.#deps.broken('The server did not bring the stream up');
    });
  }

  /** A method, since the compiler takes a field it saw false for false after an `await`. */
  #isClosed(): boolean {
    return this.#closed;
  }
}

/** Whether trying again may help. */
export function isPassing(error: unknown): error is SluiceError {
  return (
    error instanceof Error && 'code' in error && (error.code === 'unavailable' || error.code === 'internal')
  );
}

function encodings(options: Publication['options']): RTCRtpEncodingParameters[] {
  const { simulcast = false, maxVideoBitrateBps } = options;
  const bound = (share: number): RTCRtpEncodingParameters =>
    maxVideoBitrateBps === undefined ? {} : { maxBitrate: Math.round(maxVideoBitrateBps * share) };
  if (!simulcast) return [bound(1)];
  return [
    { rid: 'q', scaleResolutionDownBy: 4, ...bound(0.08) },
    { rid: 'h', scaleResolutionDownBy: 2, ...bound(0.24) },
    { rid: 'f', scaleResolutionDownBy: 1, ...bound(0.68) },
  ];
}

/** The format to ask for; undefined when no codec was chosen. */
function wantedFormat(
  stream: Subscription['stream'],
  { audioCodec, videoCodec }: Subscription['options'],
  kind: MediaKind,
): ReturnType<typeof formatIn> | undefined {
  const track = trackOf(stream, kind);
  const codec = kind === 'audio' ? audioCodec : videoCodec;
  return track === undefined || codec === undefined ? undefined : formatIn(track, codec);
}

function trackOf({ media }: Subscription['stream'], kind: MediaKind): TrackInfo | undefined {
  return media.tracks.find(({ type }) => type === kind);
}

function kindsOf(
  stream: Subscription['stream'],
  { audio = true, video = true }: Subscription['options'],
): MediaKind[] {
  const has = (kind: MediaKind): boolean => trackOf(stream, kind) !== undefined;
  return [
    ...(audio && has('audio') ? ['audio' as const] : []),
    ...(video && has('video') ? ['video' as const] : []),
  ];
}

/** A client may not claim a source that only the server makes. */
function publishable<S extends string>(source: S): Exclude<S, 'streaming'> | undefined {
  return isPublishable(source) ? source : undefined;
}
function isPublishable<S extends string>(source: S): source is Exclude<S, 'streaming'> {
  return source !== 'streaming';
}
