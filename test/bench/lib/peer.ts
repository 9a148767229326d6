// Owns the load side of media: node-datachannel peers with one VP8 track that send or receive packets built by hand.
// Payloads are not pictures: a VP8 descriptor, the first bytes of a frame header, and a send time at the end.
import { PeerConnection, type Track, Video } from 'node-datachannel';

const payloadType = 96;
const clockRate = 90_000;
const connectTimeoutMs = 15_000;

function connection(name: string, bindAddress: string): PeerConnection {
  const pc = new PeerConnection(name, {
    iceServers: [],
    disableAutoNegotiation: true,
    bindAddress,
  });
  pc.onLocalDescription(() => undefined);
  pc.onLocalCandidate(() => undefined);
  return pc;
}

async function gathered(pc: PeerConnection): Promise<string> {
  const deadline = performance.now() + connectTimeoutMs;
  while (pc.gatheringState() !== 'complete') {
    if (performance.now() > deadline) throw new Error('gathering took too long');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const description = pc.localDescription();
  if (description === null) throw new Error('no local description');
  return description.sdp;
}

function connected(pc: PeerConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new Error(`not connected: ${pc.state()}`));
    }, connectTimeoutMs);
    const look = (state: string): void => {
      if (state !== 'connected') return;
      clearTimeout(late);
      resolve();
    };
    pc.onStateChange(look);
    look(pc.state());
  });
}

async function answered(pc: PeerConnection, answer: Promise<string>): Promise<void> {
  try {
    pc.setRemoteDescription(await answer, 'answer');
    await connected(pc);
  } catch (error) {
    pc.close();
    throw error;
  }
}

/** Microseconds on a clock shared by all peers of this process, cut to 32 bits. */
function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n) % 0xffff_ffff;
}

/** Whether an RTCP compound holds a PLI (206/1), which asks for a key frame at the next frame's start. */
function asksForKeyFrame(compound: Buffer): boolean {
  for (let at = 0; at + 4 <= compound.length; at += 4 * (compound.readUInt16BE(at + 2) + 1)) {
    if (compound[at + 1] === 206 && ((compound[at] ?? 0) & 31) === 1) return true;
  }
  return false;
}

/** Packets a frame; a key frame every this many frames. */
const packetsPerFrame = 10;
const framesPerKeyFrame = 40;

export class Publisher {
  readonly #pc: PeerConnection;
  readonly #track: Track;
  readonly #packet: Buffer;
  readonly #framesPerSecond: number;
  #sequence = 0;
  #timestamp = 0;
  #keyFrameWanted = true;
  sent = 0;

  private constructor(pc: PeerConnection, track: Track, bytes: number, packetsPerSecond: number) {
    this.#pc = pc;
    this.#track = track;
    this.#framesPerSecond = Math.max(1, packetsPerSecond / packetsPerFrame);
    this.#packet = Buffer.alloc(12 + bytes);
    this.#packet[0] = 0x80;
    this.#packet.writeUInt32BE(1111, 8);
    track.onMessage((message) => {
      if (asksForKeyFrame(message)) this.#keyFrameWanted = true;
    });
  }

  /** `exchange` gives the server's answer to our offer. */
  static async connect(
    exchange: (offer: string) => Promise<string>,
    payloadBytes: number,
    packetsPerSecond: number,
    bindAddress = '127.0.0.1',
  ): Promise<Publisher> {
    const pc = connection('publisher', bindAddress);
    const media = new Video('0', 'SendOnly');
    media.addVP8Codec(payloadType);
    media.addSSRC(1111, 'publisher', 'stream', 'track');
    const track = pc.addTrack(media);
    pc.setLocalDescription('offer');
    const offer = await gathered(pc);
    await answered(pc, exchange(offer));
    return new Publisher(pc, track, payloadBytes, packetsPerSecond);
  }

