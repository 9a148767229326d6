// Owns trying an engine before rooms are given to it: it has to make what `wasm` makes of the same inputs, and what it says
// it can do in other codecs is tried as far as somebody can judge it.
import type { VideoFormat } from '../../schemas/media.ts';
import { canDo } from '../engine/choose-engine.ts';
import type { MediaEngine } from '../engine/engine.ts';
import type { SelfTest } from './engine-report.ts';
import { runScene, type Stopwatch } from './scene-run.ts';
import { encodeInput, type SceneInput } from './scene-input.ts';
import { plainFormat, type SoftwareJudge } from './software-judge.ts';

/** Of another encoder's picture of the same; wrong ones are below 20. */
const leastPsnrDb = 28;
/** For trying a further codec. */
const shortPictures = 2;

/** Rejects with the reason when the engine cannot be used. */
export async function selfTest(
  engine: MediaEngine,
  judge: SoftwareJudge,
  watch: Stopwatch,
): Promise<SelfTest> {
  const { decode, encode } = engine.capabilities;
  if (!canDo(decode, plainFormat) || !canDo(encode, plainFormat)) {
    throw new Error('it does not both decode and encode H.264, which every room may need');
  }
  const { units, msPerPicture, cpuMsPerPicture } = await runScene(engine, judge.input, plainFormat, watch);
  const psnrDb = judge.judge(plainFormat, units);
  if (psnrDb < leastPsnrDb) {
    throw new Error(
      `its pictures are wrong: ${psnrDb.toFixed(1)} dB against software, ${leastPsnrDb} dB are asked for`,
    );
  }

  const struck: SelfTest['struck'] = [];
  // It would be judged by itself.
  if (engine.id === 'wasm') return { psnrDb, msPerPicture, cpuMsPerPicture, struck };
  const trial = new Trial(engine, judge, watch);
  for (const format of others([...decode, ...encode])) {
    for (const direction of ['decode', 'encode'] as const) {
      if (!canDo(engine.capabilities[direction], format)) continue;
      const reason = await trial[direction](format);
      if (reason !== undefined) struck.push({ codec: format.codec, direction, reason });
    }
  }
  return { psnrDb, msPerPicture, cpuMsPerPicture, struck };
}

function others(formats: readonly VideoFormat[]): readonly VideoFormat[] {
  const codecs = new Set(formats.map(({ codec }) => codec));
  codecs.delete(plainFormat.codec);
  return [...codecs].map((codec) => ({ codec }));
}

/** Tries one codec; gives the reason why it is not to be used. What nobody can judge is believed. */
class Trial {
  readonly #engine: MediaEngine;
  readonly #judge: SoftwareJudge;
  readonly #watch: Stopwatch;

  constructor(engine: MediaEngine, judge: SoftwareJudge, watch: Stopwatch) {
    this.#engine = engine;
    this.#judge = judge;
    this.#watch = watch;
  }

  async decode(format: VideoFormat): Promise<string | undefined> {
    return this.#reason(async () => {
      const input = await this.#inputIn(format);
      return input === undefined ? undefined : this.#psnr(input, plainFormat);
    });
  }

  async encode(format: VideoFormat): Promise<string | undefined> {
    if (!this.#judge.canSee(format)) {
      // Its own decoder has to read what it made.
      return canDo(this.#engine.capabilities.decode, format) ? this.decode(format) : undefined;
    }
    return this.#reason(() => this.#psnr(this.#short, format));
  }

  get #short(): SceneInput {
    const { format, units } = this.#judge.input;
    return { format, units: units.slice(0, shortPictures) };
  }

  async #inputIn(format: VideoFormat): Promise<SceneInput | undefined> {
    const made = await this.#judge.inputIn(format, shortPictures);
    if (made !== undefined || !canDo(this.#engine.capabilities.encode, format)) return made;
    return encodeInput(this.#engine, format, shortPictures);
  }

  async #psnr(input: SceneInput, output: VideoFormat): Promise<number> {
    const { units } = await runScene(this.#engine, input, output, this.#watch);
    return this.#judge.judge(output, units);
  }

  async #reason(measure: () => Promise<number | undefined>): Promise<string | undefined> {
    try {
      const psnrDb = await measure();
      return psnrDb === undefined || psnrDb >= leastPsnrDb
        ? undefined
        : `wrong pictures: ${psnrDb.toFixed(1)} dB`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
