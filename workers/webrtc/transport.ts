// Owns how a client and this worker make a connection: an offer's credentials and candidates in, ours out, the time that may
// take, and data channels. It knows nothing of sessions, SDP or what the packets mean.
import type { DataChannel } from 'node-datachannel';
import type { Unsubscribe } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import type { Clock, Log } from '../clock.ts';
import { announcedCandidates } from './candidates.ts';
import { MediaConnection, type MediaEvents } from './media-connection.ts';
import type { OwnCertificate } from './own-certificate.ts';
import { pseudoDescription } from './pseudo-sdp.ts';
import { maxDataMessageBytes, type LocalCredentials } from './sdp-answer.ts';
import type { SessionDescription } from './session-description.ts';

export interface TransportOptions {
  readonly id: string;
  readonly udpPort: number;
  readonly bindAddress: string | undefined;
  readonly announcedAddresses: readonly string[];
  /** With it a connection that fails before it was up is made again, which the client does not notice. */
  readonly certificate: OwnCertificate | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: MediaEvents;
}

const maxDataChannels = 16;
/** From the first answer until DTLS is up. */
const connectMs = 30_000;
/** From a handshake that failed: a client that did not give up asks again within a second or two. */
const againMs = 10_000;
const maxFailures = 3;

export class Transport {
  readonly #options: TransportOptions;
  #media: MediaConnection;
  readonly #channels = new Set<DataChannel>();
  #placeholder: DataChannel | undefined;
  #local: LocalCredentials | undefined;
  /** The client's side, as one of the addon's connections takes it. */
  #remote = '';
  #hasData = false;
  #wasUp = false;
  #failures = 0;
  #closed = false;
  #cancelDeadline: Unsubscribe | undefined;
  dataMessages = 0;
  dataBytes = 0;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#media = this.#connect();
  }

  get up(): boolean {
    return this.#media.state === 'up';
  }

  /** As statistics name it. */
  get state(): 'connecting' | 'up' | 'closed' {
    const { state } = this.#media;
    return state === 'over' ? 'closed' : state;
  }

  /** RTP and RTCP packets received. */
  get packetsReceived(): number {
    return this.#media.packetsReceived;
  }

  get packetsSent(): number {
    return this.#media.packetsSent;
  }

  /** Packets the socket did not take. */
  get packetsRefused(): number {
    return this.#media.packetsRefused;
  }

  /**
   * Takes an offer's credentials, candidates and wish for data, and gives our side with all candidates. The first
   * offer fixes the connection; later ones (an ICE restart too) get the same credentials, which holds on a live path.
   * Throws SluiceError: `bad-request` for credentials libdatachannel refuses, `unavailable` once it failed.
   */
  async accept(offer: SessionDescription): Promise<LocalCredentials> {
    if (this.#media.state === 'over') throw this.#over();
    const data = offer.media.some((section) => section.kind === 'application' && !section.rejected);
    const local = this.#local ?? (await this.#begin(offer, data));
    if (data && !this.#hasData) this.#addData(offer);
    for (const candidate of offer.candidates) this.addCandidate(candidate);
    return local;
  }

  /** Adds a client's candidate; repeated, unusable or surplus ones are ignored. */
  addCandidate(text: string): void {
    this.#media.addCandidate(text);
  }

  /** Sends one RTP or RTCP packet; the bytes are copied before it returns. False when it was not taken. */
  send(packet: Buffer): boolean {
    return this.#media.send(packet);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelDeadline?.();
    try {
      for (const channel of this.#channels) channel.close();
      this.#channels.clear();
      this.#placeholder?.close();
    } catch (cause) {
      this.#options.log.warn('a data channel did not close cleanly', {
        transport: this.#options.id,
        error: cause,
      });
    }
    this.#media.close();
  }

  async #begin(offer: SessionDescription, data: boolean): Promise<LocalCredentials> {
    // Node as DTLS server makes browsers choose AES-GCM, which is the cheaper cipher; so the offer's `actpass` is read
    // as `active` on the client's side.
    const setup = offer.credentials.setup === 'passive' ? 'passive' : 'active';
    this.#remote = pseudoDescription(offer.credentials, setup, data);
    const { peer } = this.#media;
    const described = this.#media.describe(() => {
      peer.setRemoteDescription(this.#remote, 'offer');
      peer.setLocalDescription('answer');
      this.#hasData = data;
    });
    const read = await described.catch((cause: unknown) => {
      throw new SluiceError('bad-request', 'Invalid SDP: the transport is not acceptable', cause);
    });
    if (read === undefined) throw this.#over();
    const { announcedAddresses, udpPort } = this.#options;
    this.#local = { ...read, candidates: announcedCandidates(read.candidates, announcedAddresses, udpPort) };
    if (!this.up) this.#expectUp(connectMs);
    return this.#local;
  }

  #expectUp(withinMs: number): void {
    this.#cancelDeadline?.();
    this.#cancelDeadline = this.#options.clock.after(withinMs, () => {
      this.#failures = maxFailures;
      this.#media.fail('Connection was not made in time');
    });
  }

  #connect(): MediaConnection {
    const { id: name, udpPort, bindAddress, certificate, clock, log, events } = this.#options;
    const media = new MediaConnection({
      ...{ name, udpPort, bindAddress, certificate, clock, log, maxMessageBytes: maxDataMessageBytes },
      events: {
        rtp: (packet) => events.rtp(packet),
        rtcp: (packet) => events.rtcp(packet),
        up: () => {
          this.#cancelDeadline?.();
          this.#wasUp = true;
          events.up();
        },
        failed: (reason) => {
          if (this.#connectAgain()) return;
          this.#cancelDeadline?.();
          events.failed(reason);
        },
      },
    });
    media.peer.onDataChannel(
      media.guard((channel: DataChannel) => {
        this.#takeChannel(channel);
      }),
    );
    return media;
  }

  /**
   * libdatachannel 0.24.5 fails a handshake whose first message it takes up before it has set the size of its own, which
   * happens on a busy machine. The client has heard nothing of that and goes on asking: another connection with the same
   * credentials answers it. False when nothing can be done.
   */
  #connectAgain(): boolean {
    const { certificate, log, id } = this.#options;
    const local = this.#local;
    if (local === undefined || certificate === undefined || this.#wasUp || this.#closed) return false;
    // What was added to the failed connection is not in the first offer.
    if (this.#failures >= maxFailures || this.#placeholder !== undefined) return false;
    this.#failures++;
    const before = this.#media;
    before.close();
    let media: MediaConnection;
    try {
      media = this.#connect();
    } catch (cause) {
      log.warn('a connection could not be made again', { transport: id, error: cause });
      return false;
    }
    this.#media = media;
    const { iceUfrag, icePwd } = local;
    media
      .describe(() => {
        media.peer.setRemoteDescription(this.#remote, 'offer');
        media.peer.setLocalDescription('answer', { iceUfrag, icePwd });
      })
      .catch((cause: unknown) => {
        log.warn('a connection could not be made again', { transport: id, error: cause });
        media.fail('Connection failed');
      });
    for (const candidate of before.candidates) media.addCandidate(candidate);
    if (this.#failures === 1) this.#expectUp(againMs);
    return true;
  }

  #over(): SluiceError {
    return new SluiceError('unavailable', `Transport ${this.#options.id} is closed`);
  }

  /** As answerer libdatachannel cannot add SCTP to a running connection; as offerer of a pseudo negotiation it can. */
  #addData(offer: SessionDescription): void {
    const ours = this.#local?.setup ?? 'passive';
    const { peer } = this.#media;
    try {
      this.#placeholder = peer.createDataChannel('', { negotiated: true, id: 1000 });
      peer.setLocalDescription('offer');
      peer.setRemoteDescription(
        pseudoDescription(offer.credentials, ours === 'passive' ? 'active' : 'passive', true),
        'answer',
      );
      this.#hasData = true;
    } catch (cause) {
      this.#options.log.warn('data channel could not be added', {
        transport: this.#options.id,
        error: cause,
      });
    }
  }

  #takeChannel(channel: DataChannel): void {
    if (this.#channels.size >= maxDataChannels) {
      channel.close();
      return;
    }
    this.#channels.add(channel);
    channel.onError(() => undefined);
    channel.onClosed(
      this.#media.guard(() => {
        this.#channels.delete(channel);
      }),
    );
    channel.onMessage(
      this.#media.guard((message: string | Buffer | ArrayBuffer) => {
        this.dataMessages++;
        this.dataBytes += typeof message === 'string' ? message.length : message.byteLength;
      }),
    );
  }
}
