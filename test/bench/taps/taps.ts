// Owns the benchmark of pictures for programs: what one costs, of a 720p still, in our module and in the native addon, in
// the same run. Processor time of all threads of the fastest of several rounds counts.
import { loadAddon } from '../../../native/load-addon.ts';
import type { PixelFormat } from '../../../schemas/picture-tap.ts';
import { readModule } from '../../../wasm/locate.ts';
import type { EngineSession, MediaEngine, Still } from '../../../workers/engine/engine.ts';
import { nativeCapabilities } from '../../../workers/engine/native/native-capabilities.ts';
import { NativeEngine } from '../../../workers/engine/native/native-engine.ts';
import { WasmEngine } from '../../../workers/engine/wasm/wasm-engine.ts';
import { type Benchmark, type BenchResult, progress, round, table } from '../lib/report.ts';

const source = { width: 1280, height: 720 };
const sizes = [
  { width: 320, height: 180 },
  { width: 640, height: 360 },
];
const rounds = 12;
const tapsPerRound = 60;

async function run(): Promise<BenchResult> {
  const loaded = loadAddon();
  if (loaded.addon === undefined) throw new Error(loaded.reason);
  const capabilities = nativeCapabilities(loaded.addon.probe({ engine: 'cpu' }));
  const engines: readonly MediaEngine[] = [
    new WasmEngine(await readModule('video')),
    new NativeEngine({ addon: loaded.addon, id: 'cpu', capabilities }),
  ];
  const costs = new Map<string, number>();
  for (const engine of engines) {
    progress(engine.id);
    const session = await engine.open((reason) => progress(`${engine.id} failed: ${reason}`));
    const still = session.still(source, noise());
    for (const size of sizes) {
      for (const pixels of ['rgb', 'gray'] as const) {
        const times: number[] = [];
        for (let each = 0; each < rounds; each++) times.push(await cpuMsPerTap(session, still, size, pixels));
        costs.set(`${engine.id} ${nameOf(size)} ${pixels}`, Math.min(...times));
      }
    }
    session.close();
  }
  const cost = (engine: string, size: string, pixels: string): number =>
    costs.get(`${engine} ${size} ${pixels}`) ?? NaN;
  const rows = sizes.map(nameOf).flatMap((size) =>
    ['rgb', 'gray'].map((pixels) => {
      const [wasm, cpu] = [cost('wasm', size, pixels), cost('cpu', size, pixels)];
      const times = { 'wasm ms': round(wasm, 3), 'cpu ms': round(cpu, 3) };
      return { picture: `${size} ${pixels}`, ...times, ratio: round(wasm / cpu) };
    }),
  );
  console.log(table(rows));
  return {
    bench: 'taps',
    ratio: rows[0]?.ratio ?? NaN,
    better: 'lower',
    baseline: 'libyuv in the native addon, processor time of one 320×180 RGB picture from 720p',
    details: { rows },
  };
}

async function cpuMsPerTap(
  session: EngineSession,
  still: Still,
  size: { readonly width: number; readonly height: number },
  pixels: PixelFormat,
): Promise<number> {
  const before = process.cpuUsage();
  for (let tap = 0; tap < tapsPerRound; tap++) {
    await new Promise<void>((resolve, reject) => {
      const tapped = (data: Uint8Array | undefined): void =>
        data === undefined ? reject(new Error('nothing was tapped')) : resolve();
      session.tap(still, { size, pixels, tapped });
    });
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / tapsPerRound;
}

/** Packed I420. */
function noise(): Uint8Array {
  return Uint8Array.from(
    { length: (source.width * source.height * 3) / 2 },
    (_, at) => 16 + ((at * 2_654_435_761) >>> 24) * 0.85,
  );
}

function nameOf({ width, height }: { readonly width: number; readonly height: number }): string {
  return `${width}×${height}`;
}

export const taps: Benchmark = {
  name: 'taps',
  about: 'pictures for programs: RGB and gray, scaled from 720p, our module beside the native addon',
  run,
};
