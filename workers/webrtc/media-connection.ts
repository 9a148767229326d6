// Owns one peer connection of the addon in transport mode: ICE on the worker's own UDP port without STUN, DTLS, SRTP; packets
// in, packets out. How its two sides come to know each other is `transport.ts` for clients and `../link/connection.ts` for
// workers. An exception in any callback of the addon would end the process, so every one is guarded.
import { PeerConnection, type Track } from 'node-datachannel';
import type { Clock, Log } from '../clock.ts';
import { readRemoteCandidate } from './candidates.ts';
import type { OwnCertificate } from './own-certificate.ts';
import { readLocalCredentials } from './pseudo-sdp.ts';
import type { LocalCredentials } from './sdp-answer.ts';

export interface MediaEvents {
  /** Each packet is a Buffer of its own and may be kept. */
  rtp(packet: Buffer): void;
  rtcp(packet: Buffer): void;
  /** SRTP is open both ways; called once. */
  up(): void;
  /** It will not work any more; called at most once, not after `close`. */
  failed(reason: string): void;
}

export interface MediaConnectionOptions {
  readonly name: string;
  readonly udpPort: number;
  readonly bindAddress: string | undefined;
  /** Absent: one made for this connection alone. */
  readonly certificate?: OwnCertificate | undefined;
  /** Absent: no data channels. */
  readonly maxMessageBytes?: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: MediaEvents;
}

const gatheringMs = 2000;
const maxCandidates = 100;

export class MediaConnection {
  /** The addon's own object, for what the two sides do differently. Its callbacks must be guarded. */
  readonly peer: PeerConnection;
  readonly #options: MediaConnectionOptions;
  readonly #candidates = new Set<string>();
  #track: Track | undefined;
  #state: 'connecting' | 'up' | 'over' = 'connecting';
  #described = false;
  #gathered: (() => void) | undefined;
  /** RTP and RTCP packets received. */
  packetsReceived = 0;
  packetsSent = 0;
  /** Packets the socket did not take. */
  packetsRefused = 0;

  constructor(options: MediaConnectionOptions) {
    this.#options = options;
    const { name, bindAddress, udpPort, certificate, maxMessageBytes } = options;
    this.peer = new PeerConnection(name, {
      iceServers: [],
      ...(bindAddress === undefined ? {} : { bindAddress }),
      enableIceUdpMux: true,
      portRangeBegin: udpPort,
      portRangeEnd: udpPort,
      disableAutoNegotiation: true,
      forceMediaTransport: true,
      ...(certificate === undefined
        ? {}
        : { certificatePemFile: certificate.cert, keyPemFile: certificate.key }),
      ...(maxMessageBytes === undefined ? {} : { maxMessageSize: maxMessageBytes }),
    });
    this.peer.onLocalDescription(() => undefined);
    this.peer.onLocalCandidate(() => undefined);
    this.peer.onTrack(
      this.guard((track: Track) => {
        this.take(track);
      }),
    );
    this.peer.onGatheringStateChange(
      this.guard((state: string) => {
        if (state === 'complete') this.#gathered?.();
      }),
    );
    this.peer.onStateChange(
      this.guard((state: string) => {
        if (state === 'connected') this.#comeUp();
        else if (state === 'failed' || state === 'closed') this.fail(`Connection ${state}`);
      }),
    );
  }

  get state(): 'connecting' | 'up' | 'over' {
    return this.#state;
  }

  /** Those of the other side, as far as they can be used. */
  get candidates(): ReadonlySet<string> {
    return this.#candidates;
  }

  /**
   * Our side with all its candidates, once `begin` has set the descriptions that make it known. Rejects with what `begin`
   * throws; undefined when the connection is over.
   */
  async describe(begin: () => void): Promise<LocalCredentials | undefined> {
    const gathered = new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(gatheringMs, resolve);
      this.#gathered = () => {
        cancel();
        resolve();
      };
    });
    try {
      begin();
    } catch (cause) {
      this.#gathered?.();
      throw cause;
    }
    await gathered;
    if (this.#state === 'over') return undefined;
    const local = readLocalCredentials(this.peer.localDescription()?.sdp ?? '');
    if (local === undefined) return undefined;
    this.#described = true;
    for (const candidate of this.#candidates) this.#pass(candidate);
    return local;
  }

  /** Adds a candidate of the other side; repeated, unusable or surplus ones are ignored. */
  addCandidate(text: string): void {
    const candidate = readRemoteCandidate(text);
    if (candidate === undefined || this.#candidates.has(candidate) || this.#state === 'over') return;
    if (this.#candidates.size >= maxCandidates) return;
    this.#candidates.add(candidate);
    if (this.#described) this.#pass(candidate);
  }

  /** Takes the track that carries all packets; there is one, and further ones do not count. */
  take(track: Track): void {
    if (this.#track) return;
    this.#track = track;
    const { events } = this.#options;
    track.onMessage(
      this.guard((packet: Buffer) => {
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
      this.guard(() => {
        this.#comeUp();
      }),
    );
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

  /** It will not work any more; its owner is told, and closes it. */
  fail(reason: string): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#gathered?.();
    this.#options.events.failed(reason);
  }

  /** Idempotent; no event follows. */
  close(): void {
    this.#state = 'over';
    this.#gathered?.();
    try {
      // The addon keeps an unclosed track's callbacks, and with them all of us, for ever.
      this.#track?.close();
      this.peer.close();
    } catch (cause) {
      const { log, name } = this.#options;
      log.warn('a connection did not close cleanly', { name, error: cause });
    }
  }

  /** For every callback that is given to the addon. */
  guard<Arguments extends unknown[]>(
    callback: (...values: Arguments) => void,
  ): (...values: Arguments) => void {
    return (...values) => {
      try {
        callback(...values);
      } catch (cause) {
        const { log, name } = this.#options;
        log.error('a callback of a connection failed', { name, error: cause });
      }
    };
  }

  #pass(candidate: string): void {
    try {
      this.peer.addRemoteCandidate(candidate, '0');
    } catch {
      // One it cannot use (such as of an address family we lack) is nobody's fault.
    }
  }

  #comeUp(): void {
    if (this.#state !== 'connecting' || this.#track?.isOpen() !== true) return;
    this.#state = 'up';
    this.#options.events.up();
  }
}
