// Owns a camera for tests: plain pictures of one colour, encoded for real and cut into RTP packets.
import type { VideoFormat } from '../../schemas/media.ts';
import { H264Encoder } from '../../wasm/h264-encoder.ts';
import { writeCanvas } from '../../wasm/picture.ts';
import type { Video } from '../../wasm/video.ts';
import { VpxEncoder } from '../../wasm/vpx-encoder.ts';
import type { Line } from '../mixing/pipeline.ts';
import { packetizeFor, type Packetize } from './packetize.ts';

export interface Colour {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

export const colours = {
  red: { y: 82, u: 90, v: 240 },
  green: { y: 145, u: 54, v: 34 },
  blue: { y: 41, u: 240, v: 110 },
  yellow: { y: 210, u: 16, v: 146 },
  cyan: { y: 170, u: 166, v: 16 },
  white: { y: 235, u: 128, v: 128 },
  grey: { y: 126, u: 128, v: 128 },
} as const satisfies Readonly<Record<string, Colour>>;

/** A packed I420 picture of one colour. */
export function plainPicture(width: number, height: number, { y, u, v }: Colour): Uint8Array {
  const luma = width * height;
  const packed = new Uint8Array((luma * 3) / 2);
  packed.fill(y, 0, luma);
  packed.fill(u, luma, luma * 1.25);
  packed.fill(v, luma * 1.25);
  return packed;
}

/** What the modules can encode and decode. */
export type ScriptedCodec = 'vp8' | 'vp9' | 'h264';

export interface CameraOptions {
  readonly line: number;
  readonly input: string;
  readonly codec: ScriptedCodec;
  readonly width?: number;
  readonly height?: number;
}

export class ScriptedCamera {
  readonly line: Line;
  colour: Colour = colours.grey;
  /** The next picture is a key frame. */
  key = true;
  readonly #video: Video;
  readonly #encoder: H264Encoder | VpxEncoder;
  readonly #packetize: Packetize;
  readonly #size: { readonly width: number; readonly height: number };
  #sequence = 65_530;

  constructor(video: Video, options: CameraOptions) {
    const { line, input, codec, width = 160, height = 90 } = options;
    const format: VideoFormat = { codec };
    this.line = { line, input, format, payloadType: 96 + (line % 8), clockRate: 90_000 };
    this.#video = video;
    this.#size = { width, height };
    const encoding = { width, height, bitrateBps: 1_000_000 };
    this.#encoder =
      codec === 'h264'
        ? new H264Encoder(video, { ...encoding, frameRate: 30 })
        : new VpxEncoder(video, { ...encoding, codec });
    this.#packetize = packetizeFor(format, line);
  }

  /** RTP timestamp of a picture taken at `atMs`. */
  timestamp(atMs: number): number {
    return Math.round(atMs * 90 + this.line.line * 1_000_003) % 2 ** 32;
  }

  /** The packets of one picture. */
  shoot(atMs: number): readonly Uint8Array[] {
    const { width, height } = this.#size;
    return this.shootPicture(plainPicture(width, height, this.colour), atMs);
  }

  /** The packets of a packed I420 picture of the camera's size. */
  shootPicture(picture: Uint8Array, atMs: number): readonly Uint8Array[] {
    writeCanvas(this.#video, this.#encoder.canvas, picture);
    const encoded = this.#encoder.encode(this.#encoder instanceof H264Encoder ? atMs : 33, this.key);
    this.key = false;
    if (encoded === undefined) return [];
    return this.#packetize(encoded.data, encoded.isKey).map(({ payload, marker }) => {
      const packet = new Uint8Array(12 + payload.length);
      const view = new DataView(packet.buffer);
      packet[0] = 0x80;
      packet[1] = (marker ? 0x80 : 0) | this.line.payloadType;
      view.setUint16(2, this.#sequence++ & 0xffff);
      view.setUint32(4, this.timestamp(atMs));
      view.setUint32(8, 1000 + this.line.line);
      packet.set(payload, 12);
      return packet;
    });
  }

  close(): void {
    this.#encoder.close();
  }
}
