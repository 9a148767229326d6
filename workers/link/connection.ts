// Owns one peer connection between two workers through node-datachannel in transport mode: ICE on the worker's own UDP
// port without STUN, DTLS with the certificate that the bus told, SRTP. It knows nothing of what it carries. An exception in
// any callback of the addon would end the process, so every one is guarded.
import { PeerConnection, Video, type Track } from 'node-datachannel';
import type { Unsubscribe } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import type { LinkAnswer, LinkCredentials } from '../../schemas/link.ts';
import type { MediaRim } from '../webrtc/media-rim.ts';
import { announcedCandidates, readRemoteCandidate } from '../webrtc/candidates.ts';
import { pseudoDescription, readLocalCredentials } from '../webrtc/pseudo-sdp.ts';

/** What ICE and DTLS need of the other end. */
export type PeerCredentials = Omit<LinkCredentials, 'ssrc'>;

export interface ConnectionEvents {
  /** Each packet is a Buffer of its own and may be kept. */
  rtp(packet: Buffer): void;
  rtcp(packet: Buffer): void;
  /** SRTP is open both ways; called once. */
  up(): void;
  /** It will not work any more; called at most once, not after `close`. */
  failed(reason: string): void;
}

export interface ConnectionOptions {
  readonly name: string;
  readonly rim: MediaRim;
  readonly events: ConnectionEvents;
}

const gatheringMs = 2000;
const maxCandidates = 64;

