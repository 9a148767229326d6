// Owns a receiver for tests: decodes one output of a pipeline for real and tells colours of pixels.
import { H264Decoder } from '../../wasm/h264-decoder.ts';
import { copyPicture, type Picture } from '../../wasm/picture.ts';
import type { Video } from '../../wasm/video.ts';
import { VpxDecoder } from '../../wasm/vpx-decoder.ts';
import { videoDepacketizers } from '../frames/video-depacketizers.ts';
import type { OutputFrame } from '../mixing/pipeline.ts';
import { type Colour, colours, type ScriptedCodec } from './scripted-camera.ts';

export class ScriptedScreen {
  readonly frames: OutputFrame[] = [];
  #picture: { readonly packed: Uint8Array; readonly width: number; readonly height: number } | undefined;
  readonly #video: Video;
  readonly #codec: ScriptedCodec;
  readonly #decoder: H264Decoder | VpxDecoder;

  constructor(video: Video, codec: ScriptedCodec) {
    this.#video = video;
    this.#codec = codec;
    this.#decoder = codec === 'h264' ? new H264Decoder(video) : new VpxDecoder(video, codec);
  }

  get size(): { readonly width: number; readonly height: number } {
    if (this.#picture === undefined) throw new Error('no picture');
    const { width, height } = this.#picture;
    return { width, height };
  }

  take(frame: OutputFrame): void {
    this.frames.push(frame);
    const last = frame.payloads.length - 1;
    const packets = frame.payloads.map((payload, index) => ({
      ssrc: 1,
      sequence: index,
      timestamp: frame.timestamp,
      marker: index === last,
      payload,
    }));
    const result = videoDepacketizers[this.#codec].depacketize(packets, { begins: true });
    if (result.type !== 'complete') throw new Error('the output is no whole frame');
    if (result.frame.keyFrame !== frame.key) throw new Error('the output is wrong about key frames');
    const decoded = this.#decoder.decode(result.frame.data);
    if (decoded.kind !== 'picture') throw new Error(`the output decodes to ${decoded.kind}`);
    this.#picture = { packed: copyPicture(this.#video, decoded.picture), ...sizeOf(decoded.picture) };
  }

  /** The colour at a position given in shares of the picture. */
  at(x: number, y: number): Colour {
    if (this.#picture === undefined) throw new Error('no picture');
    const { packed, width, height } = this.#picture;
    const [column, row] = [Math.floor(x * width), Math.floor(y * height)];
    const chroma = width * height + (row >> 1) * (width / 2) + (column >> 1);
    return {
      y: packed[row * width + column] ?? 0,
      u: packed[chroma] ?? 0,
      v: packed[chroma + (width * height) / 4] ?? 0,
    };
  }

  /** Name of the nearest of the known colours. */
  name(x: number, y: number): string {
    const seen = this.at(x, y);
    const all: Readonly<Record<string, Colour>> = { ...colours, black: { y: 16, u: 128, v: 128 } };
    const off = (name: string): number => {
      const { y: luma, u, v } = all[name] ?? seen;
      return Math.hypot(luma - seen.y, u - seen.u, v - seen.v);
    };
    const [nearest = ''] = Object.keys(all).sort((a, b) => off(a) - off(b));
    return off(nearest) < 25 ? nearest : `${seen.y},${seen.u},${seen.v}`;
  }
}

function sizeOf({ width, height }: Picture): { width: number; height: number } {
  return { width, height };
}
