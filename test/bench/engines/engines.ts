// Owns the engines benchmark: what a picture of a mixed view costs on the engine `cpu` against ffmpeg with the same codec and
// settings and against `wasm`, what the GPU is asked for, and how long a view stands still when its engine fails. Processor
// time of the fastest of several runs counts; they take turns. What it takes to begin is left out on both sides.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { loadAddon } from '../../../native/load-addon.ts';
import { readModule } from '../../../wasm/locate.ts';
import { loadVideo } from '../../../wasm/video.ts';
import { nativeCapabilities } from '../../../workers/engine/native/native-capabilities.ts';
import { NativeEngine } from '../../../workers/engine/native/native-engine.ts';
import type { MediaEngine } from '../../../workers/engine/engine.ts';
import { WasmEngine } from '../../../workers/engine/wasm/wasm-engine.ts';
import { fallingPrograms, watchFall } from '../../engines/fallback.ts';
import type { GpuCounters } from '../../gpu/gpu-counters.ts';
import { testGpu } from '../../gpu/test-gpu.ts';
import { type Benchmark, type BenchResult, progress, round, type Row, table } from '../lib/report.ts';
import { runFfmpeg } from '../rooms/ffmpeg-room.ts';
import { madeParticipants, type Participant } from '../rooms/made-room.ts';
import { gridView, runRoom } from '../rooms/our-room.ts';
import { runEngine } from './engine-room.ts';

const rooms = [
  { count: 4, side: 2 },
  { count: 9, side: 3 },
];
const pictures = Number(process.env.SLUICE_BENCH_PICTURES ?? 330);
const runs = Number(process.env.SLUICE_BENCH_RUNS ?? 5);
/** A simulated GPU does the same for each. */
const gpuPictures = 180;
/** Pictures that do not count: programs and just-in-time compilers begin. */
const beginning = 30;
const bitrateKbps = 2000;
/** The one that `cpu` takes for x264 (native/src/cpu/avcodec-encoder.cc). */
const preset = 'superfast';
const goal = 0.95;

