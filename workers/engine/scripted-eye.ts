// Owns looking at what engines encode: reference decoders for tests, and how far two pictures are apart.
import type { VideoFormat } from '../../schemas/media.ts';
import { H264Decoder } from '../../wasm/h264-decoder.ts';
import { copyPicture } from '../../wasm/picture.ts';
import type { Video } from '../../wasm/video.ts';
import { VpxDecoder } from '../../wasm/vpx-decoder.ts';

export interface Seen {
  readonly width: number;
  readonly height: number;
  /** Packed I420. */
  readonly packed: Uint8Array;
}

/** Decodes a stream from its first unit on; one for each stream. */
export class ScriptedEye {
  readonly #video: Video;
  readonly #decoder: H264Decoder | VpxDecoder;

  constructor(video: Video, { codec }: VideoFormat) {
    this.#video = video;
    if (codec === 'h264') this.#decoder = new H264Decoder(video);
    else if (codec === 'vp8' || codec === 'vp9') this.#decoder = new VpxDecoder(video, codec);
    else throw new Error(`no reference decoder for ${codec}`);
  }

  see(data: Uint8Array): Seen {
    const decoded = this.#decoder.decode(data);
    if (decoded.kind !== 'picture') throw new Error(`what was encoded decodes to ${decoded.kind}`);
    const { picture } = decoded;
    return {
      width: picture.width,
      height: picture.height,
      packed: copyPicture(this.#video, picture),
    };
  }
}

/** Luma at a position in pixels. */
export function lumaAt({ packed, width }: Seen, x: number, y: number): number {
  return packed[y * width + x] ?? 0;
}

/** Peak signal-to-noise ratio over all planes, in dB; Infinity for equal pictures. */
export function psnr(one: Uint8Array, other: Uint8Array): number {
  if (one.length !== other.length) throw new Error('pictures of different sizes');
  const squares = one.reduce((sum, value, at) => sum + (value - (other[at] ?? 0)) ** 2, 0);
  return squares === 0 ? Infinity : 10 * Math.log10((255 * 255 * one.length) / squares);
}
