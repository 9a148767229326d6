// Owns the codecs benchmark: H.264 and VP8 of our modules against the native libraries, on the same clips and in the same
// run. Processor time of the fastest of several runs counts, copies included, which takes out most of what neighbours do.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModule } from '../../../wasm/locate.ts';
import { loadVideo } from '../../../wasm/video.ts';
import { type Benchmark, type BenchResult, progress, round, type Row, table } from '../lib/report.ts';
import { measure } from './measure.ts';

const sizes = [
  { name: '360p', width: 640, height: 360, pictures: 90, bitrateBps: 800_000, runs: 20 },
  { name: '720p', width: 1280, height: 720, pictures: 60, bitrateBps: 2_000_000, runs: 8 },
];
/** A head before a wall that stands still, and one that pans, with more noise. */
const scenes = [
  { name: 'head', pan: '0', noise: '1.5' },
  { name: 'pan', pan: '4', noise: '3' },
];
const goals = { encode: 2.1, decode: 1.6 };

interface Native {
  readonly folder: string;
  readonly assembler: boolean;
  readonly libvpx?: string;
}

function buildNative(): Native {
  progress('building the native libraries (once)');
  const lines = execFileSync(process.execPath, ['wasm/build/native.mjs'], { encoding: 'utf8' });
  const native = JSON.parse(lines.trim().split('\n').at(-1) ?? '') as Native;
  if (!native.assembler)
    progress('no nasm here: native openh264 is plain C, and the ratios of H.264 flatter us');
  if (native.libvpx === undefined) progress('no libvpx.so.7 here: VP8 has nothing to be compared with');
  return native;
}

function runNative(program: string, words: readonly string[]): { encodeMs: number; decodeMs: number } {
  const answer = execFileSync(program, words, { encoding: 'utf8' });
  return JSON.parse(answer) as { encodeMs: number; decodeMs: number };
}

async function run(): Promise<BenchResult> {
  const native = buildNative();
  const module = await WebAssembly.compile(await readModule('video'));
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-codecs-'));
  const rows: (Row & { encode: number; decode: number })[] = [];
  let isSame = true;
  try {
    const [clip, out] = [join(scratch, 'clip.yuv'), join(scratch, 'native')];
    for (const { name: sizeName, width, height, pictures, bitrateBps, runs } of sizes) {
      for (const scene of scenes) {
        const options = { maxBuffer: 1e9 };
        const shape = [String(width), String(height)];
        const rendered = execFileSync(
          join(native.folder, 'clip'),
          [...shape, String(pictures), scene.pan, scene.noise],
          options,
        );
        writeFileSync(clip, rendered);
        for (const codec of ['h264', 'vp8'] as const) {
          if (codec === 'vp8' && native.libvpx === undefined) continue;
          progress(`${codec} ${sizeName} ${scene.name}`);
          const ours = measure(await loadVideo(module), {
            codec,
            clip: rendered,
            width,
            height,
            bitrateBps,
            runs,
          });
          const words = [clip, ...shape, String(pictures), String(bitrateBps), String(runs), out];
          const theirs = runNative(join(native.folder, codec), words);
          const bits = createHash('md5')
            .update(readFileSync(`${out}.bits`))
            .digest('hex');
          isSame &&= bits === ours.bits;
          rows.push({
            clip: `${codec} ${sizeName} ${scene.name}`,
            'encode ms': round(ours.encodeMs, 3),
            'native ms': round(theirs.encodeMs, 3),
            encode: round(ours.encodeMs / theirs.encodeMs),
            'decode ms': round(ours.decodeMs, 3),
            'native decode ms': round(theirs.decodeMs, 3),
            decode: round(ours.decodeMs / theirs.decodeMs),
            'same bits': bits === ours.bits ? 'yes' : 'NO',
          });
        }
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  console.log(table(rows));
  const worst = (key: 'encode' | 'decode'): number => Math.max(...rows.map((row) => row[key]));
  return {
    bench: 'codecs',
    ratio: worst('encode'),
    better: 'lower',
    baseline: `native openh264 2.6.0 (${native.assembler ? 'with' : 'without'} assembler), libvpx of the system`,
    goal: `encode ≤ ${goals.encode}, decode ≤ ${goals.decode}`,
    details: { worstEncode: worst('encode'), worstDecode: worst('decode'), isSame, rows },
  };
}

export const codecs: Benchmark = {
  name: 'codecs',
  about: 'H.264 and VP8, encode and decode at 360p and 720p, against the native libraries',
  run,
};
