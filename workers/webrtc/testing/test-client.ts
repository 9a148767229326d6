// Owns a client for tests: a node-datachannel peer that writes its own offers and sends and receives raw RTP and RTCP, as
// a browser would but packet by packet.
import { PeerConnection, Video, type Track } from 'node-datachannel';
import { RtpHeader, parseRtp } from '../../rtp/packet.ts';
import { parseRtcp, type RtcpPacket } from '../../rtp/rtcp.ts';
import { pseudoDescription, readLocalCredentials } from '../pseudo-sdp.ts';
import type { LocalCredentials } from '../sdp-answer.ts';
import { parseSdp } from '../sdp-parse.ts';
import type { SessionDescription } from '../session-description.ts';

/** An m-line of a test offer; opus 111, VP8 96 with RTX 97, H.264 102; extensions mid 4, rid 10, transport-cc 3. */
export interface OfferedLine {
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  readonly direction: 'sendonly' | 'recvonly' | 'inactive';
  readonly ssrc?: number;
  readonly rids?: readonly string[];
}

export interface ReceivedPacket {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly payload: Buffer;
}

let count = 0;
const maxKept = 10_000;

export class TestClient {
  readonly packets: ReceivedPacket[] = [];
  readonly feedback: RtcpPacket[] = [];
  #connection: PeerConnection;
  #track: Track;
  #local: LocalCredentials | undefined;
  #connected = false;
  readonly #watchers = new Set<() => void>();

  constructor() {
    count++;
    this.#connection = new PeerConnection(`test-client-${String(count)}`, {
      iceServers: [],
      bindAddress: '127.0.0.1',
      disableAutoNegotiation: true,
      forceMediaTransport: true,
    });
    this.#connection.onLocalCandidate(() => undefined);
    this.#connection.onLocalDescription(() => undefined);
    const video = new Video('0', 'SendRecv');
    video.addVP8Codec(96);
    this.#track = this.#connection.addTrack(video);
    this.#track.onMessage((packet) => {
      this.#receive(packet);
    });
    this.#track.onOpen(() => {
      this.#notify();
    });
  }

  /** The text of an offer with these m-lines. */
  async offer(lines: readonly OfferedLine[]): Promise<string> {
    const local = await this.#credentials();
    const text = [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      `a=group:BUNDLE ${lines.map(({ mid }) => mid).join(' ')}`,
      ...lines.flatMap((line) => section(line, local)),
    ];
    return `${text.join('\r\n')}\r\n`;
  }

  /** Takes an answer; with the first one the connection begins. */
  accept(answer: string): SessionDescription {
    const description = parseSdp(answer);
    if (!this.#connected) {
      this.#connected = true;
      this.#connection.setRemoteDescription(
        pseudoDescription(description.credentials, 'passive', false),
        'answer',
      );
      for (const candidate of new Set(description.candidates)) {
        this.#connection.addRemoteCandidate(candidate, '0');
      }
    }
    return description;
  }

  /** Resolves when packets can be sent. */
  open(): Promise<void> {
    return this.until(() => this.#track.isOpen());
  }

  send(packet: Uint8Array): void {
    this.#track.sendMessageBinary(Buffer.from(packet));
  }

  /** Resolves once `condition` holds, looking again after every packet that comes in. */
  until(condition: () => boolean, withinMs = 5000): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`nothing of the kind came within ${String(withinMs)} ms`));
      }, withinMs);
      this.#watchers.add(look);
      look();
    });
  }

  close(): void {
    this.#connection.close();
  }

  async #credentials(): Promise<LocalCredentials> {
    if (this.#local) return this.#local;
    const gathered = new Promise<void>((resolve) => {
      this.#connection.onGatheringStateChange((state) => {
        if (state === 'complete') resolve();
      });
    });
    this.#connection.setLocalDescription('offer');
    await gathered;
    const local = readLocalCredentials(this.#connection.localDescription()?.sdp ?? '');
    if (!local) throw new Error('the test client has no description');
    this.#local = local;
    return local;
  }

  #receive(packet: Buffer): void {
    const type = packet[1] ?? 0;
    const header = new RtpHeader();
    if (type >= 192 && type <= 223) this.feedback.push(...parseRtcp(packet));
    else if (parseRtp(packet, header)) {
      const { ssrc, payloadType, sequence, timestamp, payloadOffset, payloadEnd } = header;
      const payload = packet.subarray(payloadOffset, payloadEnd);
      this.packets.push({ ssrc, payloadType, sequence, timestamp, payload });
    }
    if (this.packets.length > maxKept) this.packets.shift();
    this.#notify();
  }

  #notify(): void {
    for (const look of [...this.#watchers]) look();
  }
}

function section({ mid, kind, direction, ssrc, rids }: OfferedLine, local: LocalCredentials): string[] {
  const audio = kind === 'audio';
  return [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${audio ? '111' : '96 97 102'}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    `a=${direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    `a=ice-ufrag:${local.iceUfrag}`,
    `a=ice-pwd:${local.icePwd}`,
    `a=fingerprint:${local.fingerprint}`,
    'a=setup:actpass',
    // No candidates: a libdatachannel offerer that is reached before it has the answer sometimes gives up.
    'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
    'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
    'a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
    ...(audio
      ? ['a=rtpmap:111 opus/48000/2']
      : [
          'a=rtpmap:96 VP8/90000',
          'a=rtcp-fb:96 nack',
          'a=rtcp-fb:96 nack pli',
          'a=rtcp-fb:96 transport-cc',
          'a=rtpmap:97 rtx/90000',
          'a=fmtp:97 apt=96',
          'a=rtpmap:102 H264/90000',
          'a=fmtp:102 packetization-mode=1;profile-level-id=42e01f',
        ]),
    ...(ssrc === undefined ? [] : [`a=ssrc:${String(ssrc)} cname:test`]),
    ...(rids ?? []).map((rid) => `a=rid:${rid} send`),
    ...(rids ? [`a=simulcast:send ${rids.join(';')}`] : []),
  ];
}
