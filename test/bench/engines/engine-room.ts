// Owns one benchmarked room on an engine alone: access units in, encoded pictures out, as fast as they come. Nothing of RTP,
// so that it is the same work as ffmpeg's from files.
import type { EngineSession, Layer, MediaEngine } from '../../../workers/engine/engine.ts';
import { fitTile } from '../../../workers/engine/rectangles.ts';
import { inputSize, type Participant } from '../rooms/made-room.ts';
import { cpuMs, gridView } from '../rooms/our-room.ts';

export interface EngineRun {
  readonly cpuMs: number;
  readonly frames: number;
}

const size = { width: 1280, height: 720 };
const format = { codec: 'h264' } as const;
/** As far as the engine may be behind: it always has something to do, as ffmpeg has. */
const maxUnderWay = 2;

/** Processor time of all pictures but the first `beginning`. Rejects when the engine fails. */
export async function runEngine(
  engine: MediaEngine,
  participants: readonly Participant[],
  { bitrateKbps, beginning }: { readonly bitrateKbps: number; readonly beginning: number },
): Promise<EngineRun> {
  let underWay = 0;
  let wake = (): void => undefined;
  let failure: string | undefined;
  const session = await engine.open((reason) => {
    failure = reason;
    wake();
  });
  try {
    const done = (): void => {
      underWay--;
      wake();
    };
    const layers = layersOf(session, participants.length);
    const canvas = session.canvas({ size, background: { r: 0, g: 0, b: 0 } });
    const encoder = session.encoder({
      ...{ format, size, bitrateKbps, framerate: 30 },
      encoded: done,
      skipped: done,
    });
    const pictures = Math.min(...participants.map(({ units }) => units.length));
    let before = 0;
    for (let index = 0; index < pictures; index++) {
      if (index === beginning) before = cpuMs();
      for (const [at, { units }] of participants.entries()) {
        const unit = units[index];
        const decoder = layers[at]?.picture;
        if (unit !== undefined && decoder !== undefined && 'decode' in decoder) {
          decoder.decode({ ...unit, timestamp: index * 3000 });
        }
      }
      canvas.compose(layers);
      underWay++;
      encoder.encode(canvas, { atMs: (index * 1000) / 30, key: index === 0 });
      const most = index === pictures - 1 ? 0 : maxUnderWay - 1;
      while (underWay > most && failure === undefined) await new Promise<void>((woken) => (wake = woken));
      if (failure !== undefined) throw new Error(`${engine.id}: ${failure}`);
    }
    return { cpuMs: cpuMs() - before, frames: pictures - beginning };
  } finally {
    session.close();
  }
}

/** A decoder for each region of the grid. */
function layersOf(session: EngineSession, count: number): readonly Layer[] {
  const { inputs, fit } = gridView(count, Math.sqrt(count), 0);
  return inputs.map(({ region }) => {
    const tile = fitTile(region, inputSize, size, fit);
    if (tile === undefined) throw new Error('a region is too small');
    const picture = session.decoder({ format, pictured: () => undefined, broken: () => undefined });
    return { picture, tile };
  });
}
