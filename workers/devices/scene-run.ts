// Owns letting an engine do what a mixed room does, for a few pictures: decode two inputs, draw one large and the other in a
// corner, encode. Whoever calls sets the deadline; here things are waited for as long as they take.
import type { Resolution, VideoFormat } from '../../schemas/media.ts';
import type { AccessUnit, EngineSession, MediaEngine, VideoDecoder } from '../engine/engine.ts';

export const inputSize: Resolution = { width: 640, height: 360 };
export const outputSize: Resolution = { width: 1280, height: 720 };

export interface SceneRun {
  /** One for each unit of the input; undefined for pictures that the encoder left out. */
  readonly units: readonly (AccessUnit | undefined)[];
  /** Between the first few pictures and the last, each. */
  readonly msPerPicture: number;
  readonly cpuMsPerPicture: number;
}

export interface Stopwatch {
  /** Of any clock, in ms. */
  now(): number;
  /** Of all threads of this process up to now, in ms. */
  cpuMs(): number;
}

/** Pictures before the time is taken: codecs and drivers begin slowly. */
const warmUp = 4;

/** Both inputs show the same `units`. Rejects with the reason when the engine fails or cannot decode one of them. */
export async function runScene(
  engine: MediaEngine,
  input: { readonly format: VideoFormat; readonly units: readonly AccessUnit[] },
  output: VideoFormat,
  watch: Stopwatch,
): Promise<SceneRun> {
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  // Nobody may be waiting when it comes.
  failed.catch(() => undefined);
  const session = await engine.open((reason) => fail(new Error(reason)));
  try {
    return await Promise.race([failed, run(session, input, output, watch, fail)]);
  } finally {
    session.close();
  }
}

async function run(
  session: EngineSession,
  { format, units }: { readonly format: VideoFormat; readonly units: readonly AccessUnit[] },
  output: VideoFormat,
  watch: Stopwatch,
  fail: (error: Error) => void,
): Promise<SceneRun> {
  const inputs = [0, 1].map(() => new Input(session, format, fail));
  const canvas = session.canvas({ size: outputSize, background: { r: 16, g: 32, b: 48 } });
  let encoded: (unit: AccessUnit | undefined) => void = () => undefined;
  const encoder = session.encoder({
    format: output,
    size: outputSize,
    framerate: 30,
    bitrateKbps: 6000,
    encoded: ({ data, key, atMs }) => encoded({ data, key, timestamp: atMs }),
    skipped: () => encoded(undefined),
  });
  const made: (AccessUnit | undefined)[] = [];
  let began = { ms: watch.now(), cpuMs: watch.cpuMs() };
  for (const [index, unit] of units.entries()) {
    if (index === Math.min(warmUp, units.length - 1)) began = { ms: watch.now(), cpuMs: watch.cpuMs() };
    await Promise.all(inputs.map((each) => each.show(unit)));
    canvas.compose(inputs.map(({ decoder }, at) => ({ picture: decoder, tile: tiles[at] ?? whole })));
    const unitMade = new Promise<AccessUnit | undefined>((resolve) => (encoded = resolve));
    encoder.encode(canvas, { atMs: index * 33, key: index === 0 });
    made.push(await unitMade);
  }
  const count = units.length - Math.min(warmUp, units.length - 1);
  return {
    units: made,
    msPerPicture: (watch.now() - began.ms) / count,
    cpuMsPerPicture: (watch.cpuMs() - began.cpuMs) / count,
  };
}

const rectangle = (x: number, y: number, { width, height }: Resolution) => ({ x, y, width, height });
const whole = { source: rectangle(0, 0, inputSize), destination: rectangle(0, 0, outputSize) };
/** The second is smaller than its picture, so that scaling both ways is seen. */
const corner = { width: 426, height: 240 };
const tiles = [whole, { source: rectangle(0, 0, inputSize), destination: rectangle(840, 460, corner) }];

class Input {
  readonly decoder: VideoDecoder;
  #shown: () => void = () => undefined;

  constructor(session: EngineSession, format: VideoFormat, fail: (error: Error) => void) {
    this.decoder = session.decoder({
      format,
      pictured: () => this.#shown(),
      broken: () => fail(new Error(`it could not decode ${format.codec}`)),
    });
  }

  show(unit: AccessUnit): Promise<void> {
    const shown = new Promise<void>((resolve) => (this.#shown = resolve));
    this.decoder.decode(unit);
    return shown;
  }
}