  /** Nothing once the server has ended it. */
  send(count: number): void {
    if (!this.#track.isOpen()) return;
    const packet = this.#packet;
    for (let i = 0; i < count; i++) {
      const inFrame = this.#sequence % packetsPerFrame;
      const frame = Math.floor(this.#sequence / packetsPerFrame);
      if (inFrame === 0) {
        this.#timestamp = (this.#timestamp + Math.round(clockRate / this.#framesPerSecond)) >>> 0;
        const key = this.#keyFrameWanted || frame % framesPerKeyFrame === 0;
        this.#keyFrameWanted = false;
        // S bit, then the frame header: key flag inverted, start code, 640x360.
        packet.set([0x10, key ? 0x10 : 0x11, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01], 12);
      } else if (inFrame === 1) {
        packet.fill(0, 12, 24);
      }
      packet[1] = (inFrame === packetsPerFrame - 1 ? 0x80 : 0) | payloadType;
      packet.writeUInt16BE(this.#sequence & 0xffff, 2);
      packet.writeUInt32BE(this.#timestamp, 4);
      packet.writeUInt32BE(microseconds(), packet.length - 4);
      this.#track.sendMessageBinary(packet);
      this.#sequence++;
      this.sent++;
    }
  }

  /** Sends at an even pace until stopped. */
  pace(packetsPerSecond: number): () => void {
    const start = performance.now();
    let done = 0;
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - start) * packetsPerSecond) / 1000) - done;
      // After a stall, do not burst more than 50 ms at once.
      const count = Math.min(due, Math.ceil(packetsPerSecond / 20));
      done += due;
      if (count > 0) this.send(count);
    }, 2);
    return () => {
      clearInterval(timer);
    };
  }

  close(): void {
    this.#pc.close();
  }
}

/** An empty receiver report: who receives without ever saying so is taken for gone. */
const receiverReport = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 1]);
const reportIntervalMs = 4000;

export class Receiver {
  readonly #pc: PeerConnection;
  readonly #reports: NodeJS.Timeout;
  /** Held so that it is not collected while packets come. */
  readonly tracks: Track[] = [];
  packets = 0;
  delaysUs: number[] = [];
  #first: (() => void) | undefined;
  readonly firstPacket = new Promise<void>((resolve) => {
    this.#first = resolve;
  });

  private constructor(pc: PeerConnection) {
    this.#pc = pc;
    this.#reports = setInterval(() => {
      for (const track of this.tracks) if (track.isOpen()) track.sendMessageBinary(receiverReport);
    }, reportIntervalMs);
  }

  /** `watch` counts packets and delays; unwatched receivers cost next to nothing. */
  static async offer(exchange: (offer: string) => Promise<string>, watch: boolean): Promise<Receiver> {
    const pc = connection('receiver', '127.0.0.1');
    const receiver = new Receiver(pc);
    const media = new Video('0', 'RecvOnly');
    media.addVP8Codec(payloadType);
    receiver.#hold(pc.addTrack(media), watch);
    pc.setLocalDescription('offer');
    const offer = await gathered(pc);
    await answered(pc, exchange(offer));
    return receiver;
  }

  /** For servers that offer: `subscribe` is handed the function that answers. */
  static async answer(
    subscribe: (answer: (offer: string) => Promise<string>) => Promise<void>,
    watch: boolean,
    bindAddress = '127.0.0.1',
  ): Promise<Receiver> {
    const pc = connection('receiver', bindAddress);
    const receiver = new Receiver(pc);
    pc.onTrack((track) => {
      receiver.#hold(track, watch);
    });
    const up = connected(pc);
    await subscribe(async (offer) => {
      pc.setRemoteDescription(offer, 'offer');
      pc.setLocalDescription('answer');
      return gathered(pc);
    });
    await up;
    return receiver;
  }

  #hold(track: Track, watch: boolean): void {
    this.tracks.push(track);
    if (watch) track.onMessage(this.#onMessage);
  }

  readonly #onMessage = (message: Buffer): void => {
    const type = message[1] ?? 0;
    if (type >= 192 && type <= 223) return;
    if (this.packets++ === 0) this.#first?.();
    if ((this.packets & 7) === 0 && message.length > 100) {
      this.delaysUs.push((microseconds() - message.readUInt32BE(message.length - 4)) >>> 0);
    }
  };

  close(): void {
    clearInterval(this.#reports);
    this.tracks.length = 0;
    this.#pc.close();
  }
}
