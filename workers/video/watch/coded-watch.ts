// Owns watching one direction of coding, `decode` or `encode`: now and then a run of units that begins with a key frame is
// decoded by a software engine too, and its first and last picture are held against what the engine itself shows. Both are
// asked for behind the same work, so nothing moves between them.
import type { VideoFormat } from '../../../schemas/media.ts';
import type { EngineSession, TapOptions, VideoCanvas, VideoDecoder } from '../../engine/engine.ts';
import { isOther, type Sample, whole } from './picture-cells.ts';
import { Strikes } from './strikes.ts';

export interface CodedWatchOptions {
  /** The engine that is watched. */
  readonly session: EngineSession;
  /** Who can decode it as well; undefined: nobody, it is believed. */
  readonly judgeOf: (format: VideoFormat) => EngineSession | undefined;
  /** What cannot be decoded is its fault; else that of who sent it. */
  readonly ownsUnits: boolean;
  /** Without a key frame for so long, one is wished for. */
  readonly everyMs: number;
  /** Two runs in a row showed something else, or nothing. */
  readonly wrong: (subject: string) => void;
}

/** In the order of its pictures. */
interface Run {
  readonly subject: string;
  readonly judge: EngineSession;
  readonly decoder: VideoDecoder;
  /** What shows its pictures in the engine. */
  readonly picture: VideoDecoder | VideoCanvas;
  readonly beganMs: number;
  /** The key frame. Units that were under way before it are not of the run. */
  readonly first: number;
  hasBegun: boolean;
  /** Pictures that the engine was given. */
  shown: number;
  /** Those that are compared, by what they are called; each has two sides. */
  readonly pairs: Map<number, Pair>;
  agreed: number;
}

interface Pair {
  engine?: Sample;
  judge?: Sample;
}

const sampleSize = { width: 128, height: 72 } as const;
const comparison = { cells: 8, tolerance: 24 } as const;
/** The last picture of a run: key frames and what follows may be made by different parts of a device. */
const lastOfRun = 4;
const longestRunMs = 2000;
/** Key frames that come by themselves are looked at this often. */
const leastMs = 1000;
const suspectEveryMs = 300;

export class CodedWatch {
  readonly #options: CodedWatchOptions;
  readonly #strikes = new Strikes();
  /** When each was looked at last. */
  readonly #lookedMs = new Map<string, number>();
  /** Everything begins with a key frame. */
  #wishedMs: number | undefined;
  #nowMs = 0;
  #run: Run | undefined;

  constructor(options: CodedWatchOptions) {
    this.#options = options;
  }

