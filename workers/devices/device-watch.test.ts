// Owns the proof that a worker knows how busy it keeps its device, as far as Linux tells.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeviceWatch } from './device-watch.ts';

const node = '/dev/dri/renderD128';
let root = '';
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'sluice-watch-'))));
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
const file = (slot: string, videoNs: number): string =>
  `drm-driver: i915\ndrm-pdev: ${slot}\ndrm-client-id: 1\ndrm-engine-video: ${videoNs} ns\ndrm-resident-system0: 8 MiB\n`;

it('from one reading to the next, of its own device only', async () => {
  write('dev/dri/renderD128', '');
  write('sys/class/drm/renderD128/device/uevent', 'DRIVER=i915\nPCI_SLOT_NAME=0000:00:02.0\n');
  write('sys/class/drm/renderD128/device/drm/card0/gt_act_freq_mhz', '900\n');
  write('proc/self/fdinfo/1', 'pos: 0\n');
  write('proc/self/fdinfo/9', file('0000:00:02.0', 0));
  write('proc/self/fdinfo/10', file('0000:03:00.0', 0));
  const watch = new DeviceWatch(node, root);
  expect(watch.share).toBeUndefined();
  await watch.read(0);
  write('proc/self/fdinfo/9', file('0000:00:02.0', 250_000_000));
  write('proc/self/fdinfo/10', file('0000:03:00.0', 900_000_000));
  await watch.read(1000);
  expect([...watch.use.busy]).toEqual([['video', 0.25]]);
  expect([...watch.use.memory]).toEqual([['system', 8 * 1024 * 1024]]);
  expect([...watch.use.frequencyMhz]).toEqual([['gt0', 900]]);
  expect(watch.share).toBe(0.25);
});

it('also of processes below, which come and go', async () => {
  write('dev/dri/renderD128', '');
  const watch = new DeviceWatch(node, root);
  const told = (pid: number, id: number, videoNs: number): void => {
    const text = file('0000:00:02.0', videoNs).replace('client-id: 1', `client-id: ${id}`);
    write(`proc/${pid}/fdinfo/4`, text);
  };
  told(31, 1, 0);
  await watch.read(0, [31, 32]);
  told(31, 1, 100_000_000);
  told(32, 2, 300_000_000);
  await watch.read(1000, [31, 32]);
  expect(watch.share).toBeCloseTo(0.4);
  await watch.read(2000, [32]);
  expect(watch.share).toBe(0);
});

it('or nothing at all, and that is no error', async () => {
  const watch = new DeviceWatch(node, root);
  await watch.read(0);
  await watch.read(1000);
  expect([watch.share, watch.use.busy.size, watch.use.memory.size, watch.use.frequencyMhz.size]).toEqual([
    undefined,
    0,
    0,
    0,
  ]);
});
