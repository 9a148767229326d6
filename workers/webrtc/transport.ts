// Owns one client's ICE, DTLS and SRTP through node-datachannel in transport mode: packets in, packets out, state.
// It knows nothing of sessions, SDP or what the packets mean. An exception in any callback of the addon would end the
// process, so every one is guarded.
import { PeerConnection, type DataChannel, type Track } from 'node-datachannel';
import type { Unsubscribe } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import { announcedCandidates, readRemoteCandidate } from './candidates.ts';
import type { Clock, Log } from '../clock.ts';
import { pseudoDescription, readLocalCredentials } from './pseudo-sdp.ts';
import { maxDataMessageBytes, type LocalCredentials } from './sdp-answer.ts';
import type { SessionDescription } from './session-description.ts';

export interface TransportEvents {
  /** Each packet is a Buffer of its own and may be kept. */
  rtp(packet: Buffer): void;
  rtcp(packet: Buffer): void;
  /** SRTP is open both ways; called once. */
  up(): void;
  /** The transport will not work any more; called at most once, not after `close`. */
  failed(reason: string): void;
}

export interface TransportOptions {
  readonly id: string;
  readonly udpPort: number;
  readonly bindAddress: string | undefined;
  readonly announcedAddresses: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly events: TransportEvents;
}

const limits = {
  candidates: 100,
  dataChannels: 16,
  gatheringMs: 2000,
  /** From the first answer until DTLS is up. */
  connectMs: 30_000,
} as const;

type State = 'new' | 'connecting' | 'up' | 'failed' | 'closed';

export class Transport {
  readonly #options: TransportOptions;
  readonly #connection: PeerConnection;
  readonly #candidates = new Set<string>();
  readonly #channels = new Set<DataChannel>();
  #placeholder: DataChannel | undefined;
  #track: Track | undefined;
  #state: State = 'new';
  #local: LocalCredentials | undefined;
  #hasData = false;
  #cancelDeadline: Unsubscribe | undefined;
  #gathered: (() => void) | undefined;
  /** RTP and RTCP packets received. */
  packetsReceived = 0;
  packetsSent = 0;
  /** Packets the socket did not take. */
  packetsRefused = 0;
  dataMessages = 0;
  dataBytes = 0;

