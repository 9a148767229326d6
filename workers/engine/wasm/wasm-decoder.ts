// Owns one decoder of an instance, and where its latest picture lies. Only a key frame is taken at first, and after
// anything broken.
import type { Resolution, VideoFormat } from '../../../schemas/media.ts';
import { H264Decoder } from '../../../wasm/h264-decoder.ts';
import type { Decoded, Picture } from '../../../wasm/picture.ts';
import { VpxDecoder } from '../../../wasm/vpx-decoder.ts';
import type { AccessUnit, VideoDecoder } from '../engine.ts';
import { isReasonable } from './coded-size.ts';
import type { Drawable } from './drawable.ts';
import type { WasmCore } from './wasm-core.ts';

export interface WasmDecoderOptions {
  readonly format: VideoFormat;
  readonly pictured: (timestamp: number) => void;
  readonly broken: () => void;
}

/** Larger pictures are refused: what nobody sends on purpose must not fill the memory. */
const maxSide = 4096;
/** More pictures than this no decoder holds back. */
const maxHeld = 16;

export class WasmDecoder implements VideoDecoder, Drawable {
  picture: Picture | undefined;
  serial = 0;
  readonly core: WasmCore;
  readonly #options: WasmDecoderOptions;
  readonly #decoder: H264Decoder | VpxDecoder | undefined;
  #needsKey = true;
  /** The stream's profile lets the decoder hold pictures back for reordering. */
  #holds = false;
  #isClosed = false;

  constructor(core: WasmCore, options: WasmDecoderOptions) {
    this.core = core;
    this.#options = options;
    const { codec } = options.format;
    this.#decoder = core.run(({ video }) => {
      if (codec === 'h264') return new H264Decoder(video, { conceal: false });
      if (codec === 'vp8' || codec === 'vp9') return new VpxDecoder(video, codec);
      throw new Error(`there is no decoder for ${codec}`);
    });
  }

  get size(): Resolution | undefined {
    return this.picture;
  }

  decode(unit: AccessUnit): void {
    const decoder = this.#decoder;
    if (this.#isClosed || decoder === undefined) return;
    if (this.#needsKey && !unit.key) {
      this.#options.broken();
      return;
    }
    const decoded = this.core.run(() => this.#decode(decoder, unit.data), this);
    if (decoded === undefined || decoded.kind === 'none') return;
    if (decoded.kind === 'picture' && isSane(decoded.picture)) {
      this.#needsKey = false;
      this.picture = decoded.picture;
      this.serial++;
      this.#options.pictured(unit.timestamp);
      return;
    }
    this.#needsKey = true;
    // A key frame of another size may have taken the old picture's memory; otherwise that goes on to be shown.
    if (unit.key) this.picture = undefined;
    this.#options.broken();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.picture = undefined;
    this.core.run(() => this.#decoder?.close());
  }

  #decode(decoder: H264Decoder | VpxDecoder, data: Uint8Array): Decoded {
    const { codec } = this.#options.format;
    if ((codec === 'vp8' || codec === 'vp9') && !isReasonable(codec, data)) return { kind: 'error', code: 0 };
    const decoded = decoder.decode(data);
    if (!(decoder instanceof H264Decoder) || decoded.kind === 'error') return decoded;
    if (decoded.kind === 'picture' && !this.#holds) return decoded;
    // Those who send to a conference do not reorder, so what is held back is next, and waiting would only delay it.
    let last = decoded;
    for (let held = 0; held < maxHeld; held++) {
      const next = decoder.flush();
      if (next.kind !== 'picture') break;
      this.#holds = true;
      last = next;
    }
    return last;
  }
}

function isSane({ width, height }: Picture): boolean {
  return width > 0 && height > 0 && width <= maxSide && height <= maxSide;
}
