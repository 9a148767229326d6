// Owns one output of a view: when its pictures are due, its encoder, its packets. What is on the canvas is not its matter.
import type { Resolution } from '../../schemas/media.ts';
import type { DesiredVideoOutput } from '../../schemas/worker.ts';
import type { EncodedUnit, EngineSession, VideoCanvas, VideoEncoder } from '../engine/engine.ts';
import { FrameRate } from '../frames/frame-rate.ts';
import type { OutputFrame } from '../mixing/pipeline.ts';
import { KeyFramePacer } from './key-frame-pacer.ts';
import { packetizeFor, type Packetize } from './packetize.ts';
import type { PictureWatch } from './watch/picture-watch.ts';
import type { Work } from './work.ts';

/** A picture of nothing but background is repeated this seldom. */
const idleMs = 1000;
const ticksPerMs = 90;
/** Pictures that an engine has not given back yet: with more it is too slow, and beats are left out. */
const maxAsked = 4;

export interface VideoOutputOptions {
  readonly session: EngineSession;
  readonly work: Work;
  readonly frame: (frame: OutputFrame) => void;
  /** What was drawn for that instant is encoded. */
  readonly made: (atMs: number) => void;
  readonly watch?: PictureWatch | undefined;
}

export class VideoOutput {
  readonly counts = { frames: 0, keyFrames: 0, bytes: 0 };
  readonly #options: VideoOutputOptions;
  readonly #pacer: KeyFramePacer;
  #settings: DesiredVideoOutput;
  #encoder: VideoEncoder | undefined;
  #packetize: Packetize | undefined;
  #rate: FrameRate | undefined;
  /** Whether they are to be key frames, by instant. */
  readonly #asked = new Map<number, boolean>();
  #lastMs = -Infinity;
  #wasEmpty = false;

  constructor(settings: DesiredVideoOutput, options: VideoOutputOptions) {
    this.#settings = settings;
    this.#options = options;
    this.#pacer = new KeyFramePacer(settings.keyFrameInterval);
  }

  get settings(): DesiredVideoOutput {
    return this.#settings;
  }

  /** Of the pictures made last. */
  get size(): Resolution | undefined {
    return this.#encoder?.size;
  }

  configure(settings: DesiredVideoOutput): void {
    const before = this.#settings;
    this.#settings = settings;
    this.#pacer.setInterval(settings.keyFrameInterval);
    if (before.format.codec !== settings.format.codec) {
      this.#closeEncoder();
      this.#packetize = undefined;
    } else if (before.bitrateKbps !== settings.bitrateKbps) {
      this.#setRate();
    }
  }

  requestKeyFrame(): void {
    this.#pacer.request();
  }

  /** True when a picture is due at this turn of the view; `framerate` is what the machine has room for. */
  isDue(atMs: number, framerate: number): boolean {
    this.#rate ??= new FrameRate(framerate, atMs);
    if (this.#rate.fps !== framerate) {
      this.#rate.setFps(framerate);
      this.#setRate();
    }
    return this.#rate.take(atMs) !== undefined;
  }

  /** Encodes what is on the canvas, unless that is nothing for a while; a canvas of another size makes a new encoder. */
  encode(canvas: VideoCanvas, isEmpty: boolean, atMs: number): boolean {
    if (this.#asked.size >= maxAsked) return false;
    const key = this.#pacer.isDue(atMs) && ![...this.#asked.values()].includes(true);
    const isIdle = isEmpty && this.#wasEmpty && !key;
    if (isIdle && atMs - this.#lastMs < idleMs) return false;
    this.#wasEmpty = isEmpty;
    this.#lastMs = atMs;
    const encoder = this.#encoderFor(canvas.size, atMs);
    this.#asked.set(atMs, key);
    const { track, format } = this.#settings;
    this.#options.watch?.encoding(track, format, canvas, { atMs, key });
    this.#options.work.time('encode', () => encoder.encode(canvas, { atMs, key }));
    return true;
  }

  close(): void {
    this.#closeEncoder();
  }

  #setRate(): void {
    const { bitrateKbps, framerate } = this.#settings;
    this.#encoder?.setRate({ bitrateKbps, framerate: this.#rate?.fps ?? framerate });
  }

  #encoderFor(size: Resolution, atMs: number): VideoEncoder {
    const current = this.#encoder;
    if (current?.size.width === size.width && current.size.height === size.height) return current;
    this.#closeEncoder();
    const { format, framerate, bitrateKbps } = this.#settings;
    this.#packetize ??= packetizeFor(format, Math.floor(atMs));
    this.#encoder = this.#options.session.encoder({
      format,
      size,
      framerate: this.#rate?.fps ?? framerate,
      bitrateKbps,
      encoded: (unit) => this.#encoded(unit, size),
      skipped: (skippedMs) => {
        this.#asked.delete(skippedMs);
        this.#options.watch?.skipped(this.#settings.track);
      },
    });
    return this.#encoder;
  }

  #encoded(unit: EncodedUnit, size: Resolution): void {
    const { data, key, atMs } = unit;
    const { track, format } = this.#settings;
    this.#options.watch?.encoded(track, format, unit, { size, asked: this.#asked.get(atMs) === true });
    this.#asked.delete(atMs);
    const packets = this.#packetize?.(data, key) ?? [];
    if (packets.length === 0) return;
    if (key) this.#pacer.made(atMs);
    this.counts.frames++;
    if (key) this.counts.keyFrames++;
    this.counts.bytes += data.length;
    this.#options.made(atMs);
    this.#options.frame({
      output: track,
      payloads: packets.map(({ payload }) => payload),
      atMs,
      timestamp: Math.round(atMs * ticksPerMs) % 2 ** 32,
      marker: true,
      key,
    });
  }

  #closeEncoder(): void {
    this.#encoder?.close();
    this.#encoder = undefined;
    this.#asked.clear();
    this.#options.watch?.skipped(this.#settings.track);
  }
}