  constructor(options: TransportOptions) {
    this.#options = options;
    const { bindAddress, udpPort } = options;
    this.#connection = new PeerConnection(options.id, {
      iceServers: [],
      ...(bindAddress === undefined ? {} : { bindAddress }),
      enableIceUdpMux: true,
      portRangeBegin: udpPort,
      portRangeEnd: udpPort,
      disableAutoNegotiation: true,
      forceMediaTransport: true,
      maxMessageSize: maxDataMessageBytes,
    });
    this.#connection.onLocalDescription(() => undefined);
    this.#connection.onLocalCandidate(() => undefined);
    this.#connection.onTrack(
      this.#guard((track: Track) => {
        this.#takeTrack(track);
      }),
    );
    this.#connection.onDataChannel(
      this.#guard((channel: DataChannel) => {
        this.#takeChannel(channel);
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

  get state(): State {
    return this.#state;
  }

  /**
   * Takes an offer's credentials, candidates and wish for data, and gives our side with all candidates. The first
   * offer fixes the connection; later ones (an ICE restart too) get the same credentials, which holds on a live path.
   * Throws SluiceError: `bad-request` for credentials libdatachannel refuses, `unavailable` once it failed.
   */
  async accept(offer: SessionDescription): Promise<LocalCredentials> {
    if (this.#state === 'failed' || this.#state === 'closed') {
      throw new SluiceError('unavailable', `Transport ${this.#options.id} is closed`);
    }
    const data = offer.media.some((section) => section.kind === 'application' && !section.rejected);
    const local = this.#local ?? (await this.#begin(offer, data));
    if (data && !this.#hasData) this.#addData(offer);
    for (const candidate of offer.candidates) this.addCandidate(candidate);
    return local;
  }

  /** Adds a client's candidate; repeated, unusable or surplus ones are ignored. */
  addCandidate(text: string): void {
    const candidate = readRemoteCandidate(text);
    if (candidate === undefined || this.#candidates.has(candidate)) return;
    if (this.#candidates.size >= limits.candidates) return;
    this.#candidates.add(candidate);
    if (this.#local) this.#passCandidate(candidate);
  }

  /** Sends one RTP or RTCP packet; the bytes are copied before it returns. False when it was not taken. */
  send(packet: Buffer): boolean {
    this.packetsSent++;
    if (this.#state !== 'up' || this.#track === undefined) return false;
    try {
      if (this.#track.sendMessageBinary(packet)) return true;
    } catch {
      // Closed under our hands: the state callback is on its way.
    }
    this.packetsRefused++;
    return false;
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#cancelDeadline?.();
    this.#gathered?.();
    try {
      for (const channel of this.#channels) channel.close();
      this.#channels.clear();
      this.#placeholder?.close();
      // The addon keeps an unclosed track's callbacks, and with them all of us, for ever.
      this.#track?.close();
      this.#connection.close();
    } catch (cause) {
      this.#options.log.warn('transport did not close cleanly', { transport: this.#options.id, cause });
    }
  }

  async #begin(offer: SessionDescription, data: boolean): Promise<LocalCredentials> {
    // Node as DTLS server makes browsers choose AES-GCM, which is the cheaper cipher; so the offer's `actpass` is read
    // as `active` on the client's side.
    const setup = offer.credentials.setup === 'passive' ? 'passive' : 'active';
    const gathered = new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(limits.gatheringMs, resolve);
      this.#gathered = () => {
        cancel();
        resolve();
      };
    });
    try {
      this.#connection.setRemoteDescription(pseudoDescription(offer.credentials, setup, data), 'offer');
      this.#connection.setLocalDescription('answer');
    } catch (cause) {
      this.#gathered?.();
      this.#gathered = undefined;
      throw new SluiceError('bad-request', 'Invalid SDP: the transport is not acceptable', cause);
    }
    this.#hasData = data;
    await gathered;
    this.#gathered = undefined;
    const read = readLocalCredentials(this.#connection.localDescription()?.sdp ?? '');
    if (!read || this.#isOver()) {
      throw new SluiceError('unavailable', `Transport ${this.#options.id} is closed`);
    }
    const { announcedAddresses, udpPort, clock } = this.#options;
    const candidates = announcedCandidates(read.candidates, announcedAddresses, udpPort);
    this.#local = { ...read, candidates };
    if (this.#state === 'new') this.#state = 'connecting';
    this.#cancelDeadline = clock.after(limits.connectMs, () => {
      if (this.#state !== 'up') this.#fail('Connection was not made in time');
    });
    for (const candidate of this.#candidates) this.#passCandidate(candidate);
    return this.#local;
  }

  #isOver(): boolean {
    return this.#state === 'failed' || this.#state === 'closed';
  }

  /** As answerer libdatachannel cannot add SCTP to a running connection; as offerer of a pseudo negotiation it can. */
  #addData(offer: SessionDescription): void {
    const ours = this.#local?.setup ?? 'passive';
    try {
      this.#placeholder = this.#connection.createDataChannel('', { negotiated: true, id: 1000 });
      this.#connection.setLocalDescription('offer');
      this.#connection.setRemoteDescription(
        pseudoDescription(offer.credentials, ours === 'passive' ? 'active' : 'passive', true),
        'answer',
      );
      this.#hasData = true;
    } catch (cause) {
      this.#options.log.warn('data channel could not be added', { transport: this.#options.id, cause });
    }
  }

  #passCandidate(candidate: string): void {
    try {
      this.#connection.addRemoteCandidate(candidate, '0');
    } catch {
      // A candidate it cannot use (such as an address family we lack) is no fault of the client.
    }
  }

  #takeTrack(track: Track): void {
    // Only the pseudo m-line's own track counts; it comes once.
    if (this.#track) return;
    this.#track = track;
    const { events } = this.#options;
    track.onMessage(
      this.#guard((packet: Buffer) => {
        if (this.#state !== 'up' && this.#state !== 'connecting') return;
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

  #takeChannel(channel: DataChannel): void {
    if (this.#channels.size >= limits.dataChannels) {
      channel.close();
      return;
    }
    this.#channels.add(channel);
    channel.onError(() => undefined);
    channel.onClosed(
      this.#guard(() => {
        this.#channels.delete(channel);
      }),
    );
    channel.onMessage(
      this.#guard((message: string | Buffer | ArrayBuffer) => {
        this.dataMessages++;
        this.dataBytes += typeof message === 'string' ? message.length : message.byteLength;
      }),
    );
  }

  #comeUp(): void {
    if (this.#state !== 'connecting' && this.#state !== 'new') return;
    if (this.#track?.isOpen() !== true) return;
    this.#state = 'up';
    this.#cancelDeadline?.();
    this.#options.events.up();
  }

  #fail(reason: string): void {
    if (this.#isOver()) return;
    this.#state = 'failed';
    this.#cancelDeadline?.();
    this.#gathered?.();
    this.#options.events.failed(reason);
  }

  #guard<Arguments extends unknown[]>(
    callback: (...values: Arguments) => void,
  ): (...values: Arguments) => void {
    return (...values) => {
      try {
        callback(...values);
      } catch (cause) {
        this.#options.log.error('transport callback failed', { transport: this.#options.id, cause });
      }
    };
  }
}
