// Owns one participant of the audio benchmark: peer connections with Opus tracks, sending packets that were made
// beforehand, counting what comes back and never decoding it.
import { Audio, type Direction, PeerConnection, type Track } from 'node-datachannel';
import type { SpokenPacket } from './speech.ts';

const payloadType = 111;
const levelId = 1;
const connectTimeoutMs = 15_000;
/** An empty receiver report: who receives without ever saying so is taken for gone. */
const receiverReport = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 1]);

let ssrcs = 1000;

export class AudioPeer {
  readonly #pc: PeerConnection;
  readonly #track: Track;
  readonly #ssrc = ++ssrcs;
  readonly #packet = Buffer.alloc(12 + 8 + 1500);
  #sequence = 0;
  received = 0;
  receivedBytes = 0;

  private constructor(direction: Direction, bindAddress: string) {
    const pc = new PeerConnection('audio', { iceServers: [], disableAutoNegotiation: true, bindAddress });
    pc.onLocalDescription(() => undefined);
    pc.onLocalCandidate(() => undefined);
    const media = new Audio('0', direction);
    media.addOpusCodec(payloadType);
    media.parseSdpLine(`a=extmap:${levelId} urn:ietf:params:rtp-hdrext:ssrc-audio-level`);
    if (direction !== 'RecvOnly') media.addSSRC(this.#ssrc, 'speaker', 'stream', 'track');
    this.#pc = pc;
    this.#track = pc.addTrack(media);
    this.#track.onMessage((message) => {
      const type = message[1] ?? 0;
      if (type >= 192 && type <= 223) return;
      this.received++;
      this.receivedBytes += message.length;
    });
  }

  /** `exchange` gives the server's answer to our offer. */
  static async connect(
    direction: Direction,
    exchange: (offer: string) => Promise<string>,
    bindAddress = '127.0.0.1',
  ): Promise<AudioPeer> {
    const peer = new AudioPeer(direction, bindAddress);
    try {
      peer.#pc.setLocalDescription('offer');
      await until(() => peer.#pc.gatheringState() === 'complete');
      const offer = peer.#pc.localDescription();
      if (offer === null) throw new Error('no local description');
      peer.#pc.setRemoteDescription(await exchange(offer.sdp), 'answer');
      await until(() => peer.#pc.state() === 'connected' && peer.#track.isOpen());
    } catch (error) {
      peer.close();
      throw error;
    }
    return peer;
  }

  /** The next 20 ms. */
  send({ payload, level }: SpokenPacket): void {
    const packet = this.#packet;
    packet.set([0x90, payloadType]);
    packet.writeUInt16BE(this.#sequence & 0xffff, 2);
    packet.writeUInt32BE((this.#sequence * 960) >>> 0, 4);
    packet.writeUInt32BE(this.#ssrc, 8);
    packet.set([0xbe, 0xde, 0, 1, levelId << 4, level, 0, 0], 12);
    packet.set(payload, 20);
    this.#sequence++;
    // What a participant that is gone would have received is missing in the result.
    if (this.#track.isOpen()) this.#track.sendMessageBinary(packet.subarray(0, 20 + payload.length));
  }

  report(): void {
    if (this.#track.isOpen()) this.#track.sendMessageBinary(receiverReport);
  }

  close(): void {
    this.#pc.close();
  }
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + connectTimeoutMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('not connected in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
