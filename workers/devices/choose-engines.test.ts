// Owns the proof of the order of engines: what is wished for, what works, what it costs.
import { describe, expect, it } from 'vitest';
import type { EngineId } from '../engine/engine.ts';
import { chooseEngines, wishedEngines, type EngineWish } from './choose-engines.ts';
import type { EngineReport, SelfTest } from './engine-report.ts';

const [first, second] = ['/dev/dri/renderD128', '/dev/dri/renderD129'] as const;

function works(
  engine: EngineId,
  cpuMsPerPicture: number,
  device?: string,
  struck: SelfTest['struck'] = [],
): EngineReport {
  return {
    outcome: 'works',
    engine,
    ...(device === undefined ? {} : { device }),
    probe: {
      vendor: '',
      addon: '',
      decode: (['h264', 'h264', 'vp9'] as const).map((codec) => ({ codec, implementation: 'x' })),
      encode: [{ codec: 'h264', implementation: 'x' }],
      maxSide: 4096,
    },
    test: { psnrDb: 40, msPerPicture: 1, cpuMsPerPicture, struck },
  };
}
const fails = (engine: EngineId, device?: string): EngineReport => ({
  outcome: 'fails',
  engine,
  ...(device === undefined ? {} : { device }),
  reason: 'broken',
});
const wish = (engines: EngineWish['engines'], device = 'auto'): EngineWish => ({ engines, device });
const order = (reports: readonly EngineReport[], wished: EngineWish, index = 0): readonly string[] =>
  chooseEngines(reports, wished, index).map(({ id, device }) =>
    device === undefined ? id : `${id} ${device}`,
  );

const gpus = [works('vaapi', 9, first), works('vaapi', 9, second)];
const software = [works('wasm', 20), works('cpu', 10)];

describe('the order of engines', () => {
  it.each<[string, readonly EngineReport[], EngineWish, readonly string[]]>([
    [
      'a GPU, then software by its cost',
      [...gpus, ...software],
      wish(['auto']),
      [`vaapi ${first}`, 'cpu', 'wasm'],
    ],
    ['wasm first where it is cheaper', [works('wasm', 9), works('cpu', 10)], wish(['auto']), ['wasm', 'cpu']],
    ['software where no GPU works', [fails('vaapi', first), ...software], wish(['auto']), ['cpu', 'wasm']],
    ['what works of software', [fails('cpu'), works('wasm', 1)], wish(['auto']), ['wasm']],
    ['as wished', [...gpus, ...software], wish(['wasm', 'vaapi']), ['wasm', `vaapi ${first}`]],
    ['nothing that is not named', [...gpus, ...software], wish(['vaapi']), [`vaapi ${first}`]],
    [
      'one before all others',
      [...gpus, ...software],
      wish(['wasm', 'auto']),
      ['wasm', `vaapi ${first}`, 'cpu'],
    ],
    [
      'the device that is named',
      [...gpus, ...software],
      wish(['auto'], second),
      [`vaapi ${second}`, 'cpu', 'wasm'],
    ],
    [
      'no other device than the one named',
      [...gpus, ...software],
      wish(['vaapi'], '/dev/dri/renderD130'),
      [],
    ],
    ['nothing', [fails('vaapi', first)], wish(['vaapi']), []],
    ['qsv only where it is named', [works('qsv', 1, first), ...gpus], wish(['auto']), [`vaapi ${first}`]],
    [
      'all GPU engines on one device',
      [works('qsv', 1, second), ...gpus],
      wish(['qsv', 'vaapi'], second),
      [`qsv ${second}`, `vaapi ${second}`],
    ],
  ])('is %s', (_name, reports, wished, expected) => {
    expect(order(reports, wished)).toEqual(expected);
  });

  it('gives the workers of a machine its devices in turn, leaving out one that fails', () => {
    const three = [
      gpus[0] ?? fails('vaapi'),
      fails('vaapi', second),
      works('vaapi', 9, '/dev/dri/renderD130'),
    ];
    const devices = [0, 1, 2, 3].map((index) => order(three, wish(['vaapi']), index)[0]);
    expect(devices).toEqual([0, 130, 0, 130].map((n) => `vaapi ${n === 0 ? first : '/dev/dri/renderD130'}`));
  });

  it('says what each can do: every codec once, without those that were struck', () => {
    const struck = [{ codec: 'vp9', direction: 'decode', reason: 'wrong' } as const];
    const [choice] = chooseEngines([works('vaapi', 1, first, struck)], wish(['auto']), 0);
    expect(choice?.capabilities).toEqual({
      decode: [{ codec: 'h264' }],
      encode: [{ codec: 'h264' }],
      maxSize: 4096,
    });
  });

  it('knows what has to be tried', () => {
    expect(wishedEngines(wish(['auto']))).toEqual(['vaapi', 'cpu', 'wasm']);
    expect(wishedEngines(wish(['qsv', 'auto', 'wasm']))).toEqual(['qsv', 'vaapi', 'cpu', 'wasm']);
  });
});
