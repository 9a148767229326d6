// Owns what can be told of an Opus packet without decoding it (RFC 6716 §3, §4.2.4).

export interface OpusPacket {
  /** At 48 kHz; at most 120 ms. */
  readonly durationTicks: number;
  readonly frames: number;
  readonly channels: 1 | 2;
  /** The packet before this one can be decoded from it, in lower quality. */
  readonly hasFec: boolean;
  /** No sound in it: the sender is in discontinuous transmission. */
  readonly dtx: boolean;
}

const maxTicks = 5760;
const maxFrameBytes = 1275;
const silkTicks = [480, 960, 1920, 2880] as const;
const celtTicks = [120, 240, 480, 960] as const;

/** Facts of `packet`; undefined when it is not an Opus packet. Never throws. */
export function readOpusPacket(packet: Uint8Array): OpusPacket | undefined {
  const toc = packet[0];
  if (toc === undefined) return undefined;
  const configuration = toc >> 3;
  const frameTicks = ticksOf(configuration);
  const found = firstFrame(packet, toc & 3);
  if (found === undefined) return undefined;
  const durationTicks = found.frames * frameTicks;
  if (durationTicks > maxTicks) return undefined;
  const channels = (toc & 4) !== 0 ? 2 : 1;
  return {
    durationTicks,
    frames: found.frames,
    channels,
    hasFec: found.length > 0 && configuration < 16 && lbrr(packet[found.at] ?? 0, frameTicks, channels),
    dtx: packet.length <= 2,
  };
}

function ticksOf(configuration: number): number {
  if (configuration < 12) return silkTicks[configuration & 3] ?? 0;
  if (configuration < 16) return (configuration & 1) === 0 ? 480 : 960;
  return celtTicks[configuration & 3] ?? 0;
}

/** The low-bitrate redundancy flags that follow the voice activity flags of each channel's SILK frames. */
function lbrr(first: number, frameTicks: number, channels: 1 | 2): boolean {
  const silkFrames = Math.max(1, frameTicks / 960);
  if (((first >> (7 - silkFrames)) & 1) !== 0) return true;
  return channels === 2 && ((first >> (6 - 2 * silkFrames)) & 1) !== 0;
}

interface FirstFrame {
  readonly frames: number;
  readonly at: number;
  readonly length: number;
}

/** How many frames there are, and the first one's place; undefined where RFC 6716 §3.4 forbids the packet. */
function firstFrame(packet: Uint8Array, code: number): FirstFrame | undefined {
  const rest = packet.length - 1;
  if (code === 0) return sized(1, 1, rest);
  if (code === 1) return rest % 2 === 0 ? sized(2, 1, rest / 2) : undefined;
  if (code === 2) {
    const first = lengthAt(packet, 1);
    if (first === undefined || first.length > packet.length - first.next) return undefined;
    if (packet.length - first.next - first.length > maxFrameBytes) return undefined;
    return sized(2, first.next, first.length);
  }
  return counted(packet);
}

function counted(packet: Uint8Array): FirstFrame | undefined {
  const header = packet[1];
  const frames = (header ?? 0) & 63;
  if (header === undefined || frames === 0) return undefined;
  let at = 2;
  let end = packet.length;
  if ((header & 0x40) !== 0) {
    let more = true;
    while (more) {
      const padding = packet[at++];
      if (padding === undefined) return undefined;
      more = padding === 255;
      end -= more ? 254 : padding;
    }
  }
  if ((header & 0x80) === 0) {
    const bytes = end - at;
    return bytes >= 0 && bytes % frames === 0 ? sized(frames, at, bytes / frames) : undefined;
  }
  let first = -1;
  let total = 0;
  for (let frame = 0; frame < frames - 1; frame++) {
    const read = lengthAt(packet, at);
    if (read === undefined) return undefined;
    if (frame === 0) first = read.length;
    total += read.length;
    at = read.next;
  }
  const last = end - at - total;
  if (last < 0 || last > maxFrameBytes) return undefined;
  return sized(frames, at, first < 0 ? last : first);
}

function sized(frames: number, at: number, length: number): FirstFrame | undefined {
  return length <= maxFrameBytes ? { frames, at, length } : undefined;
}

/** A frame length of one or two bytes (§3.2.1). */
function lengthAt(packet: Uint8Array, at: number): { length: number; next: number } | undefined {
  const first = packet[at];
  if (first === undefined) return undefined;
  if (first < 252) return { length: first, next: at + 1 };
  const second = packet[at + 1];
  return second === undefined ? undefined : { length: second * 4 + first, next: at + 2 };
}
