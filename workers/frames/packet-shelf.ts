// Owns the video packets that wait for the rest of their frame, by extended sequence number, within bounds. Knows how a
// frame's packets lie together; when to give one up is video-jitter-buffer.ts's.
import type { MediaPacket } from './media-packet.ts';
import type { PayloadFacts } from './video-depacketizer.ts';

export interface ShelfBounds {
  readonly maxPackets: number;
  readonly maxBytes: number;
}

/** Packets `start` up to `end` (exclusive) are one frame; `followed`: the next packet belongs to another one. */
export type Run =
  | { readonly type: 'frame'; readonly start: number; readonly end: number; readonly followed: boolean }
  | { readonly type: 'missing'; readonly at: number };

interface Stored {
  readonly packet: MediaPacket;
  readonly facts: PayloadFacts | undefined;
  readonly arrivedMs: number;
}

/** Older packets than this many before the newest are let go: no sequence number stays meaningful for ever. */
const maxSpan = 4096;
const maxKeys = 8;

export class PacketShelf {
  /** Highest extended number stored; -1 when there was none. */
  highest = -1;
  bytes = 0;
  /** Packets below this number are no longer taken: they were given out, or let go to make room. */
  floor = 0;
  readonly #bounds: ShelfBounds;
  readonly #stored = new Map<number, Stored>();
  /** One packet with key frame facts per timestamp. */
  readonly #keys = new Map<number, number>();
  #lowest = Infinity;

  constructor(bounds: ShelfBounds) {
    this.#bounds = bounds;
  }

  get packets(): number {
    return this.#stored.size;
  }

  has(extended: number): boolean {
    return this.#stored.has(extended);
  }

  /** Some packet tells of a key frame. */
  get hasKeys(): boolean {
    return this.#keys.size > 0;
  }

  /** May let go the oldest packets: `floor` then rises. */
  put(
    extended: number,
    packet: MediaPacket,
    facts: PayloadFacts | undefined,
    nowMs: number,
  ): 'kept' | 'late' | 'double' {
    if (extended < this.floor) return 'late';
    if (this.#stored.has(extended)) return 'double';
    this.#stored.set(extended, { packet, facts, arrivedMs: nowMs });
    this.bytes += packet.payload.length;
    this.highest = Math.max(this.highest, extended);
    this.#lowest = Math.min(this.#lowest, extended);
    if (facts?.key === true) {
      const known = this.#keys.get(packet.timestamp);
      if (known === undefined || extended < known) this.#keys.set(packet.timestamp, extended);
      if (this.#keys.size > maxKeys) this.#dropOldestKey();
    }
    const { maxPackets, maxBytes } = this.#bounds;
    this.dropBefore(this.highest - maxSpan);
    while (this.#stored.size > maxPackets || this.bytes > maxBytes) this.dropBefore(this.#oldest() + 1);
    return 'kept';
  }

  /** Lets go all packets below `extended` and takes none of them any more. */
  dropBefore(extended: number): void {
    this.floor = Math.max(this.floor, extended);
    for (let at = this.#oldest(); at < extended; at = this.#oldest()) this.#take(at);
    for (const [timestamp, at] of this.#keys) if (at < extended) this.#keys.delete(timestamp);
  }

  clear(): void {
    this.#stored.clear();
    this.#keys.clear();
    this.#lowest = Infinity;
    this.highest = -1;
    this.floor = 0;
    this.bytes = 0;
  }

  /** The run of packets from `start` on: padding is passed over, a marker or another timestamp ends a frame. */
  run(start: number): Run {
    let timestamp = -1;
    for (let at = start; ; at++) {
      const stored = this.#stored.get(at);
      if (stored === undefined) return { type: 'missing', at };
      const { packet } = stored;
      if (packet.payload.length === 0) continue;
      if (timestamp < 0) timestamp = packet.timestamp;
      else if (packet.timestamp !== timestamp) return { type: 'frame', start, end: at, followed: true };
      if (packet.marker) return { type: 'frame', start, end: at + 1, followed: false };
    }
  }

  /** Packets `start` up to `end` that are stored, in order. */
  slice(start: number, end: number): readonly MediaPacket[] {
    const packets: MediaPacket[] = [];
    for (let at = start; at < end; at++) {
      const stored = this.#stored.get(at);
      if (stored !== undefined) packets.push(stored.packet);
    }
    return packets;
  }

  /** When the first stored packet after `missing` came; undefined when there is none. */
  arrivalAfter(missing: number): number | undefined {
    for (let at = missing + 1; at <= this.highest; at++) {
      const stored = this.#stored.get(at);
      if (stored !== undefined) return stored.arrivedMs;
    }
    return undefined;
  }

  /** First packets of key frames begun here, oldest first, with when they came; unknown starts are left out. */
  keyStarts(): readonly { readonly start: number; readonly begins: boolean; readonly arrivedMs: number }[] {
    const starts: { start: number; begins: boolean; arrivedMs: number }[] = [];
    for (const [timestamp, at] of this.#keys) {
      const found = this.#startOf(timestamp, at);
      if (found !== undefined) starts.push(found);
    }
    return starts.sort((a, b) => a.start - b.start);
  }

  /** Forgets that the frame of these packets could be a start, after it turned out malformed. */
  forgetKey(timestamp: number): void {
    this.#keys.delete(timestamp);
  }

  #startOf(
    timestamp: number,
    from: number,
  ): { start: number; begins: boolean; arrivedMs: number } | undefined {
    let start = from;
    for (let at = from; ; at--) {
      const stored = this.#stored.get(at);
      const first = this.#stored.get(start);
      if (first === undefined) return undefined;
      if (stored === undefined) {
        if (first.facts?.start !== true) return undefined;
        return { start, begins: false, arrivedMs: first.arrivedMs };
      }
      const { packet, facts } = stored;
      if (packet.payload.length === 0) continue;
      if (at < from && (packet.timestamp !== timestamp || packet.marker)) {
        return { start, begins: true, arrivedMs: first.arrivedMs };
      }
      start = at;
      if (facts?.start === true) return { start, begins: false, arrivedMs: stored.arrivedMs };
    }
  }

  /** Lowest extended number stored; Infinity when there is none. */
  #oldest(): number {
    if (this.#stored.size === 0) this.#lowest = Infinity;
    else while (!this.#stored.has(this.#lowest)) this.#lowest++;
    return this.#lowest;
  }

  #take(extended: number): void {
    const stored = this.#stored.get(extended);
    if (stored === undefined) return;
    this.#stored.delete(extended);
    this.bytes -= stored.packet.payload.length;
  }

  #dropOldestKey(): void {
    let oldest: [number, number] | undefined;
    for (const entry of this.#keys) if (oldest === undefined || entry[1] < oldest[1]) oldest = entry;
    if (oldest !== undefined) this.#keys.delete(oldest[0]);
  }
}
