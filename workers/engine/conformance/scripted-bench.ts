// Owns what the suites of engines work with: an engine and a session of it for each test, and drawing, encoding and looking at
// what came of it. Results may come at any time after the call.
import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { Resolution, VideoFormat } from '../../../schemas/media.ts';
import { freshVideo } from '../../../wasm/scripted-modules.ts';
import type { Video } from '../../../wasm/video.ts';
import type {
  EncodedUnit,
  EngineSession,
  MediaEngine,
  Still,
  VideoCanvas,
  VideoDecoder,
  VideoEncoder,
} from '../engine.ts';
import { ScriptedEye, type Seen } from '../scripted-eye.ts';
import { black, small, whole } from './scripted-pictures.ts';

export const rates = { framerate: 30, bitrateKbps: 1000 };

/** With sanitizers all takes many times as long. */
const patienceMs = process.env.LD_PRELOAD === undefined ? 10_000 : 200_000;

/** Results may come later; looks often, for there are hundreds. */
export const soon = (check: () => void): Promise<void> =>
  vi.waitFor(check, { interval: 2, timeout: patienceMs });

export class ScriptedBench {
  readonly failed = vi.fn<(reason: string) => void>();
  /** What canvases are looked at through. */
  readonly #format: VideoFormat;
  #begun:
    { readonly engine: MediaEngine; readonly session: EngineSession; readonly reference: Video } | undefined;

  /** For the tests of the suite that it is made in. */
  constructor(formats: readonly VideoFormat[], makeEngine: () => Promise<MediaEngine>) {
    this.#format = formats[0] ?? { codec: 'h264' };
    beforeEach(async () => {
      this.failed.mockReset();
      const engine = await makeEngine();
      const session = await engine.open(this.failed);
      this.#begun = { engine, session, reference: await freshVideo() };
    });
    afterEach(() => {
      this.session.close();
      expect(this.failed).not.toHaveBeenCalled();
    });
  }

  get engine(): MediaEngine {
    return this.#now.engine;
  }

  get session(): EngineSession {
    return this.#now.session;
  }

  /** What decodes for the eye. */
  get reference(): Video {
    return this.#now.reference;
  }

  /** Encodes so many pictures of what `each` draws, and waits for them. */
  async encode(
    options: {
      readonly format: VideoFormat;
      readonly size?: Resolution;
      readonly count: number;
      readonly bitrateKbps?: number;
      readonly keyAt?: number;
    },
    each: (index: number, canvas: VideoCanvas) => void,
    between?: (index: number, encoder: Pick<VideoEncoder, 'setRate'>) => void,
  ): Promise<EncodedUnit[]> {
    const { format, size = small, count, bitrateKbps = 1000, keyAt } = options;
    const units: EncodedUnit[] = [];
    const canvas = this.session.canvas({ size, background: black });
    const encoder = this.session.encoder({
      format,
      size,
      framerate: 30,
      bitrateKbps,
      encoded: (unit) => units.push(unit),
    });
    for (let index = 0; index < count; index++) {
      each(index, canvas);
      between?.(index, encoder);
      encoder.encode(canvas, { atMs: 1000 + index * 33, key: index === keyAt });
      await soon(() => expect(units.length).toBe(index + 1));
    }
    encoder.close();
    canvas.close();
    return units;
  }

  /** Packed pictures of `small`, as they are encoded. */
  async encodeClip(format: VideoFormat, pictures: readonly Uint8Array[]): Promise<EncodedUnit[]> {
    return this.encode({ format, count: pictures.length }, (index, canvas) => {
      const still = this.session.still(small, pictures[index] ?? new Uint8Array());
      this.draw(canvas, still);
      still.close();
    });
  }

  /** The whole picture on the whole canvas. */
  draw(canvas: VideoCanvas, picture: Still | VideoDecoder): void {
    const { size } = picture;
    if (size === undefined) throw new Error('nothing to draw');
    canvas.compose([{ picture, tile: { source: whole(size), destination: whole(canvas.size) } }]);
  }

  /** What is on the canvas, by way of an encoder at a high rate. */
  async look(canvas: VideoCanvas): Promise<Seen> {
    const units: EncodedUnit[] = [];
    const encoder = this.session.encoder({
      format: this.#format,
      size: canvas.size,
      framerate: 30,
      bitrateKbps: 50_000,
      encoded: (unit) => units.push(unit),
    });
    encoder.encode(canvas, { atMs: 1, key: true });
    await soon(() => expect(units.length).toBe(1));
    encoder.close();
    return new ScriptedEye(this.reference, this.#format).see(units[0]?.data ?? new Uint8Array());
  }

  decoder(format: VideoFormat) {
    const pictured = vi.fn<(timestamp: number) => void>();
    const broken = vi.fn<() => void>();
    return { pictured, broken, decoder: this.session.decoder({ format, pictured, broken }) };
  }

  get #now(): { readonly engine: MediaEngine; readonly session: EngineSession; readonly reference: Video } {
    if (this.#begun === undefined) throw new Error('not in a test');
    return this.#begun;
  }
}
