// Owns watching whether the pictures of a device are right while it says that all is well: what it decodes and encodes is
// decoded by software too (coded-watch.ts), what it draws is looked at (drawing-watch.ts), and each unit is checked by its
// looks (unit-watch.ts). A device that is wrong twice in a row is told of, once. Time comes in.
import type { Resolution, VideoFormat } from '../../../schemas/media.ts';
import type {
  AccessUnit,
  EncodedUnit,
  EngineSession,
  Layer,
  VideoCanvas,
  VideoDecoder,
} from '../../engine/engine.ts';
import { CodedWatch } from './coded-watch.ts';
import { DrawingWatch } from './drawing-watch.ts';
import { UnitWatch } from './unit-watch.ts';

export interface PictureWatchOptions {
  /** The engine that is watched. */
  readonly session: EngineSession;
  /** Software that decodes the format, where there is any. */
  readonly judgeOf: (format: VideoFormat) => EngineSession | undefined;
  /** Its pictures are wrong; `input`, where it was in decoding this one. */
  readonly wrong: (reason: string, input?: string) => void;
}

/** Without a key frame, one is asked for: few bytes for a view, more of a burden for who sends. */
const outputEveryMs = 4000;
const inputEveryMs = 8000;

export class PictureWatch {
  readonly #decoding: CodedWatch;
  readonly #encoding: CodedWatch;
  readonly #drawing: DrawingWatch;
  readonly #units: UnitWatch;
  #isTold = false;

  constructor({ session, judgeOf, wrong }: PictureWatchOptions) {
    const tell = (what: string, input?: string): void => {
      if (this.#isTold) return;
      this.#isTold = true;
      wrong(`its pictures are wrong: ${what}`, input);
    };
    this.#decoding = new CodedWatch({
      ...{ session, judgeOf, ownsUnits: false, everyMs: inputEveryMs },
      wrong: (input) => tell('what it decodes is another picture in software', input),
    });
    this.#encoding = new CodedWatch({
      ...{ session, judgeOf, ownsUnits: true, everyMs: outputEveryMs },
      wrong: () => tell('what it encodes is not what was drawn'),
    });
    this.#units = new UnitWatch(tell);
    this.#drawing = new DrawingWatch({
      session,
      wrong: () => tell('what it draws is not what was to be drawn'),
      looked: (hasMoved) => this.#units.looked(hasMoved),
    });
  }

  /** To be called often; gives an input and an output that are to begin with a key frame again. */
  tick(
    inputs: readonly string[],
    outputs: readonly string[],
    nowMs: number,
  ): { readonly input: string | undefined; readonly output: string | undefined } {
    this.#units.keep(outputs);
    return { input: this.#decoding.wish(inputs, nowMs), output: this.#encoding.wish(outputs, nowMs) };
  }

  /** The decoder was given the unit. */
  decoding(input: string, format: VideoFormat, decoder: VideoDecoder, unit: AccessUnit): void {
    const { timestamp: id, key, data } = unit;
    this.#decoding.shown(input, format, decoder, { id, key });
    this.#decoding.unit(input, id, data, key);
  }

  /** A decoder could not decode something, or an input goes on with another stream. */
  broken(input: string): void {
    this.#decoding.lost(input);
  }

  /** The layers were drawn on the canvas. */
  composed(canvas: VideoCanvas, layers: readonly Layer[], nowMs: number): void {
    this.#drawing.composed(canvas, layers, nowMs);
  }

  /** The encoder was given what is on the canvas. */
  encoding(
    output: string,
    format: VideoFormat,
    canvas: VideoCanvas,
    { atMs, key }: { readonly atMs: number; readonly key: boolean },
  ): void {
    this.#encoding.shown(output, format, canvas, { id: atMs, key });
  }

  encoded(
    output: string,
    format: VideoFormat,
    unit: EncodedUnit,
    asked: { readonly size: Resolution; readonly asked: boolean },
  ): void {
    this.#units.unit(output, format, unit, asked);
    this.#encoding.unit(output, unit.atMs, unit.data, unit.key);
  }

  /** The encoder left a picture out, or there is another one. */
  skipped(output: string): void {
    this.#encoding.lost(output);
  }

  close(): void {
    this.#decoding.close();
    this.#encoding.close();
    this.#drawing.close();
  }
}