type Local = PeerCredentials & Pick<LinkAnswer, 'candidates'>;
type State = 'connecting' | 'up' | 'over';

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #connection: PeerConnection;
  readonly #candidates = new Set<string>();
  #track: Track | undefined;
  #state: State = 'connecting';
  #gathered: (() => void) | undefined;
  /** RTP and RTCP packets received. */
  packetsReceived = 0;
  packetsSent = 0;
  /** Packets the socket did not take. */
  packetsRefused = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { bindAddress, udpPort } = options.rim;
    this.#connection = new PeerConnection(options.name, {
      iceServers: [],
      ...(bindAddress === undefined ? {} : { bindAddress }),
      enableIceUdpMux: true,
      portRangeBegin: udpPort,
      portRangeEnd: udpPort,
      disableAutoNegotiation: true,
      forceMediaTransport: true,
    });
    this.#connection.onLocalDescription(() => undefined);
    this.#connection.onLocalCandidate(() => undefined);
    this.#connection.onTrack(
      this.#guard((track: Track) => {
        this.#takeTrack(track);
      }),
    );
    this.#connection.onGatheringStateChange(
      this.#guard((state: string) => {
        if (state === 'complete') this.#gathered?.();
      }),
    );
    this.#connection.onStateChange(
      this.#guard((state: string) => {
        if (state === 'connected') this.#comeUp();
        else if (state === 'failed' || state === 'closed') this.#fail(`Connection ${state}`);
      }),
    );
  }

  get up(): boolean {
    return this.#state === 'up';
  }

  /** Our side of a connection that we offer. Throws SluiceError `unavailable`. */
  async offer(): Promise<Local> {
    const video = new Video('0', 'SendRecv');
    video.addVP8Codec(96);
    this.#takeTrack(this.#connection.addTrack(video));
    return this.#describe(() => {
      this.#connection.setLocalDescription('offer');
    });
  }

  /** The other end has answered: as DTLS server, which so has our fingerprint before it hears from us. */
  accept(peer: PeerCredentials): void {
    this.#connection.setRemoteDescription(
      pseudoDescription({ ...peer, setup: 'passive' }, 'passive', false),
      'answer',
    );
  }

  /** Our side of a connection that the other end offers. Throws SluiceError `unavailable`. */
  answer(peer: PeerCredentials): Promise<Local> {
    return this.#describe(() => {
      this.#connection.setRemoteDescription(
        pseudoDescription({ ...peer, setup: 'active' }, 'active', false),
        'offer',
      );
      this.#connection.setLocalDescription('answer');
    });
  }

  /** Adds the other end's candidates; unusable or surplus ones are ignored. */
  addCandidates(texts: readonly string[]): void {
    for (const text of texts) {
      const candidate = readRemoteCandidate(text);
      if (candidate === undefined || this.#candidates.size >= maxCandidates || this.#state === 'over')
        continue;
      this.#candidates.add(candidate);
      try {
        this.#connection.addRemoteCandidate(candidate, '0');
      } catch {
        // One it cannot use, such as of an address family we lack.
      }
    }
  }

  /** Sends one RTP or RTCP packet; the bytes are copied before it returns. False when it was not taken. */
  send(packet: Buffer): boolean {
    if (this.#state !== 'up' || this.#track === undefined) return false;
    this.packetsSent++;
    try {
      if (this.#track.sendMessageBinary(packet)) return true;
    } catch {
      // Closed under our hands: the state callback is on its way.
    }
    this.packetsRefused++;
    return false;
  }

  /** Idempotent; no event follows. */
  close(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#end();
  }

  async #describe(begin: () => void): Promise<Local> {
    const { clock, announcedAddresses, udpPort } = this.#options.rim;
    const gathered = new Promise<void>((resolve) => {
      const cancel: Unsubscribe = clock.after(gatheringMs, resolve);
      this.#gathered = () => {
        cancel();
        resolve();
      };
    });
    try {
      begin();
    } catch (cause) {
      this.#gathered?.();
      throw new SluiceError('unavailable', 'The link could not be described', cause);
    }
    await gathered;
    const local =
      this.#state === 'over'
        ? undefined
        : readLocalCredentials(this.#connection.localDescription()?.sdp ?? '');
    if (!local) throw new SluiceError('unavailable', 'The link was closed');
    const { iceUfrag, icePwd, fingerprint } = local;
    const own = announcedCandidates(local.candidates, [], udpPort);
    // Where other workers reach this host may be either: its own addresses, or what it is reached under from outside.
    const candidates =
      announcedAddresses.length === 0
        ? own
        : [...new Set([...own, ...announcedCandidates([], announcedAddresses, udpPort)])];
    return { iceUfrag, icePwd, fingerprint, candidates: candidates.slice(0, maxCandidates) };
  }

  #takeTrack(track: Track): void {
    if (this.#track) return;
    this.#track = track;
    const { events } = this.#options;
    track.onMessage(
      this.#guard((packet: Buffer) => {
        if (this.#state === 'over') return;
        this.packetsReceived++;
        const type = packet[1] ?? 0;
        // RFC 5761 §4: 192…223 in the second byte is RTCP.
        if (type >= 192 && type <= 223) events.rtcp(packet);
        else events.rtp(packet);
      }),
    );
    track.onError(() => undefined);
    track.onOpen(
      this.#guard(() => {
        this.#comeUp();
      }),
    );
  }

  #comeUp(): void {
    if (this.#state !== 'connecting' || this.#track?.isOpen() !== true) return;
    this.#state = 'up';
    this.#options.events.up();
  }

  #fail(reason: string): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#end();
    this.#options.events.failed(reason);
  }

  #end(): void {
    this.#gathered?.();
    try {
      // The addon keeps an unclosed track's callbacks, and with them all of us, for ever.
      this.#track?.close();
      this.#connection.close();
    } catch (cause) {
      this.#options.rim.log.warn('a link did not close cleanly', { name: this.#options.name, cause });
    }
  }

  #guard<Arguments extends unknown[]>(
    callback: (...values: Arguments) => void,
  ): (...values: Arguments) => void {
    return (...values) => {
      try {
        callback(...values);
      } catch (cause) {
        this.#options.rim.log.error('a link callback failed', { name: this.#options.name, cause });
      }
    };
  }
}
