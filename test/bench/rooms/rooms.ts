// Owns the rooms benchmark: what one output picture of a mixed view costs, whole room in one thread, against ffmpeg doing
// the same in the same run. Processor time of the fastest of several runs counts; runs of both take turns.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModule } from '../../../wasm/locate.ts';
import { loadVideo } from '../../../wasm/video.ts';
import { WasmEngine } from '../../../workers/engine/wasm/wasm-engine.ts';
import { type Benchmark, type BenchResult, progress, round, type Row, table } from '../lib/report.ts';
import { runFfmpeg } from './ffmpeg-room.ts';
import { inputSize, madeParticipants } from './made-room.ts';
import { gridView, runRoom } from './our-room.ts';

const rooms = [
  { count: 4, side: 2 },
  { count: 9, side: 3 },
];
const pictures = 180;
const runs = 3;
const bitrateKbps = 2000;
const budgetMs = 1000 / 30;

async function run(): Promise<BenchResult> {
  progress('building the clip renderer (once)');
  const lines = execFileSync(process.execPath, ['wasm/build/native.mjs'], { encoding: 'utf8' });
  const native = JSON.parse(lines.trim().split('\n').at(-1) ?? '') as { folder: string };
  const module = await WebAssembly.compile(await readModule('video'));
  const folder = mkdtempSync(join(tmpdir(), 'sluice-rooms-'));
  const rows: (Row & { ratio: number })[] = [];
  try {
    progress('making the participants');
    const clip = join(native.folder, 'clip');
    const participants = madeParticipants(await loadVideo(module), { clip, folder, count: 9, pictures });
    for (const { count, side } of rooms) {
      const members = participants.slice(0, count);
      const view = gridView(count, side, bitrateKbps);
      const files = members.map(({ file }) => file);
      const ours = [];
      const theirs = [];
      for (let turn = 0; turn < runs; turn++) {
        progress(`${count} inputs, run ${turn + 1} of ${runs}`);
        ours.push(await runRoom(new WasmEngine(module), view, members));
        theirs.push(runFfmpeg(files, side, bitrateKbps));
      }
      const perPicture = ({ cpuMs, frames }: { cpuMs: number; frames: number }): number => cpuMs / frames;
      const best = ours.reduce((a, b) => (perPicture(b) < perPicture(a) ? b : a));
      const cost = perPicture(best);
      const theirCost = Math.min(...theirs.map(perPicture));
      const { decodeMs, composeMs, encodeMs, addedMs } = best.stats;
      rows.push({
        room: `${count} × ${inputSize.width}×${inputSize.height}`,
        'CPU ms': round(cost),
        'ffmpeg ms': round(theirCost),
        ratio: round(cost / theirCost),
        'rooms/core': round(budgetMs / cost, 1),
        'decode p50': round(decodeMs.p50),
        'compose p50': round(composeMs.p50),
        'encode p50': round(encodeMs.p50),
        'added p50': round(addedMs.p50, 1),
        'added p99': round(addedMs.p99, 1),
        'kbit/s': round((best.bytes * 8) / (best.frames / 30) / 1000, 0),
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(table(rows));
  return {
    bench: 'rooms',
    ratio: Math.max(...rows.map(({ ratio }) => ratio)),
    better: 'lower',
    baseline: 'ffmpeg: h264 decoders, scale, xstack, libx264 ultrafast zerolatency, one thread each',
    details: { rows },
  };
}

export const rooms720: Benchmark = {
  name: 'rooms',
  about: 'a mixed view of 4 and 9 inputs of 360p as 720p, H.264, against ffmpeg',
  run,
};
