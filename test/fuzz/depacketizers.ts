// Owns the fuzz target for frames from RTP payloads and back: depacketizers, packetizers, jitter buffers, the clock. What
// comes out is bounded by what went in, and what we packetize comes back the same.
import { AudioJitterBuffer } from '../../workers/frames/audio-jitter-buffer.ts';
import { playedTicks } from '../../workers/frames/audio-steps.ts';
import { g711Depacketizer } from '../../workers/frames/depacketize-g711.ts';
import { g722Depacketizer } from '../../workers/frames/depacketize-g722.ts';
import { opusDepacketizer } from '../../workers/frames/depacketize-opus.ts';
import { madeFrame, MadeSender } from '../../workers/frames/made-streams.ts';
import { MediaClock } from '../../workers/frames/media-clock.ts';
import type { MediaPacket } from '../../workers/frames/media-packet.ts';
import { readOpusPacket } from '../../workers/frames/opus-packet.ts';
import { packetizeAv1 } from '../../workers/frames/packetize-av1.ts';
import { packetizeH264 } from '../../workers/frames/packetize-h264.ts';
import { packetizeH265 } from '../../workers/frames/packetize-h265.ts';
import { videoDepacketizers, type DecodedCodec } from '../../workers/frames/video-depacketizers.ts';
import { VideoJitterBuffer } from '../../workers/frames/video-jitter-buffer.ts';
import { hostileBytes, integer, must } from './hostile-bytes.ts';
import type { FuzzTarget } from './target.ts';

const codecs: readonly DecodedCodec[] = ['vp8', 'vp9', 'h264', 'h265', 'av1'];
const audioDepacketizers = [opusDepacketizer, g711Depacketizer, g722Depacketizer];

/** First payload bytes that lead deep into each codec's parser. */
const openings: Readonly<Record<DecodedCodec, readonly (readonly number[])[]>> = {
  vp8: [
    [0x90, 0xf0, 0x81, 2, 3, 4, 0x10],
    [0x10, 0x10],
    [0x00, 1],
    [0x80, 0x80, 5, 1],
  ],
  vp9: [
    [0xae, 0x05, 0, 9, 0x38, 1, 64, 0, 48, 200, 0x0c],
    [0xdc, 5, 3, 3, 2],
    [0x8c, 0x80, 5, 0x82, 0x49],
    [0x84, 5, 1],
  ],
  h264: [
    [24, 0, 3, 0x67, 1, 2, 0, 2, 0x68, 1],
    [0x7c, 0x85, 0x88],
    [0x7c, 0x05, 1],
    [0x7c, 0x45, 1],
    [0x41, 0x9a],
    [25, 0, 1],
  ],
  h265: [
    [0x60, 1, 0, 3, 0x40, 1, 2, 0, 4, 0x42, 1, 1, 1],
    [0x62, 1, 0x93, 0x88],
    [0x62, 1, 0x13, 1],
    [0x62, 1, 0x53, 1],
    [0x26, 1, 0x88],
    [0x02, 1, 0x88],
    [0x64, 1, 1],
  ],
  av1: [
    [0x28, 3, 0x08, 0, 1, 0x30, 0x10, 1],
    [0x58, 0x30, 0x10],
    [0xd0, 1],
    [0x90, 1],
    [0x10, 0x30, 0x30],
    [0x00, 4, 0x0a, 2, 0, 1, 3, 0x32, 1, 0x10],
    [0x30, 2, 0x34, 0x08, 0xff, 0xff, 0xff, 0x7f],
  ],
};
const sound: readonly (readonly number[])[] = [
  [0x08, 0x40, 1, 2],
  [0x08],
  [0x0b, 0xc3, 2, 1, 2, 0x40],
  [0x0a, 252, 1],
  [0x1b, 0x43, 255, 255, 1],
];

export const depacketizersTarget: FuzzTarget = {
  name: 'depacketizers',
  run(random, iterations) {
    for (const codec of codecs) video(random, codec, iterations);
    audio(random, iterations);
    for (let round = 0; round < iterations / 10; round++) roundTrip(random);
  },
};

/** Numbers that mostly go on, over their wraps, and sometimes go anywhere. */
class Numbers {
  ssrc = 1;
  sequence = 0xfff0;
  timestamp = 0xfffff000;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  packet(payload: Uint8Array, ticks: number): MediaPacket {
    const random = this.#random;
    const chance = random();
    if (chance < 0.01) this.sequence = integer(random, 0x10000);
    else if (chance < 0.02) this.timestamp = integer(random, 2 ** 32);
    else if (chance < 0.025) this.ssrc = integer(random, 2 ** 32);
    this.sequence = (this.sequence + (random() < 0.9 ? 1 : integer(random, 40))) & 0xffff;
    if (random() < 0.3) this.timestamp = (this.timestamp + ticks) >>> 0;
    const behind = random() < 0.1 ? integer(random, 30) : 0;
    return {
      ssrc: this.ssrc,
      sequence: (this.sequence - behind) & 0xffff,
      timestamp: this.timestamp,
      marker: random() < 0.3,
      payload: random() < 0.05 ? new Uint8Array(0) : payload,
    };
  }
}

