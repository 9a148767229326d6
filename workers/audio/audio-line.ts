// Owns one incoming RTP stream of an input: packets, redundant copies and reports in, what to play each period out.
// Decoding is audio-input.ts's.
import { AudioJitterBuffer, type AudioJitterBufferStats } from '../frames/audio-jitter-buffer.ts';
import type { AudioStep } from '../frames/audio-steps.ts';
import { MediaClock } from '../frames/media-clock.ts';
import { readOpusPacket } from '../frames/opus-packet.ts';
import type { Line, LineReport } from '../mixing/pipeline.ts';
import { readAudioLevel } from '../rtp/extensions.ts';
import { parseRtp, RtpHeader } from '../rtp/packet.ts';
import { unwrapRed } from '../rtp/red.ts';
import type { SoundCodec } from './sound-codec.ts';

const header = new RtpHeader();
/** More than a jitter buffer holds; a power of two. */
const remembered = 256;
const nothingPlayed = { played: 0, concealed: 0, recovered: 0, late: 0 };

export class AudioLine {
  readonly codec: SoundCodec;
  readonly #line: Line;
  readonly #clock = new MediaClock();
  #jitter: AudioJitterBuffer;
  /** Counts of jitter buffers that are gone. */
  #before = nothingPlayed;
  #ssrc = -1;
  #stereo = false;
  #playedMs = -Infinity;
  /** Sequence numbers that came, and when, by their last bits. */
  readonly #came = new Int32Array(remembered).fill(-1);
  readonly #cameMs = new Float64Array(remembered);

  constructor(line: Line, codec: SoundCodec) {
    this.codec = codec;
    this.#line = line;
    this.#jitter = new AudioJitterBuffer({ depacketizer: codec.depacketizer });
    // The clock knows the one stream of a line by this name, whatever its SSRC.
    this.#clock.addStream(line.line, line.clockRate);
  }

  /** Whether a packet with two channels has come. */
  get stereo(): boolean {
    return this.#stereo;
  }

  get stats(): Pick<AudioJitterBufferStats, 'played' | 'concealed' | 'recovered' | 'late' | 'delayMs'> {
    const { played, concealed, recovered, late, delayMs } = this.#jitter.stats;
    const before = this.#before;
    return {
      played: before.played + played,
      concealed: before.concealed + concealed,
      recovered: before.recovered + recovered,
      late: before.late + late,
      delayMs,
    };
  }

  /** The level told with the packet, 0 … -127 dB; `unknown` when none is told, undefined when it is no sound of this line. */
  receive(packet: Uint8Array, arrivedMs: number): number | 'unknown' | undefined {
    if (!parseRtp(packet, header)) return undefined;
    const { payloadOffset, payloadEnd, ssrc } = header;
    if (payloadOffset === payloadEnd) return undefined;
    const isRed = header.payloadType === this.#line.redType;
    if (!isRed && header.payloadType !== this.#line.payloadType) return undefined;
    if (ssrc !== this.#ssrc) this.#begin(ssrc);
    if (!isRed) this.#insert(packet, payloadOffset, payloadEnd, 0, 0, arrivedMs);
    else if (!this.#insertRed(packet, arrivedMs)) return undefined;
    this.#clock.arrived(this.#line.line, header.timestamp, arrivedMs);
    const { audioLevelId } = this.#line;
    const level = audioLevelId === undefined ? -1 : readAudioLevel(packet, header, audioLevelId);
    return level < 0 ? 'unknown' : -(level & 0x7f);
  }

  report({ ntpHigh, ntpLow, rtpTimestamp, arrivedMs }: LineReport): void {
    this.#clock.senderReport({ ssrc: this.#line.line, ntpHigh, ntpLow, rtpTimestamp }, arrivedMs);
  }

  /** What to play in the 20 ms from `atMs` on. */
  tick(atMs: number): readonly AudioStep[] {
    const steps = this.#jitter.tick(atMs);
    if (steps.some(({ type }) => type === 'packet')) this.#playedMs = atMs;
    return steps;
  }

  /** Forgets what waits to be played. */
  restart(): void {
    this.#before = this.stats;
    this.#jitter = new AudioJitterBuffer({ depacketizer: this.codec.depacketizer });
    this.#playedMs = -Infinity;
  }

  /** When the packet of that number came; undefined when it is not remembered. */
  arrivedMs(sequence: number): number | undefined {
    const slot = sequence & (remembered - 1);
    return this.#came[slot] === sequence ? this.#cameMs[slot] : undefined;
  }

  /** How old what is played at `atMs` is; undefined while nothing is played, and without the sender's reports. */
  ageMs(atMs: number): number | undefined {
    if (atMs - this.#playedMs > 1000) return undefined;
    const captured = this.#clock.captured(this.#line.line, this.#jitter.position >>> 0);
    return captured?.source === 'reports' ? atMs - captured.ms : undefined;
  }

  #begin(ssrc: number): void {
    if (this.#ssrc >= 0) this.#clock.addStream(this.#line.line, this.#line.clockRate);
    this.#ssrc = ssrc;
    this.#came.fill(-1);
  }

  /** A redundant block is one packet older than the next; only those that never came are of use. */
  #insertRed(packet: Uint8Array, arrivedMs: number): boolean {
    const red = unwrapRed(packet, header.payloadOffset, header.payloadEnd);
    if (red?.primary.payloadType !== this.#line.payloadType) return false;
    for (const [index, block] of red.redundant.entries()) {
      const back = red.redundant.length - index;
      if (block.payloadType !== this.#line.payloadType || block.offset === block.end) continue;
      if (this.arrivedMs((header.sequence - back) & 0xffff) !== undefined) continue;
      this.#insert(packet, block.offset, block.end, back, block.timestampOffset, arrivedMs);
    }
    this.#insert(packet, red.primary.offset, red.primary.end, 0, 0, arrivedMs);
    return true;
  }

  #insert(packet: Uint8Array, from: number, to: number, back: number, older: number, nowMs: number): void {
    const sequence = (header.sequence - back) & 0xffff;
    const payload = packet.subarray(from, to);
    const slot = sequence & (remembered - 1);
    this.#came[slot] = sequence;
    this.#cameMs[slot] = nowMs;
    if (this.codec.name === 'opus') this.#stereo ||= readOpusPacket(payload)?.channels === 2;
    this.#jitter.insert(
      {
        ssrc: header.ssrc,
        sequence,
        timestamp: (header.timestamp - older) >>> 0,
        marker: header.marker,
        payload,
      },
      nowMs,
    );
  }
}
