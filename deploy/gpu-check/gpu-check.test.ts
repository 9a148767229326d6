// Owns the proof of what a person is told about GPUs: what works and how, and what to do where none does.
import { describe, expect, it } from 'vitest';
import type { EngineReport } from '../../workers/devices/engine-report.ts';
import { advice } from './advice.ts';
import { hasWorkingGpu, type DeviceFinding, type Findings } from './findings.ts';
import { showFindings } from './show-findings.ts';

const path = '/dev/dri/renderD128';
const wasm: EngineReport = {
  outcome: 'works',
  engine: 'wasm',
  probe: { vendor: '', addon: '', decode: [], encode: [], maxSide: 4096 },
  test: { psnrDb: 99, msPerPicture: 30, cpuMsPerPicture: 28, struck: [] },
};
const works: EngineReport = {
  outcome: 'works',
  engine: 'vaapi',
  device: path,
  probe: {
    vendor: 'Intel iHD driver - 23.1.1',
    addon: 'libavcodec 59',
    decode: [
      { codec: 'h264', implementation: 'h264', profile: 'VAProfileH264High', entrypoint: 'VAEntrypointVLD' },
    ],
    encode: [
      {
        codec: 'h264',
        implementation: 'x',
        profile: 'VAProfileH264High',
        entrypoint: 'VAEntrypointEncSliceLP',
      },
      { codec: 'vp9', implementation: 'x' },
    ],
    maxSide: 4096,
  },
  test: {
    psnrDb: 41.26,
    msPerPicture: 3.14,
    cpuMsPerPicture: 0.4,
    struck: [{ codec: 'vp9', direction: 'encode', reason: 'wrong pictures: 9.0 dB' }],
  },
};
const fails: EngineReport = {
  outcome: 'fails',
  engine: 'vaapi',
  device: path,
  reason: 'it did not answer within 15 s',
};
const device = (over: Partial<DeviceFinding> = {}): DeviceFinding => ({
  path,
  driver: 'i915',
  slot: '0000:00:02.0',
  pciId: '8086:9a49',
  access: 'yes',
  frequencyMhz: {},
  memoryBytes: undefined,
  reports: [fails],
  ...over,
});
const iHD = '/usr/lib/x86_64-linux-gnu/dri/iHD_drv_video.so';
const findings = (over: Partial<Findings> = {}): Findings => ({
  platform: 'linux',
  hasAddon: true,
  drivers: [iHD],
  devices: [device()],
  software: [wasm],
  order: [],
  ...over,
});

describe('what is shown', () => {
  it('is all of a device that works, against software', () => {
    const found = findings({
      devices: [device({ reports: [works], frequencyMhz: { gt0: 1100 }, memoryBytes: 2 ** 30 })],
      order: [
        { id: 'vaapi', device: path, capabilities: { decode: [], encode: [], maxSize: 4096 } },
        { id: 'wasm', capabilities: { decode: [], encode: [], maxSize: 4096 } },
      ],
    });
    const text = showFindings(found);
    for (const line of [
      `A GPU works and is used: vaapi on ${path}.`,
      `${path}   8086:9a49 at 0000:00:02.0, kernel driver i915`,
      'gt0 at 1100 MHz, 1024 MiB of its own',
      'vaapi works (Intel iHD driver - 23.1.1, libavcodec 59)',
      'decodes h264 (H264High VLD)',
      'encodes h264 (H264High EncSliceLP), vp9',
      '3.1 ms (0.4 ms of processors); wasm 30.0 ms (28.0 ms)',
      'self-test: 41.3 dB against software',
      'not used to encode vp9: wrong pictures: 9.0 dB',
      `Order for the first worker: vaapi on ${path}, wasm`,
    ])
      expect(text).toContain(line);
    expect(hasWorkingGpu(found)).toBe(true);
    expect(advice(found)).toEqual([]);
  });

  it('is why a device is not used', () => {
    const text = showFindings(findings());
    expect(text.split('\n')[0]).toBe(
      'No GPU here works. Everything works without one: pictures are made by wasm.',
    );
    expect(text).toContain('vaapi fails: it did not answer within 15 s');
    expect(text).toContain('Order for the first worker: wasm');
  });
});

describe('an operator', () => {
  it.each<[string, Partial<Findings>, RegExp]>([
    [
      'nothing is wrong without a GPU',
      { devices: [] },
      /^There is no GPU here. Everything works without one: .* by wasm\./,
    ],
    [
      'a GPU that works is not used',
      { devices: [device({ reports: [works] })] },
      /^A GPU works, but media.engines does not name it: .* wasm\./,
    ],
    ['cpu was not built', { devices: [], hasAddon: false }, /cpu not tried: the native engine is not built/],
  ])('is told that %s', (_what, over, text) => {
    expect(showFindings(findings(over))).toMatch(text);
  });

  it('can read the advice on a terminal, and copy commands whole', () => {
    const text = showFindings(findings({ devices: [], hasAddon: false }));
    const long = text.split('\n').filter((line) => line.length > 100);
    expect(long).toEqual([expect.stringMatching(/^ {2}sudo apt-get install .* libvpx-dev$/)]);
    expect(text).toMatch(/^ {2}lspci -k .*$/m);
    expect(showFindings(findings())).toMatch(/^ {2}vainfo --display drm --device \/dev\/dri\/renderD128$/m);
  });

  it('is told what to do where something is missing, and only there', () => {
    const heading = /^What is missing for a GPU, and what to do$/m;
    expect(showFindings(findings())).toMatch(heading);
    expect(showFindings(findings({ devices: [device({ reports: [works] })] }))).not.toMatch(heading);
  });

  it('reads which engine takes over where another fails', () => {
    const capabilities = { decode: [], encode: [], maxSize: 4096 };
    const order = (['cpu', 'wasm'] as const).map((id) => ({ id, capabilities }));
    expect(showFindings(findings({ order }))).toMatch(/pictures are made by cpu, else wasm\./);
  });
});

describe('advice', () => {
  it.each<[string, Partial<Findings>, readonly RegExp[]]>([
    ['another system', { platform: 'darwin', devices: [] }, [/Linux only/]],
    ['no device', { devices: [] }, [/no render node/]],
    [
      'no device and no native engine',
      { devices: [], hasAddon: false },
      [/no render node/, /libva-dev[^]*build:native/],
    ],
    ['no native engine', { hasAddon: false }, [/libva-dev[^]*build:native/]],
    ['a device of others', { devices: [device({ access: 'denied' })] }, [/usermod -aG render/]],
    ['Intel without a driver', { drivers: [] }, [/intel-media-va-driver/]],
    [
      'new Intel with the driver of old',
      { drivers: ['/x/i965_drv_video.so'], devices: [device({ driver: 'xe' })] },
      [/intel-media-va-driver/],
    ],
    ['AMD without a driver', { devices: [device({ driver: 'amdgpu' })] }, [/mesa-va-drivers/]],
    ['a driver that fails', {}, [/did not answer within 15 s\. [^]*\n {2}vainfo/]],
    ['one that nobody knows', { devices: [device({ driver: undefined })] }, [/\n {2}vainfo/]],
  ])('for %s', (_name, over, wanted) => {
    const given = advice(findings(over));
    expect(given).toHaveLength(wanted.length);
    for (const [at, pattern] of wanted.entries()) expect(given[at]).toMatch(pattern);
    expect(hasWorkingGpu(findings(over))).toBe(false);
  });
});
