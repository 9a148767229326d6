// Owns the proof that devices are tried in processes of their own: whatever a driver does to those, the one that asks learns
// what and goes on. With real processes, the real addon and the simulated GPU.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hasBuiltAddon } from '../../workers/devices/built-addon.ts';
import type { EngineReport } from '../../workers/devices/engine-report.ts';
import { probeEngine } from '../../workers/devices/probe-engine.ts';
import { builtFolder } from '../../wasm/locate.ts';
import { type TestGpu, type TestGpuOptions, testGpu, whyNoTestGpu } from './test-gpu.ts';

const reason =
  whyNoTestGpu() ??
  (hasBuiltAddon() ? undefined : 'the native engine is not built') ??
  (builtFolder() === undefined ? 'the codec modules are not built' : undefined);
const patience = 120_000;

describe.skipIf(reason !== undefined)(`trying devices${reason === undefined ? '' : ` (${reason})`}`, () => {
  const root = join(import.meta.dirname, '../..');
  const gpus: TestGpu[] = [];
  let folder = '';
  const open = (options?: TestGpuOptions): TestGpu => {
    const gpu = testGpu(options);
    gpus.push(gpu);
    return gpu;
  };
  const probe = (
    gpu: TestGpu,
    over: Record<string, string> = {},
    deadlineMs = patience,
  ): Promise<EngineReport> =>
    probeEngine(
      { engine: 'vaapi', device: gpu.device },
      {
        program: join(folder, 'probe-program.js'),
        deadlineMs,
        env: { ...process.env, ...gpu.env, ...over },
      },
    );

  beforeAll(() => {
    mkdirSync(join(root, 'build/tools'), { recursive: true });
    // Below the root, where packages are found.
    folder = mkdtempSync(join(root, 'build/tools/probing-'));
    for (const [entry, name] of [
      ['workers/devices/probe-program.ts', 'probe-program.js'],
      ['deploy/gpu-check/main.ts', 'gpu-check.js'],
    ] as const) {
      execFileSync(process.execPath, ['deploy/bundle.mjs', entry, join(folder, name)], { cwd: root });
    }
  }, patience);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => {
    for (const gpu of gpus.splice(0)) gpu.close();
  });

  it('one that works is told with what it can do and how well', { timeout: patience }, async () => {
    const gpu = open({ generation: 'skylake' });
    const report = await probe(gpu);
    expect(report).toMatchObject({
      outcome: 'works',
      device: gpu.device,
      probe: { vendor: expect.stringContaining('Sluice test driver') as string },
      test: { struck: [] },
    });
    if (report.outcome !== 'works') return;
    expect(report.test.psnrDb).toBeGreaterThan(30);
    expect(report.test.cpuMsPerPicture).toBeGreaterThan(0);
    expect(report.probe.encode.map(({ codec }) => codec)).toContain('h264');
    expect(gpu.misuses()).toEqual([]);
    expect(gpu.counters()).toMatchObject({ liveDisplays: 0, leaked: 0 });
  });

  it.each<[string, TestGpuOptions, RegExp]>([
    ['draws something else', { faults: [{ kind: 'corrupt', on: 'vpp' }] }, /draw/],
    ['encodes something else', { faults: [{ kind: 'corrupt', on: 'encode' }] }, /pictures are wrong/],
    ['ends its process', { faults: [{ kind: 'crash', after: 5 }] }, /SIGSEGV/],
    ['is lost', { faults: [{ kind: 'lost', after: 5 }] }, /./],
    ['encodes nothing', { generation: 'no-encode' }, /H\.264/],
  ])('one that %s fails', { timeout: patience }, async (_what, options, why) => {
    const report = await probe(open(options));
    expect(report).toMatchObject({ outcome: 'fails', reason: expect.stringMatching(why) as string });
  });

  it('one that hangs is given up', { timeout: patience }, async () => {
    const report = await probe(open({ faults: [{ kind: 'stall' }] }), {}, 4000);
    expect(report).toMatchObject({
      outcome: 'fails',
      reason: expect.stringMatching(/answer|silent|still/) as string,
    });
  });

  it('a simulated one is refused where it is not expected', { timeout: patience }, async () => {
    const report = await probe(open(), { SLUICE_ALLOW_TEST_GPU: '' });
    expect(report).toMatchObject({
      outcome: 'fails',
      reason: expect.stringMatching(/test|simulated/) as string,
    });
  });

  it('gpu:check finds the devices, tries them and says so to programs', { timeout: patience }, () => {
    const gpu = open({
      generation: 'skylake',
      files: {
        '/sys/class/drm/renderD128/device/uevent':
          'DRIVER=i915\nPCI_ID=8086:1912\nPCI_SLOT_NAME=0000:00:02.0\n',
        '/sys/class/drm/renderD128/device/drm/card0/gt_act_freq_mhz': '350\n',
      },
    });
    const env = { ...process.env, ...gpu.env, XDG_CACHE_HOME: join(folder, 'cache') };
    const check = (over: Record<string, string>) =>
      spawnSync(process.execPath, [join(folder, 'gpu-check.js'), '--json'], {
        env: { ...env, SLUICE_MEDIA_ENGINES: 'vaapi,wasm', ...over },
        cwd: folder,
        encoding: 'utf8',
      });
    const { status, stdout } = check({});
    expect(JSON.parse(stdout)).toMatchObject({
      devices: [
        {
          path: gpu.device,
          driver: 'i915',
          pciId: '8086:1912',
          frequencyMhz: { gt0: 350 },
          reports: [{ outcome: 'works', engine: 'vaapi' }],
        },
      ],
      order: [{ id: 'vaapi', device: gpu.device }, { id: 'wasm' }],
      advice: [],
    });
    expect(status).toBe(0);
    // Software is remembered, a simulated device is not.
    expect(readdirSync(join(folder, 'cache/sluice/engines')).length).toBeLessThanOrEqual(2);
  });

  it('gpu:check ends with 1 where no GPU can be used, and says what to do', { timeout: patience }, () => {
    const { status, stdout } = spawnSync(process.execPath, [join(folder, 'gpu-check.js')], {
      env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), SLUICE_NATIVE_DIR: '/nonexistent' },
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout).toContain('The native engine is not built');
    expect(stdout).toMatch(/Order for the first worker: wasm/);
    expect(status).toBe(1);
  });
});
