// Owns the proof of what is said of engines at a start.
import { expect, it } from 'vitest';
import type { EngineReport } from './engine-report.ts';
import { explainEngines, type EnginesToExplain } from './explain-engines.ts';

const [first, second] = ['/dev/dri/renderD128', '/dev/dri/renderD129'];
const notBuilt = 'the native engine is not built (npm run gpu:check says what is missing)';
const works = (device: string): EngineReport => ({
  outcome: 'works',
  engine: 'vaapi',
  device,
  probe: { vendor: 'Test driver', addon: 'x', decode: [], encode: [], maxSide: 4096 },
  test: { psnrDb: 40, msPerPicture: 1, cpuMsPerPicture: 1, struck: [] },
});
const fails = (engine: 'vaapi' | 'cpu', reason: string, device?: string): EngineReport => ({
  outcome: 'fails',
  engine,
  ...(device !== undefined && { device }),
  reason,
});
const auto = { engines: ['auto'], device: 'auto' } as const;
const machine = (over: Partial<EnginesToExplain> = {}): EnginesToExplain => ({
  wish: auto,
  nodes: [{ path: first }],
  hasAddon: true,
  reports: [works(first)],
  orders: [[{ id: 'vaapi', device: first }, { id: 'cpu' }, { id: 'wasm' }]],
  ...over,
});

it.each<[string, Partial<EnginesToExplain>, readonly string[]]>([
  ['a machine with all', {}, [`Media engines: vaapi (Test driver, ${first}), cpu, wasm`]],
  [
    'one with nothing',
    { nodes: [], hasAddon: false, reports: [], orders: [[]] },
    ['Media engines: wasm', '  not vaapi: this machine shows no GPU (/dev/dri)', `  not cpu: ${notBuilt}`],
  ],
  [
    'a GPU without the native engine',
    { hasAddon: false, reports: [], orders: [[]] },
    ['Media engines: wasm', `  not vaapi, cpu: ${notBuilt}`],
  ],
  [
    'engines that fail, each device by itself',
    {
      nodes: [{ path: first }, { path: second }],
      reports: [
        fails('vaapi', 'it hangs', first),
        fails('vaapi', 'wrong pictures', second),
        fails('cpu', 'no H.264'),
      ],
      orders: [[{ id: 'wasm' }]],
    },
    [
      'Media engines: wasm',
      `  not vaapi: ${first}: it hangs`,
      `  not vaapi: ${second}: wrong pictures`,
      '  not cpu: no H.264',
    ],
  ],
  [
    'a device that is not there',
    { wish: { engines: ['qsv', 'wasm'], device: second }, reports: [], orders: [[{ id: 'wasm' }]] },
    ['Media engines: wasm', `  not qsv: there is no ${second}`],
  ],
  [
    'what nobody wishes for: nothing',
    { wish: { engines: ['wasm'], device: 'auto' }, nodes: [], hasAddon: false, reports: [], orders: [[]] },
    ['Media engines: wasm'],
  ],
  [
    'several workers on several devices',
    {
      nodes: [{ path: first }, { path: second }],
      reports: [works(first), works(second)],
      orders: [first, second, first].map((device) => [{ id: 'vaapi', device }]),
    },
    [
      `Media engines of workers 1, 3: vaapi (Test driver, ${first}), wasm`,
      `Media engines of worker 2: vaapi (Test driver, ${second}), wasm`,
    ],
  ],
])('of %s', (_name, over, lines) => {
  expect(explainEngines(machine(over))).toEqual(lines);
});

it('long names and reasons are cut', () => {
  const failed = machine({ reports: [fails('cpu', 'x'.repeat(500))], orders: [[{ id: 'wasm' }]], nodes: [] });
  expect(Math.max(...explainEngines(failed).map(({ length }) => length))).toBeLessThan(180);
});
