// Owns which engines a worker uses and in which order, from what the operator wishes and what was found to work. Pure.
import type { VideoFormat } from '../../schemas/media.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import type { EngineId } from '../engine/engine.ts';
import type { EngineReport, WorkingEngine } from './engine-report.ts';

export interface EngineWish {
  /** The preferred one first. `auto` stands for a GPU, then `cpu` and `wasm`, whichever takes less of the processors first. */
  readonly engines: readonly ('auto' | EngineId)[];
  /** A render node, or `auto`: the workers of a machine take those that work in turn. */
  readonly device: string;
}

/** The order for the `index`-th worker of the machine; empty when nothing that is wished for works. */
export function chooseEngines(
  reports: readonly EngineReport[],
  wish: EngineWish,
  index: number,
): readonly EngineChoice[] {
  const working = reports.filter((report) => report.outcome === 'works');
  const ids = wish.engines.flatMap((id) => (id === 'auto' ? automatic(working) : [id]));
  const device = deviceOf(working, ids, wish, index);
  return [...new Set(ids)].flatMap((id) => {
    const report = working.find((each) => each.engine === id && (!needsDevice(id) || each.device === device));
    return report === undefined ? [] : [choiceOf(report)];
  });
}

/** The engines that have to be tried for a wish, without their devices. */
export function wishedEngines({ engines }: EngineWish): readonly EngineId[] {
  return [...new Set(engines.flatMap((id): EngineId[] => (id === 'auto' ? ['vaapi', 'cpu', 'wasm'] : [id])))];
}

export function needsDevice(id: EngineId): boolean {
  return id === 'vaapi' || id === 'qsv';
}

function automatic(working: readonly WorkingEngine[]): readonly EngineId[] {
  const software = working
    .filter(({ engine }) => !needsDevice(engine))
    .toSorted((one, other) => one.test.cpuMsPerPicture - other.test.cpuMsPerPicture);
  return ['vaapi', ...software.map(({ engine }) => engine)];
}

/** One for all GPU engines of a worker: pictures of one cannot be drawn by another. */
function deviceOf(
  working: readonly WorkingEngine[],
  ids: readonly EngineId[],
  wish: EngineWish,
  index: number,
): string | undefined {
  const usable = working
    .filter(({ engine }) => needsDevice(engine) && ids.includes(engine))
    .flatMap(({ device }) => device ?? [])
    .filter((device) => wish.device === 'auto' || device === wish.device);
  const devices = [...new Set(usable)];
  return devices[index % devices.length];
}

function choiceOf({ engine, device, probe, test }: WorkingEngine): EngineChoice {
  const formats = (direction: 'decode' | 'encode'): VideoFormat[] =>
    [...new Set(probe[direction].map(({ codec }) => codec))]
      .filter((codec) => !test.struck.some((each) => each.direction === direction && each.codec === codec))
      .map((codec) => ({ codec }));
  return {
    id: engine,
    ...(device === undefined ? {} : { device, pictureMs: test.msPerPicture }),
    capabilities: { decode: formats('decode'), encode: formats('encode'), maxSize: probe.maxSide },
  };
}
