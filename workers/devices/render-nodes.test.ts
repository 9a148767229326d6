// Owns the proof that devices are found, and their figures read, from files as Linux lays them out.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDeviceFigures } from './device-figures.ts';
import { renderNodes } from './render-nodes.ts';

let root = '';
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'sluice-devices-'))));
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const device = 'sys/class/drm/renderD128/device';

describe('render nodes', () => {
  it('are all of /dev/dri, with what Linux knows of them', () => {
    write({
      'dev/dri/card0': '',
      'dev/dri/renderD129': '',
      'dev/dri/renderD128': '',
      'dev/dri/by-path/pci-0000:00:02.0-render': '',
      [`${device}/uevent`]:
        'DRIVER=i915\nPCI_CLASS=30000\nPCI_ID=8086:9A49\nPCI_SUBSYS_ID=1028:0A5C\nPCI_SLOT_NAME=0000:00:02.0\n',
    });
    expect(renderNodes(root)).toEqual([
      { path: '/dev/dri/renderD128', driver: 'i915', slot: '0000:00:02.0', pciId: '8086:9a49' },
      { path: '/dev/dri/renderD129', driver: undefined, slot: undefined, pciId: undefined },
    ]);
  });

  it('are none where there is no /dev/dri', () => {
    expect(renderNodes(root)).toEqual([]);
  });
});

describe('figures of a device', () => {
  const mhz = (): unknown => [...readDeviceFigures('/dev/dri/renderD128', root).frequencyMhz];

  it('are those of i915, in its older and its newer place', () => {
    write({ [`${device}/drm/card1/gt_act_freq_mhz`]: '350\n' });
    expect(mhz()).toEqual([['gt0', 350]]);
    write({
      [`${device}/drm/card1/gt/gt0/rps_act_freq_mhz`]: '1100\n',
      [`${device}/drm/card1/gt/gt1/rps_act_freq_mhz`]: '600\n',
      [`${device}/drm/card1/lmem_total_bytes`]: '6441517056\n',
    });
    expect(mhz()).toEqual([
      ['gt0', 1100],
      ['gt1', 600],
    ]);
    expect(readDeviceFigures('/dev/dri/renderD128', root).memoryBytes).toBe(6_441_517_056);
  });

  it('are those of xe', () => {
    write({
      [`${device}/tile0/gt0/freq0/act_freq`]: '2050\n',
      [`${device}/tile0/gt1/freq0/act_freq`]: '1500\n',
    });
    expect(mhz()).toEqual([
      ['gt0', 2050],
      ['gt1', 1500],
    ]);
  });

  it('are unknown where files are missing, or hold something else', () => {
    expect(readDeviceFigures('/dev/dri/renderD128', root)).toEqual({
      frequencyMhz: new Map(),
      memoryBytes: undefined,
    });
    write({ [`${device}/drm/card1/gt_act_freq_mhz`]: 'asleep\n', [`${device}/mem_info_vram_total`]: '-1\n' });
    expect(mhz()).toEqual([]);
    expect(readDeviceFigures('/dev/dri/renderD128', root).memoryBytes).toBeUndefined();
  });
});