  /** To be called often, with all there are; gives the one that is to begin with a key frame again, now. */
  wish(subjects: readonly string[], nowMs: number): string | undefined {
    this.#nowMs = nowMs;
    this.#wishedMs ??= nowMs;
    const run = this.#run;
    if (run !== undefined && (nowMs - run.beganMs > longestRunMs || !subjects.includes(run.subject))) {
      this.#end(run, run.agreed > 0 ? false : undefined);
    }
    this.#strikes.keep(subjects);
    for (const known of this.#lookedMs.keys()) if (!subjects.includes(known)) this.#lookedMs.delete(known);
    if (this.#run !== undefined) return undefined;
    const suspect = this.#strikes.suspect(subjects);
    const latestMs = Math.max(this.#wishedMs, ...this.#lookedMs.values());
    if (nowMs - latestMs < (suspect === undefined ? this.#options.everyMs : suspectEveryMs)) return undefined;
    const since = (subject: string): number => this.#lookedMs.get(subject) ?? -Infinity;
    const [longest] = [...subjects].sort((one, other) => since(one) - since(other));
    this.#wishedMs = nowMs;
    return suspect ?? longest;
  }

  /** The engine was given the picture called `id`: behind that, `picture` shows it. `key`: it depends on none before. */
  shown(
    subject: string,
    format: VideoFormat,
    picture: VideoDecoder | VideoCanvas,
    { id, key }: { readonly id: number; readonly key: boolean },
  ): void {
    if (key && this.#isDue(subject)) this.#begin(subject, format, picture, id);
    const run = this.#run;
    if (run?.subject !== subject) return;
    if (run.picture !== picture) this.#end(run, undefined);
    if (run.picture !== picture || run.shown >= lastOfRun) return;
    run.shown++;
    if (run.shown !== 1 && run.shown !== lastOfRun) return;
    const pair: Pair = {};
    run.pairs.set(id, pair);
    this.#tap(run, this.#options.session, picture, (sample) => {
      pair.engine = sample;
      this.#compare(run, id);
    });
  }

  /** The unit of the picture called `id`: after `shown`. */
  unit(subject: string, id: number, data: Uint8Array, key: boolean): void {
    const run = this.#run;
    if (run?.subject !== subject) return;
    run.hasBegun ||= id === run.first;
    if (!run.hasBegun) return;
    run.decoder.decode({ data, key, timestamp: id });
    const pair = run.pairs.get(id);
    // It may have ended by what the decoder said.
    if (pair === undefined || this.#run !== run) return;
    this.#tap(run, run.judge, run.decoder, (sample) => {
      pair.judge = sample;
      this.#compare(run, id);
    });
  }

  /** Something was lost on the way: what comes cannot be compared before the next key frame. */
  lost(subject: string): void {
    if (this.#run?.subject === subject) this.#end(this.#run, undefined);
  }

  close(): void {
    if (this.#run !== undefined) this.#end(this.#run, undefined);
  }

  #isDue(subject: string): boolean {
    if (this.#run !== undefined) return false;
    const isSuspect = this.#strikes.suspect([subject]) !== undefined;
    return isSuspect || this.#nowMs - (this.#lookedMs.get(subject) ?? -Infinity) >= leastMs;
  }

  #begin(subject: string, format: VideoFormat, picture: VideoDecoder | VideoCanvas, first: number): void {
    const judge = this.#options.judgeOf(format);
    if (judge === undefined) return;
    const decoder: VideoDecoder = judge.decoder({
      format,
      pictured: () => undefined,
      broken: () => {
        const run = this.#run;
        if (run?.decoder === decoder) this.#end(run, this.#options.ownsUnits ? true : undefined);
      },
    });
    const begun = {
      beganMs: this.#nowMs,
      hasBegun: false,
      shown: 0,
      agreed: 0,
      pairs: new Map<number, Pair>(),
    };
    this.#run = { subject, judge, decoder, picture, first, ...begun };
    this.#lookedMs.set(subject, this.#nowMs);
  }

  #tap(
    run: Run,
    session: EngineSession,
    picture: Parameters<EngineSession['tap']>[0],
    taken: (sample: Sample) => void,
  ): void {
    const { size } = picture;
    const tapped: TapOptions['tapped'] = (data) => {
      if (this.#run !== run) return;
      // Of another size than was known, an engine may still show the one before.
      const isOld = size !== undefined && size.width !== picture.size?.width;
      if (data === undefined || isOld) this.#end(run, undefined);
      else taken({ ...sampleSize, data });
    };
    session.tap(picture, { size: sampleSize, pixels: 'rgb', tapped });
  }

  #compare(run: Run, id: number): void {
    const { engine, judge } = run.pairs.get(id) ?? {};
    if (engine === undefined || judge === undefined) return;
    if (isOther([engine, whole], [judge, whole], comparison) === true) this.#end(run, true);
    else if (++run.agreed === 2) this.#end(run, false);
  }

  /** `isOther`: undefined when nothing can be told. */
  #end(run: Run, isOther: boolean | undefined): void {
    this.#run = undefined;
    run.decoder.close();
    if (isOther !== undefined && this.#strikes.note(run.subject, isOther)) this.#options.wrong(run.subject);
  }
}
