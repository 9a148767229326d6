import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clip, md5 } from './scripted-clip.ts';
import { recorded } from './scripted-recordings.ts';

// Building the native libraries takes minutes, so this is asked for: npm run build:wasm -- --native-check.
describe.skipIf(process.env.SLUICE_NATIVE_CHECK === undefined)(
  'native libraries of the same versions',
  () => {
    const scratch = mkdtempSync(join(tmpdir(), 'sluice-native-'));
    let programs = '';
    beforeAll(() => {
      const lines = execFileSync(process.execPath, [join(import.meta.dirname, 'build/native.mjs')], {
        encoding: 'utf8',
      });
      const answer: unknown = JSON.parse(lines.trim().split('\n').at(-1)!);
      if (typeof answer !== 'object' || answer === null || !('folder' in answer)) throw new Error(lines);
      programs = String(answer.folder);
    }, 600_000);
    afterAll(() => rmSync(scratch, { recursive: true, force: true }));

    it.each(recorded)('$codec $width x $height: the recorded bits and pictures', (wanted) => {
      const { codec, width, height, count, bitrateBps } = wanted;
      const [input, output] = [join(scratch, 'clip.yuv'), join(scratch, 'result')];
      writeFileSync(input, Buffer.concat(clip(width, height, count)));
      execFileSync(join(programs, codec), [
        input,
        ...[width, height, count, bitrateBps, 1].map(String),
        output,
      ]);
      const digest = (extension: string): string => md5(readFileSync(`${output}.${extension}`));
      expect({ bits: digest('bits'), pictures: digest('yuv') }).toEqual({
        bits: wanted.bits,
        pictures: wanted.pictures,
      });
    });
  },
);
