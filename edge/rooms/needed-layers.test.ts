// Owns the tests of which layers are carried to a mixer.
import { describe, expect, it } from 'vitest';
import type { DesiredVideoInput, DesiredVideoOutput } from '../../schemas/worker.ts';
import { neededLayers } from './needed-layers.ts';

const layer = (track: string, width?: number, height = ((width ?? 0) * 9) / 16) => ({
  track,
  format: { codec: 'vp8' as const },
  ...(width === undefined ? {} : { resolution: { width, height } }),
});
const three = [layer('q', 320), layer('h', 640), layer('f', 1280)];

const output = (width?: number): DesiredVideoOutput => ({
  track: String(width),
  format: { codec: 'vp8' },
  framerate: 30,
  bitrateKbps: 1000,
  keyFrameInterval: 2,
  ...(width === undefined ? {} : { resolution: { width, height: (width * 9) / 16 } }),
});

function needed(
  layers: DesiredVideoInput['layers'],
  share: string,
  outputs: readonly DesiredVideoOutput[],
  fit: 'letterbox' | 'crop' = 'letterbox',
  height = share,
): string {
  const area = { left: '0/1', top: '0/1', width: share, height };
  const input = { id: 'i', stream: 's', active: true, layers, region: { id: '1', shape: 'rectangle', area } };
  return neededLayers(
    { ...input, region: { ...input.region, shape: 'rectangle' } },
    { outputs: [...outputs], fit },
  )
    .map(({ track }) => track)
    .join('');
}

describe('the layers a mixer needs', () => {
  it.each([
    ['none larger than what fills the region', three, '1/2', [output(640)], 'q'],
    ['those below it too, for when it does not flow', three, '1/1', [output(640)], 'qh'],
    ['what fills the region in the largest output', three, '1/2', [output(640), output(1280)], 'qh'],
    ['all when none fills it', three, '1/1', [output(1920)], 'qhf'],
    ['all when an output keeps the size of its pictures', three, '1/4', [output(640), output()], 'qhf'],
    ['those of unknown size', [layer('x'), ...three], '1/2', [output(640)], 'xq'],
    ['all for a region that says nothing', three, 'much', [output(640)], 'qhf'],
    ['one that stands alone', [layer('f', 1280)], '1/8', [output(640)], 'f'],
    ['the smallest when nobody looks at a size', three, '1/1', [], 'q'],
  ] as const)('are %s', (_case, layers, share, outputs, expected) => {
    expect(needed([...layers], share, outputs)).toBe(expected);
  });

  it('fill the longer side of a region when they are cropped, the shorter when they are not', () => {
    expect(needed([...three], '1/4', [output(1280)], 'letterbox', '1/1')).toBe('q');
    expect(needed([...three], '1/4', [output(1280)], 'crop', '1/1')).toBe('qhf');
  });
});
