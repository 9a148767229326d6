import { describe, expect, it } from 'vitest';
import type { VideoFormat } from '../../schemas/media.ts';
import type { DesiredVideoMixer } from '../../schemas/worker.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { gridInputs, outputOf, viewOf } from '../video/scripted-view.ts';
import { EngineOrder } from './engine-order.ts';

const h264: VideoFormat = { codec: 'h264' };
const vp8: VideoFormat = { codec: 'vp8' };
const engine = (id: EngineChoice['id'], formats: VideoFormat[], device?: string): EngineChoice => ({
  id,
  ...(device === undefined ? {} : { device }),
  capabilities: { decode: formats, encode: formats, maxSize: 1920 },
});
const [one, other] = ['/dev/dri/renderD128', '/dev/dri/renderD129'];
const gpu = engine('vaapi', [h264], one);
const secondGpu = engine('vaapi', [h264, vp8], other);
const cpu = engine('cpu', [h264, vp8]);
const view = (outputs = [outputOf('out', { codec: 'h264' })]) => viewOf([], outputs);
const vp8View = viewOf(gridInputs(['a'], 1), [outputOf('out')]);

describe('EngineOrder', () => {
  it.each([
    ['wasm alone where nothing is configured', [], view(), 'wasm'],
    ['the first', [gpu, cpu], view(), 'vaapi'],
    ['the first that can do all', [gpu, cpu], vp8View, 'cpu'],
    ['wasm where it is named before', [engine('wasm', [h264]), cpu], view(), 'wasm'],
    ['wasm at the end where it is not named', [gpu], vp8View, 'wasm'],
    [
      'one whose pictures are large enough',
      [cpu],
      view([outputOf('out', { codec: 'h264', resolution: { width: 2560, height: 1440 } })]),
      'wasm',
    ],
  ] as const)('takes %s', (_, choices, settings, id) => {
    expect(new EngineOrder([...choices]).choose(settings, 0)?.id).toBe(id);
  });

  it('passes over what failed, each device by itself', () => {
    const order = new EngineOrder([gpu, secondGpu, cpu]);
    order.failed(gpu, 0);
    expect(order.choose(view(), 1)).toBe(secondGpu);
    order.failed(secondGpu, 1);
    order.failed(cpu, 1);
    expect(order.choose(view(), 2)?.id).toBe('wasm');
    expect(order.choose(view(), 10_001)).toBe(gpu);
  });

  it('does not pass over wasm', () => {
    const wasm = engine('wasm', [h264]);
    const order = new EngineOrder([wasm]);
    order.failed(wasm, 0);
    expect(order.choose(view(), 1)).toBe(wasm);
  });

  it('takes an engine for better only when it does more', () => {
    const order = new EngineOrder([gpu, cpu]);
    expect(order.isBetter(cpu, view(), 0)).toBe(false);
    expect(order.isBetter(gpu, vp8View, 0)).toBe(true);
    order.failed(cpu, 0);
    expect(order.isBetter(gpu, vp8View, 1)).toBe(true);
  });

  describe('of a room with an order of its own', () => {
    const wasm = engine('wasm', [h264, vp8]);
    const wanting = (...engines: EngineChoice['id'][]) => ({ ...view(), engines });

    it.each<[string, DesiredVideoMixer, string | undefined]>([
      ['comes before that of the worker', wanting('cpu', 'vaapi'), 'cpu'],
      ['has only what the worker has, too', wanting('qsv', 'wasm'), 'wasm'],
      ['has nothing that it does not name', wanting('qsv'), undefined],
      ['passes over what cannot do all', { ...vp8View, engines: ['vaapi', 'cpu'] }, 'cpu'],
    ])('%s', (_what, settings, id) => {
      expect(new EngineOrder([gpu, cpu, wasm]).choose(settings, 0)?.id).toBe(id);
    });

    it('ends with its last engine: none is to be had when that failed', () => {
      const order = new EngineOrder([gpu, cpu]);
      order.failed(gpu, 0);
      expect(order.choose(wanting('vaapi'), 1)).toBeUndefined();
      expect(order.isBetter(gpu, wanting('vaapi'), 1)).toBe(false);
      expect(order.isPreferred(cpu, wanting('vaapi'), 1)).toBe(false);
      expect(order.choose(wanting('vaapi'), 10_000)).toBe(gpu);
    });

    it('says which engine is preferred to another', () => {
      const order = new EngineOrder([gpu, cpu, wasm]);
      expect(order.isPreferred(gpu, wanting('cpu', 'vaapi'), 0)).toBe(true);
      expect(order.isPreferred(cpu, wanting('cpu', 'vaapi'), 0)).toBe(false);
      expect(order.isPreferred(cpu, view(), 0)).toBe(true);
    });
  });

  it('names as usable what does not rest, also while it is tried again', () => {
    const order = new EngineOrder([gpu, cpu]);
    const ids = (at: number) => order.usable(at).map(({ id }) => id);
    order.failed(gpu, 0);
    expect([ids(0), ids(9999)]).toEqual([
      ['cpu', 'wasm'],
      ['cpu', 'wasm'],
    ]);
    order.begun(gpu, 10_000);
    expect(ids(10_001)).toEqual(['vaapi', 'cpu', 'wasm']);
  });
});