async function run(): Promise<BenchResult> {
  const loaded = loadAddon();
  if (loaded.addon === undefined) throw new Error(loaded.reason);
  const { addon } = loaded;
  const encoders = ['libx264'];
  const probed = addon.probe({ engine: 'cpu', encoders });
  if (probed.encode.length === 0) throw new Error('libavcodec has no libx264 here');
  const x264 = new NativeEngine({ addon, id: 'cpu', encoders, capabilities: nativeCapabilities(probed) });
  const own = addon.probe({ engine: 'cpu' });
  const usual = new NativeEngine({ addon, id: 'cpu', capabilities: nativeCapabilities(own) });

  progress('building the clip renderer (once)');
  const lines = execFileSync(process.execPath, ['wasm/build/native.mjs'], { encoding: 'utf8' });
  const native = JSON.parse(lines.trim().split('\n').at(-1) ?? '') as { folder: string };
  const module = await WebAssembly.compile(await readModule('video'));
  const folder = mkdtempSync(join(tmpdir(), 'sluice-engines-'));
  try {
    progress('making the participants');
    const clip = join(native.folder, 'clip');
    const participants = madeParticipants(await loadVideo(module), { clip, folder, count: 9, pictures });
    const costs: (Row & { ratio: number })[] = [];
    for (const { count, side } of rooms) {
      const view = gridView(count, side, bitrateKbps);
      const members = participants.slice(0, count);
      const files = members.map(({ file }) => file);
      const spent: Record<'x264' | 'ffmpeg' | 'rtp' | 'usual' | 'wasm', number[]> = {
        ...{ x264: [], ffmpeg: [], rtp: [], usual: [], wasm: [] },
      };
      const alone = async (engine: MediaEngine): Promise<number> =>
        cost(await runEngine(engine, members, { bitrateKbps, beginning }));
      let begunMs = Infinity;
      for (let turn = 0; turn < runs; turn++) {
        progress(`${count} inputs, run ${turn + 1} of ${runs}`);
        spent.x264.push(await alone(x264));
        begunMs = Math.min(
          begunMs,
          runFfmpeg(files, side, bitrateKbps, { preset, pictures: beginning }).cpuMs,
        );
        spent.ffmpeg.push(runFfmpeg(files, side, bitrateKbps, { preset, pictures }).cpuMs);
        spent.rtp.push(cost(await runRoom(x264, view, members)));
        spent.usual.push(await alone(usual));
        spent.wasm.push(await alone(new WasmEngine(module)));
      }
      spent.ffmpeg = spent.ffmpeg.map((ms) => (ms - begunMs) / (pictures - beginning));
      const best = (kind: keyof typeof spent): number => Math.min(...spent[kind]);
      costs.push({
        room: `${count} × 640×360`,
        'cpu x264 ms': span(spent.x264),
        'ffmpeg x264 ms': span(spent.ffmpeg),
        ratio: round(best('x264') / best('ffmpeg')),
        'with RTP ms': round(best('rtp')),
        'with RTP ratio': round(best('rtp') / best('ffmpeg')),
        'cpu ms': round(best('usual')),
        'wasm ms': round(best('wasm')),
        'wasm/cpu': round(best('wasm') / best('usual')),
      });
    }
    console.log(table(costs));
    const why = addon.engines.includes('vaapi') ? whyNoGpu() : 'the addon is built without devices';
    if (why !== undefined) progress(`no simulated GPU: ${why}`);
    const jobs = why === undefined ? onGpu(folder, participants) : [];
    const falls = why === undefined ? await fallAll() : [];
    return {
      bench: 'engines',
      ratio: Math.max(...costs.map(({ ratio }) => ratio)),
      better: 'lower',
      baseline: `ffmpeg: h264 decoders, scale, xstack, libx264 ${preset} zerolatency baseline, one thread each`,
      goal: `at most ${goal}`,
      details: { costs, jobs, falls },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds the simulated GPU when it is not there yet. */
function whyNoGpu(): string | undefined {
  const { status, stderr } = spawnSync(process.execPath, ['test/gpu/build.mjs'], { encoding: 'utf8' });
  return status === 0 ? undefined : stderr.trim();
}

/** The best, and the worst that neighbours made of it. */
function span(values: readonly number[]): string {
  return `${round(Math.min(...values))}–${round(Math.max(...values))}`;
}

function cost({ cpuMs, frames }: { readonly cpuMs: number; readonly frames: number }): number {
  return cpuMs / frames;
}

/** What the driver counts for each frame: of a long run without what a short one, and so the beginning, took. */
function onGpu(folder: string, participants: readonly Participant[]): readonly Row[] {
  const made = join(folder, 'participants');
  writeFileSync(made, serialize(participants));
  const rows = rooms.map(({ count, side }) => {
    progress(`${count} inputs on the simulated GPU`);
    const short = roomOnGpu([made, count, side], gpuPictures / 2);
    const long = roomOnGpu([made, count, side], gpuPictures);
    const frames = long.frames - short.frames;
    const more = (count: (counters: GpuCounters) => number): number =>
      count(long.counters) - count(short.counters);
    const copies = (counters: GpuCounters): number =>
      counters.imagesDerived + counters.imagesRead + counters.imagesWritten;
    return {
      room: `${count} × 640×360 on vaapi`,
      frames,
      'encode jobs/frame': round(more(({ encodeJobs }) => encodeJobs) / frames, 3),
      'VPP jobs/frame': round(more(({ vppJobs }) => vppJobs) / frames, 3),
      'layers/job': round(more(({ vppLayers }) => vppLayers) / more(({ vppJobs }) => vppJobs), 1),
      'image copies/frame': round(more(copies) / frames, 3),
      'copies at the beginning': copies(short.counters),
    };
  });
  console.log(table(rows));
  return rows;
}

function roomOnGpu(
  room: readonly (string | number)[],
  count: number,
): { readonly frames: number; readonly counters: GpuCounters } {
  const gpu = testGpu();
  try {
    const args = ['deploy/run.mjs', 'test/bench/engines/room-on-gpu.ts', ...room, gpu.device, count];
    const out = execFileSync(process.execPath, args.map(String), {
      env: { ...process.env, ...gpu.env },
      encoding: 'utf8',
    });
    const { frames } = JSON.parse(out.trim().split('\n').at(-1) ?? '') as { frames: number };
    return { frames, counters: gpu.counters() };
  } finally {
    gpu.close();
  }
}

async function fallAll(): Promise<readonly Row[]> {
  const programs = fallingPrograms();
  const rows: Row[] = [];
  try {
    for (const kind of ['busy', 'lost', 'stall'] as const) {
      for (const next of ['cpu', 'wasm'] as const) {
        progress(`falling from vaapi to ${next}: ${kind}`);
        const { gapMs, reason } = await watchFall(programs, next, { kind });
        const lost = Math.max(0, Math.round((gapMs * 30) / 1000) - 1);
        rows.push({ fault: kind, next, 'ms to next frame': round(gapMs, 0), 'frames lost': lost, reason });
      }
    }
  } finally {
    programs.remove();
  }
  console.log(table(rows));
  return rows;
}

export const engines: Benchmark = {
  name: 'engines',
  about: 'a mixed view on native engines: against ffmpeg and wasm, jobs of the GPU, falling back',
  run,
};
