// Owns the latest packets of one source, shared by all its sinks, with what forwarding must know of each packet
// worked out once. Keeps the received bytes: the caller must not reuse them.
import { noBytes } from './bytes.ts';
import type { PayloadCodec } from './keyframe.ts';
import { isKeyFrame } from './keyframe.ts';
import type { RtpHeader } from './packet.ts';
import { extendSequence } from './sequence.ts';
import { SequenceUnwrapper } from './sequence-unwrapper.ts';
import { parseVp8Descriptor, Vp8Descriptor } from './vp8-descriptor.ts';

/** A packet in its slot of the ring: valid until the slot is written again, so hold it by `extended`. */
export class StoredPacket {
  bytes: Uint8Array = noBytes;
  /** View of `bytes` without header and padding. */
  payload: Uint8Array = noBytes;
  /** Sequence number that never wraps; -1: empty slot. */
  extended = -1;
  sequence = 0;
  timestamp = 0;
  marker = false;
  receivedMs = 0;
  /** First packet of a key frame; always true for codecs without key frames. */
  keyFrame = false;
  pictureIdAt = -1;
  pictureIdBits = 0;
  pictureId = -1;
  tl0PicIdxAt = -1;
  tl0PicIdx = -1;
}

const descriptor = new Vp8Descriptor();

export class PacketHistory {
  readonly codec: PayloadCodec;
  readonly #unwrapper = new SequenceUnwrapper();
  readonly #slots: StoredPacket[];
  readonly #mask: number;

  /** `capacity` in packets, a power of two. */
  constructor(codec: PayloadCodec, capacity = 1024) {
    if (capacity < 1 || (capacity & (capacity - 1)) !== 0) throw new RangeError('capacity: a power of two');
    this.codec = codec;
    this.#mask = capacity - 1;
    this.#slots = Array.from({ length: capacity }, () => new StoredPacket());
  }

  /** Highest extended sequence number seen; -1 before the first packet. */
  get highest(): number {
    return this.#unwrapper.highest;
  }

  /** How often the sender started its numbering over. */
  get restarts(): number {
    return this.#unwrapper.restarts;
  }

  /** Keeps a packet (with its parsed `header`); undefined for one to ignore: seen before, too old or foreign. */
  store(bytes: Uint8Array, header: RtpHeader, nowMs: number): StoredPacket | undefined {
    const extended = this.#unwrapper.unwrap(header.sequence);
    if (extended < 0 || this.#unwrapper.highest - extended > this.#mask) return undefined;
    const packet = this.#slots[extended & this.#mask];
    if (packet === undefined || packet.extended >= extended) return undefined;
    packet.bytes = bytes;
    packet.payload = bytes.subarray(header.payloadOffset, header.payloadEnd);
    packet.extended = extended;
    packet.sequence = header.sequence;
    packet.timestamp = header.timestamp;
    packet.marker = header.marker;
    packet.receivedMs = nowMs;
    packet.keyFrame = isKeyFrame(this.codec, bytes, header.payloadOffset, header.payloadEnd);
    if (this.codec === 'vp8') this.#describe(packet, header);
    return packet;
  }

  /** The packet with this extended number, while it is kept. */
  find(extended: number): StoredPacket | undefined {
    const packet = this.#slots[extended & this.#mask];
    return packet?.extended === extended ? packet : undefined;
  }

  /** The packet with this 16-bit number nearest to the newest, while it is kept. */
  findSequence(sequence: number): StoredPacket | undefined {
    const highest = this.#unwrapper.highest;
    return highest < 0 ? undefined : this.find(extendSequence(sequence, highest));
  }

  /** Lets go of all packets (their bytes); numbering goes on. */
  clear(): void {
    for (const slot of this.#slots) {
      slot.bytes = noBytes;
      slot.payload = noBytes;
      slot.extended = -1;
    }
  }

  #describe(packet: StoredPacket, header: RtpHeader): void {
    const whole = parseVp8Descriptor(packet.bytes, header.payloadOffset, header.payloadEnd, descriptor);
    packet.pictureIdAt = whole ? descriptor.pictureIdAt : -1;
    packet.pictureIdBits = whole ? descriptor.pictureIdBits : 0;
    packet.pictureId = whole ? descriptor.pictureId : -1;
    packet.tl0PicIdxAt = whole ? descriptor.tl0PicIdxAt : -1;
    packet.tl0PicIdx = whole ? descriptor.tl0PicIdx : -1;
  }
}
