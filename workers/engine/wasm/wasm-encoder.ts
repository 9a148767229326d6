// Owns one encoder of an instance: takes what is on a canvas, gives encoded units back before `encode` returns.
import type { Resolution, VideoFormat } from '../../../schemas/media.ts';
import { H264Encoder } from '../../../wasm/h264-encoder.ts';
import { VpxEncoder } from '../../../wasm/vpx-encoder.ts';
import type { EncodedUnit, VideoCanvas, VideoEncoder } from '../engine.ts';
import { WasmCanvas } from './wasm-canvas.ts';
import type { WasmCore } from './wasm-core.ts';

export interface WasmEncoderOptions {
  readonly format: VideoFormat;
  readonly size: Resolution;
  readonly framerate: number;
  readonly bitrateKbps: number;
  readonly encoded: (unit: EncodedUnit) => void;
  readonly skipped?: (atMs: number) => void;
}

/** Longer gaps count as this, or the rate control would take them for a licence to spend. */
const maxDurationMs = 1000;

export class WasmEncoder implements VideoEncoder {
  readonly size: Resolution;
  readonly #core: WasmCore;
  readonly #options: WasmEncoderOptions;
  readonly #encoder: H264Encoder | VpxEncoder | undefined;
  #durationMs: number;
  /** Steady, from 0, for the rate control. */
  #timeMs = 0;
  #lastAtMs: number | undefined;
  #isClosed = false;

  constructor(core: WasmCore, options: WasmEncoderOptions) {
    this.#core = core;
    this.#options = options;
    this.size = options.size;
    const { format, size } = options;
    const frameRate = clamp(options.framerate, 1, 120);
    const bitrateBps = bps(options.bitrateKbps);
    this.#durationMs = 1000 / frameRate;
    this.#encoder = core.run(({ video }) => {
      const { codec } = format;
      if (codec === 'h264') return new H264Encoder(video, { ...size, frameRate, bitrateBps });
      if (codec === 'vp8' || codec === 'vp9') return new VpxEncoder(video, { ...size, codec, bitrateBps });
      throw new Error(`there is no encoder for ${codec}`);
    });
  }

  encode(from: VideoCanvas, { atMs, key }: { readonly atMs: number; readonly key: boolean }): void {
    const encoder = this.#encoder;
    if (this.#isClosed || encoder === undefined || !(from instanceof WasmCanvas)) return;
    const { canvas } = from;
    if (canvas === undefined) return;
    const sinceMs = this.#lastAtMs === undefined ? this.#durationMs : atMs - this.#lastAtMs;
    const durationMs = clamp(sinceMs, 1, maxDurationMs);
    this.#lastAtMs = atMs;
    this.#timeMs += durationMs;
    const unit = this.#core.run(({ compositor }) => {
      compositor.copy(encoder.canvas, canvas);
      return encoder instanceof H264Encoder
        ? encoder.encode(this.#timeMs, key)
        : encoder.encode(durationMs, key);
    });
    if (unit === undefined) this.#options.skipped?.(atMs);
    else this.#options.encoded({ data: unit.data, key: unit.isKey, atMs });
  }

  setRate({ bitrateKbps, framerate }: { readonly bitrateKbps: number; readonly framerate: number }): void {
    const encoder = this.#encoder;
    if (this.#isClosed || encoder === undefined) return;
    const frameRate = clamp(framerate, 1, 120);
    this.#durationMs = 1000 / frameRate;
    this.#core.run(() => {
      encoder.setBitrate(bps(bitrateKbps));
      if (encoder instanceof H264Encoder) encoder.setFrameRate(frameRate);
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#core.run(() => this.#encoder?.close());
  }
}

function bps(kbps: number): number {
  return Math.round(clamp(kbps * 1000, 10_000, 100_000_000));
}

function clamp(value: number, least: number, most: number): number {
  // `least` also for what is not a number.
  return value > least ? Math.min(value, most) : least;
}
