// Owns how two workers make a connection to each other: the bus has told each side the other's credentials and candidates.
// It knows nothing of what it carries.
import { Video } from 'node-datachannel';
import { SluiceError } from '../../schemas/error.ts';
import type { LinkAnswer, LinkCredentials } from '../../schemas/link.ts';
import { announcedCandidates } from '../webrtc/candidates.ts';
import { MediaConnection, type MediaEvents } from '../webrtc/media-connection.ts';
import type { MediaRim } from '../webrtc/media-rim.ts';
import { pseudoDescription } from '../webrtc/pseudo-sdp.ts';

/** What ICE and DTLS need of the other end. */
export type PeerCredentials = Omit<LinkCredentials, 'ssrc'>;

export interface ConnectionOptions {
  readonly name: string;
  readonly rim: MediaRim;
  readonly events: MediaEvents;
}

const maxCandidates = 64;

type Local = PeerCredentials & Pick<LinkAnswer, 'candidates'>;

export class Connection {
  readonly #rim: MediaRim;
  readonly #media: MediaConnection;

  constructor({ name, rim, events }: ConnectionOptions) {
    this.#rim = rim;
    const { udpPort, bindAddress, clock, log } = rim;
    this.#media = new MediaConnection({
      ...{ name, udpPort, bindAddress, clock, log },
      events: {
        rtp: (packet) => events.rtp(packet),
        rtcp: (packet) => events.rtcp(packet),
        up: () => events.up(),
        failed: (reason) => {
          this.#media.close();
          events.failed(reason);
        },
      },
    });
  }

  get up(): boolean {
    return this.#media.state === 'up';
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

  /** Our side of a connection that we offer. Throws SluiceError `unavailable`. */
  offer(): Promise<Local> {
    const { peer } = this.#media;
    const video = new Video('0', 'SendRecv');
    video.addVP8Codec(96);
    this.#media.take(peer.addTrack(video));
    return this.#describe(() => {
      peer.setLocalDescription('offer');
    });
  }

  /** The other end has answered: as DTLS server, which so has our fingerprint before it hears from us. */
  accept(answer: PeerCredentials): void {
    const description = pseudoDescription({ ...answer, setup: 'passive' }, 'passive', false);
    this.#media.peer.setRemoteDescription(description, 'answer');
  }

  /** Our side of a connection that the other end offers. Throws SluiceError `unavailable`. */
  answer(offer: PeerCredentials): Promise<Local> {
    const { peer } = this.#media;
    return this.#describe(() => {
      peer.setRemoteDescription(pseudoDescription({ ...offer, setup: 'active' }, 'active', false), 'offer');
      peer.setLocalDescription('answer');
    });
  }

  /** Adds the other end's candidates; unusable or surplus ones are ignored. */
  addCandidates(texts: readonly string[]): void {
    for (const text of texts.slice(0, maxCandidates)) this.#media.addCandidate(text);
  }

  /** Sends one RTP or RTCP packet; the bytes are copied before it returns. False when it was not taken. */
  send(packet: Buffer): boolean {
    return this.#media.send(packet);
  }

  /** Idempotent; no event follows. */
  close(): void {
    this.#media.close();
  }

  async #describe(begin: () => void): Promise<Local> {
    const local = await this.#media.describe(begin).catch((cause: unknown) => {
      throw new SluiceError('unavailable', 'The link could not be described', cause);
    });
    if (!local) throw new SluiceError('unavailable', 'The link was closed');
    const { announcedAddresses, udpPort } = this.#rim;
    const { iceUfrag, icePwd, fingerprint } = local;
    const own = announcedCandidates(local.candidates, [], udpPort);
    // Where other workers reach this host may be either: its own addresses, or what it is reached under from outside.
    const candidates =
      announcedAddresses.length === 0
        ? own
        : [...new Set([...own, ...announcedCandidates([], announcedAddresses, udpPort)])];
    return { iceUfrag, icePwd, fingerprint, candidates: candidates.slice(0, maxCandidates) };
  }
}
