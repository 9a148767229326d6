// Owns the benchmark of the watch over a device's pictures (workers/video/watch): what it adds to a room of four on the
// native addon's processor engine, which stands in for a device, judged by another session of it. Processor time of the
// fastest of several runs counts; runs with and without it take turns.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAddon } from '../../../native/load-addon.ts';
import { readModule } from '../../../wasm/locate.ts';
import { loadVideo } from '../../../wasm/video.ts';
import { nativeCapabilities } from '../../../workers/engine/native/native-capabilities.ts';
import { NativeEngine } from '../../../workers/engine/native/native-engine.ts';
import { type Benchmark, type BenchResult, progress, round, table } from '../lib/report.ts';
import { madeParticipants } from '../rooms/made-room.ts';
import { gridView, runRoom } from '../rooms/our-room.ts';

const count = 4;
const pictures = 600;
const runs = 5;
const bitrateKbps = 2000;
const seconds = pictures / 30;

async function run(): Promise<BenchResult> {
  const loaded = loadAddon();
  if (loaded.addon === undefined) throw new Error(loaded.reason);
  const { addon } = loaded;
  const capabilities = nativeCapabilities(addon.probe({ engine: 'cpu' }));
  const engine = (): NativeEngine => new NativeEngine({ addon, id: 'cpu', capabilities });
  const lines = execFileSync(process.execPath, ['wasm/build/native.mjs'], { encoding: 'utf8' });
  const { folder: built } = JSON.parse(lines.trim().split('\n').at(-1) ?? '') as { folder: string };
  const folder = mkdtempSync(join(tmpdir(), 'sluice-watch-'));
  try {
    const options = { clip: join(built, 'clip'), folder, count, pictures };
    const participants = madeParticipants(await loadVideo(await readModule('video')), options);
    const view = gridView(count, 2, bitrateKbps);
    const costs: Record<'alone' | 'watched', number[]> = { alone: [], watched: [] };
    for (let turn = 0; turn < runs; turn++) {
      progress(`run ${turn + 1} of ${runs}`);
      costs.alone.push((await runRoom(engine(), view, participants)).cpuMs);
      costs.watched.push((await runRoom(engine(), view, participants, [engine()])).cpuMs);
    }
    const [alone, watched] = [Math.min(...costs.alone), Math.min(...costs.watched)];
    const perSecond = (ms: number): number => round(ms / seconds, 2);
    const rows = [
      { room: 'alone', 'CPU ms/s': perSecond(alone) },
      { room: 'watched', 'CPU ms/s': perSecond(watched) },
      { room: 'difference', 'CPU ms/s': perSecond(watched - alone) },
    ];
    console.log(table(rows));
    return {
      bench: 'watch',
      ratio: round(watched / alone, 3),
      better: 'lower',
      baseline: 'the same room of four 640×360 inputs as 1280×720 at 30 pictures/s, not watched',
      details: { rows },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const watch: Benchmark = {
  name: 'watch',
  about: 'what watching the pictures of a device costs a room of four',
  run,
};
