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

  it('says which engine does more of what is needed', () => {
    const order = new EngineOrder([gpu, cpu]);
    expect(order.doesMore(gpu, cpu, view())).toBe(false);
    expect(order.doesMore(cpu, gpu, view())).toBe(false);
    expect(order.doesMore(cpu, gpu, vp8View)).toBe(true);
    expect(order.doesMore(gpu, cpu, vp8View)).toBe(false);
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
      expect(order.choose(wanting('vaapi'), 10_000)).toBe(gpu);
    });

    it('says which engine comes before another', () => {
      const order = new EngineOrder([gpu, cpu, wasm]);
      expect(order.isBefore(cpu, gpu, wanting('cpu', 'vaapi'))).toBe(true);
      expect(order.isBefore(gpu, cpu, wanting('cpu', 'vaapi'))).toBe(false);
      expect(order.isBefore(cpu, cpu, wanting('cpu', 'vaapi'))).toBe(false);
      expect(order.isBefore(gpu, cpu, view())).toBe(true);
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
