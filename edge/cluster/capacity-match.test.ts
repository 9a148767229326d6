import { describe, expect, it } from 'vitest';
import type { Capacity } from '../../schemas/worker.ts';
import type { MediaEngineOrder } from '../../schemas/media-engine.ts';
import type { Demand } from '../store/registry.ts';
import { canDo } from './capacity-match.ts';

const anywhere = { isps: [], regions: [] };
const decode = ['vp8', 'vp9', 'h264', 'h265', 'av1'];
const video = (...encode: string[]): Capacity => ({ ...anywhere, video: { decode, encode } });

describe('capacity', () => {
  it.each([
    { encode: ['vp8', 'vp9'], yes: false },
    { encode: ['vp8', 'h264_CB', 'h264_B'], yes: true },
    { encode: ['vp8', 'h264'], yes: true },
    { encode: ['vp8', 'h264_B'], yes: false },
  ])('cluster#16 encoding vp8 and h264_CB with $encode: $yes', ({ encode, yes }) => {
    const formats = { decode: ['vp8'], encode: ['vp8', 'h264_CB'] };
    expect(canDo(video(...encode), { purpose: 'video', formats })).toBe(yes);
  });

  it('compares decoders by codec, so a profile of what comes in asks for no more', () => {
    expect(canDo(video(), { purpose: 'video', formats: { decode: ['h264_CB'], encode: [] } })).toBe(true);
    expect(canDo(video(), { purpose: 'video', formats: { decode: ['mpeg2'], encode: [] } })).toBe(false);
  });

  it('any profile will do where none is asked for', () => {
    const formats = { decode: [], encode: ['h264'] };
    expect(canDo(video('h264_CB'), { purpose: 'video', formats })).toBe(true);
    expect(canDo(video('h265'), { purpose: 'video', formats })).toBe(false);
  });

  it('does not limit what is not listed or not asked for', () => {
    const formats = { decode: ['vp8'], encode: ['vp8'] };
    expect(canDo(anywhere, { purpose: 'video', formats })).toBe(true);
    expect(canDo(video(), { purpose: 'video' })).toBe(true);
    expect(canDo(video(), { purpose: 'webrtc', formats })).toBe(true);
  });

  it.each([
    { algorithms: ['a', 'b'], algorithm: 'b', yes: true },
    { algorithms: ['a'], algorithm: 'c', yes: false },
    { algorithms: undefined, algorithm: 'c', yes: false },
    { algorithms: undefined, algorithm: undefined, yes: true },
  ])('cluster#17 algorithm $algorithm with $algorithms: $yes', ({ algorithms, algorithm, yes }) => {
    const capacity = algorithms === undefined ? anywhere : { ...anywhere, algorithms };
    const asked = algorithm === undefined ? {} : { algorithm };
    expect(canDo(capacity, { purpose: 'analytics', ...asked })).toBe(yes);
  });

  describe('of the engines that a task allows', () => {
    const basic = ['vp8', 'vp9', 'h264'];
    const hevc = { decode: [...basic, 'h265'], encode: [...basic, 'h265'] };
    const plain = { decode: basic, encode: basic };
    const poor = { decode: ['h264', 'h265'], encode: ['h264', 'h265'] };
    const gpu = (vaapi: typeof plain, ...engines: string[]): Capacity => ({
      ...anywhere,
      video: hevc,
      engines,
      byEngine: [
        { engine: 'vaapi', ...vaapi },
        { engine: 'wasm', ...plain },
      ],
    });
    const h265: Demand['formats'] = { decode: [], encode: ['h265'] };
    it.each<[string, Capacity, MediaEngineOrder, Demand['formats'] | undefined, boolean]>([
      ['is one there', gpu(hevc, 'vaapi', 'wasm'), ['qsv', 'vaapi'], undefined, true],
      ['is none there', gpu(hevc, 'vaapi', 'wasm'), ['qsv', 'cpu'], undefined, false],
      ['is that one gone', gpu(hevc, 'wasm'), ['vaapi'], undefined, false],
      ['does it make the format', gpu(hevc, 'vaapi', 'wasm'), ['vaapi'], h265, true],
      ['does only another', gpu(hevc, 'vaapi', 'wasm'), ['wasm'], h265, false],
      ['would it cost what the other makes', gpu(poor, 'vaapi', 'wasm'), ['vaapi', 'wasm'], h265, false],
      ['is it alone', gpu(poor, 'vaapi', 'wasm'), ['vaapi'], h265, true],
      [
        'makes each all that is said',
        { ...anywhere, video: hevc, engines: ['vaapi'] },
        ['vaapi'],
        h265,
        true,
      ],
      ['is nothing said', anywhere, ['vaapi'], undefined, false],
      ['is nothing said, and wasm allowed', anywhere, ['cpu', 'wasm'], h265, true],
    ])('%s', (_what, capacity, engines, formats, yes) => {
      expect(canDo(capacity, { purpose: 'video', engines, ...(formats && { formats }) })).toBe(yes);
    });
  });
});
