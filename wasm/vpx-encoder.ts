// Owns the VP8 and VP9 encoders: realtime, CBR, no lag, no frame dropping.
import { checkInteger, checkNumber, checkSize } from './check.ts';
import { Handle } from './handle.ts';
import type { Canvas, EncodedPicture } from './picture.ts';
import type { Video } from './video.ts';

export interface VpxEncoderOptions {
  readonly codec: 'vp8' | 'vp9';
  /** Pixels, even, 16 … 4096. */
  readonly width: number;
  readonly height: number;
  readonly bitrateBps: number;
  /** 1 (best) … 16 (fastest; VP9: 9); default 8. */
  readonly speed?: number;
}

export class VpxEncoder {
  /** Where the next picture is drawn; owned by the encoder, its content stays until it is overwritten. */
  readonly canvas: Canvas;
  readonly #video: Video;
  readonly #handle: Handle;

  /** Throws RangeError for wrong options, Error when libvpx refuses them. */
  constructor(video: Video, { codec, width, height, bitrateBps, speed = 8 }: VpxEncoderOptions) {
    checkSize(width, height);
    checkInteger('bitrateBps', bitrateBps, 10_000, 100_000_000);
    checkInteger('speed', speed, 1, codec === 'vp9' ? 9 : 16);
    this.#video = video;
    const { call } = video;
    this.#handle = new Handle(
      'VpxEncoder',
      call.vpx_encoder_create(codec === 'vp9' ? 1 : 0, width, height, bitrateBps, -speed),
      call.vpx_encoder_destroy,
    );
    this.canvas = { width, height, pointer: call.vpx_encoder_input(this.#handle.pointer) };
  }

  /**
   * Encodes what is on the canvas, shown for `durationMs`. Undefined when the encoder leaves the picture out. Throws with
   * libvpx's code when encoding fails.
   */
  encode(durationMs: number, keyFrame = false): EncodedPicture | undefined {
    checkNumber('durationMs', durationMs, 1, 10_000);
    const { call } = this.#video;
    const { pointer } = this.#handle;
    const length = call.vpx_encoder_encode(pointer, Math.round(durationMs * 90), keyFrame ? 1 : 0);
    if (length < 0) throw new Error(`VPx encoding failed with ${-length}`);
    if (length === 0) return undefined;
    const data = this.#video.copyBytes(call.vpx_encoder_output(pointer), length);
    return { data, isKey: call.vpx_encoder_is_key(pointer) !== 0 };
  }

  setBitrate(bitrateBps: number): void {
    checkInteger('bitrateBps', bitrateBps, 10_000, 100_000_000);
    this.#video.call.vpx_encoder_set_bitrate(this.#handle.pointer, bitrateBps);
  }

  /** Frees the encoder and its canvas; later calls do nothing. */
  close(): void {
    this.#handle.close();
  }
}
