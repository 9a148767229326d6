// Owns the H.264 encoder: constrained baseline, Annex B, one slice per picture, CBR.
import { checkInteger, checkNumber, checkSize } from './check.ts';
import { Handle } from './handle.ts';
import type { Canvas, EncodedPicture } from './picture.ts';
import type { Video } from './video.ts';

export interface H264EncoderOptions {
  /** Pixels, even, 16 … 4096. */
  readonly width: number;
  readonly height: number;
  /** Pictures per second that the rate control reckons with. */
  readonly frameRate: number;
  readonly bitrateBps: number;
  /** 0 (fast, the default) … 2. */
  readonly complexity?: 0 | 1 | 2;
  /** Tuned for screens instead of cameras. */
  readonly screen?: boolean;
}

export class H264Encoder {
  /** Where the next picture is drawn; owned by the encoder, its content stays until it is overwritten. */
  readonly canvas: Canvas;
  readonly #video: Video;
  readonly #handle: Handle;

  /** Throws RangeError for wrong options, Error when openh264 refuses them. */
  constructor(video: Video, options: H264EncoderOptions) {
    const { width, height, frameRate, bitrateBps, complexity = 0, screen = false } = options;
    checkSize(width, height);
    checkNumber('frameRate', frameRate, 1, 120);
    checkInteger('bitrateBps', bitrateBps, 10_000, 100_000_000);
    checkInteger('complexity', complexity, 0, 2);
    this.#video = video;
    const { call } = video;
    this.#handle = new Handle(
      'H264Encoder',
      call.h264_encoder_create(width, height, frameRate, bitrateBps, complexity, screen ? 1 : 0),
      call.h264_encoder_destroy,
    );
    this.canvas = { width, height, pointer: call.h264_encoder_input(this.#handle.pointer) };
  }

  /**
   * Encodes what is on the canvas. `timestampMs` never goes back. Gives one access unit (with SPS and PPS before a key
   * frame), or undefined when the rate control leaves the picture out. Throws with openh264's code when encoding fails.
   */
  encode(timestampMs: number, keyFrame = false): EncodedPicture | undefined {
    const { call } = this.#video;
    const { pointer } = this.#handle;
    const length = call.h264_encoder_encode(pointer, timestampMs, keyFrame ? 1 : 0);
    if (length < 0) throw new Error(`H.264 encoding failed with ${-length}`);
    if (length === 0) return undefined;
    const data = this.#video.copyBytes(call.h264_encoder_output(pointer), length);
    return { data, isKey: call.h264_encoder_is_key(pointer) !== 0 };
  }

  setBitrate(bitrateBps: number): void {
    checkInteger('bitrateBps', bitrateBps, 10_000, 100_000_000);
    this.#video.call.h264_encoder_set_bitrate(this.#handle.pointer, bitrateBps);
  }

  setFrameRate(frameRate: number): void {
    checkNumber('frameRate', frameRate, 1, 120);
    this.#video.call.h264_encoder_set_frame_rate(this.#handle.pointer, frameRate);
  }

  /** Frees the encoder and its canvas; later calls do nothing. */
  close(): void {
    this.#handle.close();
  }
}