function video(random: () => number, codec: DecodedCodec, iterations: number): void {
  const maxPackets = 100;
  const maxBytes = 5000;
  const depacketizer = videoDepacketizers[codec];
  const buffer = new VideoJitterBuffer({ codec, maxPackets, maxBytes });
  const clock = new MediaClock();
  clock.addStream(1, 90_000);
  const numbers = new Numbers(random);
  let recent: MediaPacket[] = [];
  let nowMs = 0;
  for (let round = 0; round < iterations; round++) {
    nowMs += random() * 30;
    const payload = hostileBytes(random, openings[codec][integer(random, openings[codec].length)] ?? [], 60);
    const packet = numbers.packet(payload, 3000);
    depacketizer.inspect(packet.payload);
    recent = [...recent.slice(-4), packet];
    const edges = { begins: random() < 0.5, ends: random() < 0.5 };
    const one = depacketizer.depacketize(recent.slice(integer(random, recent.length)), edges);
    if (one.type === 'complete') bounded(one.frame.data, recent);
    buffer.insert(packet, nowMs);
    must(buffer.packets <= maxPackets && buffer.bytes <= maxBytes, 'a jitter buffer is bounded');
    let given = 0;
    while (buffer.pop(nowMs) !== undefined) must(++given <= maxPackets, 'frames are made of packets');
    if (random() < 0.02) buffer.needKeyFrame(nowMs);
    if (buffer.takeKeyFrameRequest(nowMs)) {
      must(!buffer.takeKeyFrameRequest(nowMs), 'one request at a time');
    }
    must(buffer.wakeMs === undefined || Number.isFinite(buffer.wakeMs), 'a time to wake is a time');
    time(random, clock, packet, nowMs);
  }
}

function time(random: () => number, clock: MediaClock, packet: MediaPacket, nowMs: number): void {
  clock.arrived(1, packet.timestamp, nowMs);
  if (random() < 0.1) {
    const [ntpHigh, ntpLow] = [integer(random, 2 ** 32), integer(random, 2 ** 32)];
    const rtpTimestamp = random() < 0.5 ? packet.timestamp : integer(random, 2 ** 32);
    clock.senderReport({ ssrc: 1, ntpHigh, ntpLow, rtpTimestamp }, nowMs);
  }
  const captured = clock.captured(1, packet.timestamp);
  must(captured === undefined || Number.isFinite(captured.ms), 'a capture time is a time');
}

/**
 * Start codes and sizes are all that is added: for each unit no more than it has bytes itself with its length, and at most
 * five for each packet.
 */
function bounded(data: Uint8Array, packets: readonly MediaPacket[]): void {
  const bytes = packets.reduce((sum, { payload }) => sum + payload.length, 0);
  must(data.length <= bytes * 2 + 5 * packets.length, 'a frame is not larger than its packets');
}

function audio(random: () => number, iterations: number): void {
  const depacketizer = audioDepacketizers[integer(random, audioDepacketizers.length)] ?? opusDepacketizer;
  const buffer = new AudioJitterBuffer({ depacketizer, maxPackets: 40 });
  const tickTicks = depacketizer.clockRate / 50;
  const numbers = new Numbers(random);
  let nowMs = 0;
  let ahead = 0;
  for (let round = 0; round < iterations; round++) {
    nowMs += random() < 0.02 ? random() * 5000 : random() * 20;
    const payload = hostileBytes(random, sound[integer(random, sound.length)] ?? [], 40);
    const opus = readOpusPacket(payload);
    must(opus === undefined || (opus.durationTicks > 0 && opus.durationTicks <= 5760), 'Opus is bounded');
    buffer.insert(numbers.packet(payload, tickTicks * 3), nowMs);
    must(buffer.packets <= 40, 'an audio jitter buffer is bounded');
    if (random() < 0.4) continue;
    const steps = buffer.tick(nowMs);
    ahead += steps.reduce((sum, step) => sum + playedTicks(step), 0) - tickTicks;
    // 32 packets of a single tick each are the most that one tick takes.
    must(ahead >= 0 || steps.length >= 32, 'a tick is full');
    must(ahead <= 5760, 'and no fuller than with the longest packet');
    ahead = Math.max(0, ahead);
    const { targetMs, delayMs } = buffer.stats;
    must(targetMs >= 20 && targetMs <= 200 && Number.isFinite(delayMs), 'the delay has bounds');
  }
}

function roundTrip(random: () => number): void {
  const codec = codecs[integer(random, codecs.length)] ?? 'vp8';
  const sender = new MadeSender(codec, { maxBytes: 12 + integer(random, 300) });
  const key = random() < 0.5;
  const data = madeFrame(codec, key, integer(random, 2000), random, 1 + integer(random, 4));
  const packets = sender.send(data, key);
  const back = videoDepacketizers[codec].depacketize(packets, { begins: true });
  must(back.type === 'complete' && Buffer.compare(back.frame.data, data) === 0, 'what is sent comes back');
  // Anything may be asked to become packets.
  const maxBytes = 4 + integer(random, 100);
  const unit = hostileBytes(random, [0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x65, 0x88], 300);
  const temporal = hostileBytes(random, [0x12, 0, 0x0a, 2, 0, 1, 0x32, 3, 0x10, 1, 2], 300);
  const all = [packetizeH264(unit, 1, maxBytes) ?? [], packetizeH265(unit, maxBytes)];
  for (const { payload } of [...all, packetizeAv1(temporal, maxBytes)].flat()) {
    must(payload.length <= maxBytes, 'a payload fits');
  }
}
