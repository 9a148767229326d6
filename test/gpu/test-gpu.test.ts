import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { GpuFault } from './gpu-fault.ts';
import { type TestGpu, type TestGpuOptions, testGpu, whyNoTestGpu } from './test-gpu.ts';

const has = (program: string): boolean => spawnSync(program, ['-version']).error === undefined;
const reason = whyNoTestGpu() ?? (has('ffmpeg') && has('ffprobe') ? undefined : 'no ffmpeg on the PATH');
const built = join(import.meta.dirname, '../../build/test-gpu');
const frames = process.env.SLUICE_LONG ? 3000 : 300;
const encoded = frames / 3;
const quiet = ['-hide_banner', '-nostdin', '-v', 'warning'];
const none = { misuses: 0, leaked: 0, liveSurfaces: 0, liveBuffers: 0, liveImages: 0, liveContexts: 0 };

const name = `simulated GPU${reason === undefined ? '' : ` (${reason})`}`;
describe.skipIf(reason !== undefined)(name, { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-gpu-test-'));
  const clip = (name: string): string => join(folder, `${name}.mp4`);
  const gpus: TestGpu[] = [];
  const open = (options?: TestGpuOptions): TestGpu => {
    const gpu = testGpu(options);
    gpus.push(gpu);
    return gpu;
  };

  /** Runs a program on the simulated GPU to its end. */
  const run = (gpu: TestGpu, program: string, args: readonly string[]) =>
    spawnSync(program, args, { env: { ...process.env, ...gpu.env }, encoding: 'buffer', maxBuffer: 1 << 30 });
  const decodeArgs = (gpu: TestGpu, path: string): string[] => [
    ...[...quiet, '-hwaccel', 'vaapi', '-hwaccel_device', gpu.device, '-hwaccel_output_format', 'vaapi'],
    ...['-i', path],
  ];
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'nv12', '-'];
  const decode = (gpu: TestGpu, name: string) =>
    run(gpu, 'ffmpeg', [...decodeArgs(gpu, clip(name)), '-vf', 'hwdownload,format=nv12', ...raw]);
  const digest = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');

  beforeAll(() => {
    const source = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30', '-frames:v', String(frames)];
    const coders: Record<string, readonly string[]> = {
      call: ['-profile:v', 'baseline', '-tune', 'zerolatency', '-g', '100', '-threads', '1'],
      film: ['-profile:v', 'high', '-bf', '2', '-refs', '3', '-g', '100'],
    };
    for (const [name, coder] of Object.entries(coders)) {
      const { status, stderr } = spawnSync(
        'ffmpeg',
        [
          ...quiet,
          ...source,
          '-c:v',
          'libx264',
          '-preset',
          'veryfast',
          ...coder,
          '-b:v',
          '400k',
          '-y',
          clip(name),
        ],
        { encoding: 'utf8' },
      );
      expect(stderr + String(status)).toBe('0');
    }
  });
  afterEach(() => {
    for (const gpu of gpus.splice(0)) gpu.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['call', 'film'])('decodes H.264 of a %s bit for bit as software does', (name) => {
    const gpu = open();
    const software = spawnSync('ffmpeg', [...quiet, '-i', clip(name), ...raw], { maxBuffer: 1 << 30 });
    const { stdout, stderr } = decode(gpu, name);
    expect(stderr.toString()).toBe('');
    expect(stdout.length).toBe(frames * 320 * 180 * 1.5);
    expect(digest(stdout)).toBe(digest(software.stdout));
    expect(gpu.misuses()).toEqual([]);
    expect(gpu.counters()).toMatchObject({ ...none, decodeJobs: frames, imagesRead: frames });
  });

  it.each([
    { profile: 'constrained_baseline', rate: ['-rc_mode', 'CBR', '-b:v', '600k'], kbps: 600 },
    { profile: 'main', rate: ['-rc_mode', 'CQP', '-qp', '28'], kbps: undefined },
    { profile: 'high', rate: ['-rc_mode', 'VBR', '-b:v', '600k', '-maxrate', '900k'], kbps: 600 },
  ])('encodes H.264 $profile, $rate, from decoder to scaler to encoder without a copy', (asked) => {
    const gpu = open();
    const out = clip('out');
    const { stderr } = run(gpu, 'ffmpeg', [
      ...[...decodeArgs(gpu, clip('call')), '-vf', 'scale_vaapi=w=640:h=360', '-c:v', 'h264_vaapi'],
      ...['-frames:v', String(encoded), '-profile:v', asked.profile, ...asked.rate],
      ...['-force_key_frames', '0.5', '-g', '1000', '-y', out],
    ]);
    // A warning that there are no packed headers would be seen here.
    expect(stderr.toString()).toBe('');
    expect(gpu.misuses()).toEqual([]);
    expect(gpu.counters()).toMatchObject({
      ...none,
      ...{ encodeJobs: encoded, keyPictures: 2, imagesRead: 0, imagesWritten: 0, unwrittenReads: 0 },
    });
    const entries = 'stream=width,height,bit_rate:frame=key_frame';
    const { stdout } = spawnSync('ffprobe', ['-v', 'error', '-show_entries', entries, '-of', 'csv', out], {
      encoding: 'utf8',
    });
    const rows = stdout.split('\n').map((line) => line.split(','));
    const keys = rows.filter(([what]) => what === 'frame').map(([, key]) => key);
    expect(keys.length).toBe(encoded);
    const { vppJobs, vppLayers } = gpu.counters();
    expect(vppLayers).toBe(vppJobs);
    expect(keys.flatMap((key, i) => (key === '1' ? [i] : []))).toEqual([0, 15]);
    const [, width, height, bitrate] = rows.find(([what]) => what === 'stream') ?? [];
    expect([width, height]).toEqual(['640', '360']);
    if (asked.kbps !== undefined) expect(Math.abs(Number(bitrate) / 1000 / asked.kbps - 1)).toBeLessThan(0.3);
    expect(psnrAgainstScaled(out)).toBeGreaterThan(32);
  });

  it.each([
    { codec: 'vp8', coder: 'libvpx' },
    { codec: 'vp9', coder: 'libvpx-vp9' },
  ])('decodes $codec bit for bit as software does, pictures that are not shown too', ({ codec, coder }) => {
    const gpu = open();
    const path = join(folder, `${codec}.ivf`);
    // Only an encoder that knows what comes makes pictures that are not shown.
    const coding = ['-auto-alt-ref', '1', '-lag-in-frames', '25', '-deadline', 'good', '-cpu-used', '5'];
    const passes = ['-threads', '1', '-b:v', '300k', '-passlogfile', join(folder, codec), '-y', path];
    for (const pass of ['1', '2'])
      spawnSync('ffmpeg', [
        ...[...quiet, '-i', clip('call'), '-frames:v', '60', '-c:v', coder, ...coding],
        ...['-pass', pass, ...passes],
      ]);
    const software = spawnSync('ffmpeg', [...quiet, '-i', path, ...raw], { maxBuffer: 1 << 30 });
    const { stdout, stderr } = run(gpu, 'ffmpeg', [
      ...[...decodeArgs(gpu, path), '-vf', 'hwdownload,format=nv12', ...raw],
    ]);
    expect(stderr.toString()).toBe('');
    expect(stdout.length).toBeGreaterThanOrEqual(60 * 320 * 180 * 1.5);
    expect(digest(stdout)).toBe(digest(software.stdout));
    expect(gpu.misuses()).toEqual([]);
    expect(gpu.counters()).toMatchObject(none);
    expect(gpu.counters().decodeJobs).toBeGreaterThan(60);
  });

  it.each([
    { what: 'a call', coding: 'bframes=0' },
    { what: 'a film in slices', coding: 'bframes=3:slices=2:keyint=25:weightp=2' },
  ])('decodes HEVC of $what bit for bit as software does', ({ coding }) => {
    const gpu = open();
    const path = join(folder, 'hevc.mp4');
    const coder = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', `${coding}:log-level=none`];
    spawnSync('ffmpeg', [
      ...quiet,
      '-i',
      clip('call'),
      '-frames:v',
      '60',
      ...coder,
      '-b:v',
      '300k',
      '-y',
      path,
    ]);
    const software = spawnSync('ffmpeg', [...quiet, '-i', path, ...raw], { maxBuffer: 1 << 30 });
    const { stdout, stderr } = run(gpu, 'ffmpeg', [
      ...[...decodeArgs(gpu, path), '-vf', 'hwdownload,format=nv12', ...raw],
    ]);
    expect(stderr.toString()).toBe('');
    expect(stdout.length).toBe(60 * 320 * 180 * 1.5);
    expect(digest(stdout)).toBe(digest(software.stdout));
    expect(gpu.misuses()).toEqual([]);
    expect(gpu.counters()).toMatchObject({ ...none, decodeJobs: 60 });
  });

  it.each([
    { codec: 'vp8', ending: 'ivf', rate: ['-rc_mode', 'CBR', '-b:v', '600k'], lowest: 28 },
    { codec: 'vp9', ending: 'ivf', rate: ['-rc_mode', 'CQP', '-global_quality', '60'], lowest: 32 },
    { codec: 'hevc', ending: '265', rate: ['-rc_mode', 'CBR', '-b:v', '600k'], lowest: 28 },
  ])('encodes $codec with its own headers', ({ codec, ending, rate, lowest }) => {
    const gpu = open();
    const out = join(folder, `encoded.${ending}`);
    run(gpu, 'ffmpeg', [
      ...[...decodeArgs(gpu, clip('call')), '-vf', 'scale_vaapi=w=640:h=360', '-frames:v', '60'],
      ...['-c:v', `${codec}_vaapi`, ...rate, '-force_key_frames', '0.5', '-g', '1000', '-y', out],
    ]);
    expect(gpu.misuses()).toEqual([]);
    expect(gpu.counters()).toMatchObject({ ...none, encodeJobs: 60, keyPictures: 2, imagesRead: 0 });
    expect(psnrAgainstScaled(out)).toBeGreaterThan(lowest);
  });

  /** Of brightness, in dB, against what software makes of the clip. */
  const psnrAgainstScaled = (path: string): number => {
    const { stderr } = spawnSync(
      'ffmpeg',
      [
        ...['-hide_banner', '-nostdin', '-i', path, '-i', clip('call'), '-lavfi'],
        ...[
          '[1]scale=640:360:flags=bilinear,setpts=N/30/TB[right];[0]setpts=N/30/TB[left];[left][right]psnr=shortest=1',
          '-f',
          'null',
          '-',
        ],
      ],
      { encoding: 'utf8' },
    );
    return Number(/PSNR y:([\d.]+)/.exec(stderr)?.[1]);
  };

  it('draws layers, a background and overlays in one job', () => {
    const gpu = open();
    const { stdout, stderr } = run(gpu, join(built, 'check-compose'), [gpu.device]);
    expect(stderr.toString()).toBe('');
    const pixels = new Map<string, number[]>();
    for (const line of stdout.toString().trim().split('\n')) {
      const [name = '', ...yuv] = line.split(' ');
      pixels.set(name, yuv.map(Number));
    }
    expect(Object.fromEntries(pixels)).toEqual({
      background: [16, 128, 128],
      left: [100, 90, 200],
      right: [200, 140, 60],
      half: near(58, 109, 164),
      opaque: near(235, 128, 128),
      clear: [200, 140, 60],
    });
    expect(gpu.counters()).toMatchObject({
      ...none,
      vppJobs: 1,
      vppLayers: 4,
      imagesWritten: 2,
      imagesRead: 0,
    });
  });

  it('answers wrong calls with errors, counts them and what is left behind', () => {
    const gpu = open();
    const { stdout } = run(gpu, join(built, 'check-misuse'), [gpu.device]);
    const answers = stdout.toString().trim().split('\n');
    expect(answers.at(-1)).toBe('well-used success (no error)');
    for (const answer of answers.slice(0, -1)) expect(answer).not.toContain('success');
    expect(answers.length).toBe(15);
    // Two calls of the check are wrong beside those whose answer it prints.
    expect(gpu.misuses().length).toBe(answers.length - 1 + 2);
    expect(gpu.misuses().at(-1)).toBe(
      'a display is closed with 0 configs, 0 contexts, 2 surfaces, 0 buffers, 0 images',
    );
    expect(gpu.counters()).toMatchObject({ misuses: 16, leaked: 2, vppJobs: 1, liveSurfaces: 0 });
  });

  it('writes headers of its own where none are packed, and encodes only what is well asked for', () => {
    const gpu = open();
    const path = join(folder, 'unpacked.264');
    const { stdout } = run(gpu, join(built, 'check-encode'), [gpu.device, path]);
    expect(stdout.toString().trim().split('\n')).toEqual([
      'other-reference the requested function is not implemented',
      'onto-source invalid parameter',
      'no-reconstruction invalid VASurfaceID',
      'no-coded-buffer invalid VABufferID',
      expect.stringMatching(/^small-coded-buffer (?!success)/),
      'reference-drawn-over invalid VASurfaceID',
      'well-used success (no error)',
    ]);
    expect(gpu.misuses().length).toBe(6);
    expect(gpu.counters()).toMatchObject({ ...none, misuses: 6, keyPictures: 3, encodeJobs: 6 });
    const counted = ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames,width,height'];
    const probed = spawnSync('ffprobe', [...counted, '-of', 'csv', path], { encoding: 'utf8' });
    expect(probed).toMatchObject({ stderr: '', stdout: 'stream,320,192,3\n' });
  });

  it('sees when a reference was drawn over', () => {
    const gpu = open();
    const path = join(folder, 'references.ivf');
    const coder = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0'];
    spawnSync('ffmpeg', [...quiet, '-i', clip('call'), '-frames:v', '2', ...coder, '-y', path]);
    const { stdout } = run(gpu, join(built, 'check-references'), [gpu.device, path]);
    expect(stdout.toString().trim().split('\n')).toEqual([
      'kept success (no error)',
      'drawn-over invalid VASurfaceID',
      'into-itself invalid parameter',
      'destroyed invalid VASurfaceID',
    ]);
    expect(gpu.misuses()[0]).toBe('a reference to a surface that was drawn over after decoding');
    expect(gpu.counters()).toMatchObject({ ...none, misuses: 3, decodeJobs: 3 });
  });

  const failing: readonly (GpuFault & { readonly after?: number })[] = [
    { kind: 'busy', after: 10 },
    { kind: 'lost', after: 10 },
    { kind: 'lost' },
    { kind: 'surfaces', max: 2 },
  ];
  it.each(failing)('$kind after $after jobs: work ends there', (fault) => {
    const gpu = open({ faults: [fault] });
    const { stderr } = decode(gpu, 'call');
    expect(stderr.toString()).not.toBe('');
    const { decodeJobs, faults } = gpu.counters();
    expect(decodeJobs).toBe(fault.after ?? 0);
    expect(faults).toBeGreaterThan(0);
  });

  it('busy for some jobs only, and only those of one kind', () => {
    const gpu = open({ faults: [{ kind: 'busy', after: 5, times: 3, on: 'decode' }] });
    decode(gpu, 'call');
    expect(gpu.counters()).toMatchObject({ decodeJobs: frames - 3, faults: 3 });
  });

  it('crashes with the driver; what was counted stays', () => {
    const gpu = open({ faults: [{ kind: 'crash', after: 20 }] });
    expect(decode(gpu, 'call').signal).toBe('SIGSEGV');
    expect(gpu.counters()).toMatchObject({ decodeJobs: 20, liveDisplays: 1 });
  });

  it('gives a wrong picture without telling', () => {
    const gpu = open({ faults: [{ kind: 'corrupt', after: frames - 1 }] });
    const good = decode(open(), 'call').stdout;
    const { stdout, status } = decode(gpu, 'call');
    const last = good.length - 320 * 180 * 1.5;
    expect(status).toBe(0);
    expect(stdout.subarray(0, last).equals(good.subarray(0, last))).toBe(true);
    expect(stdout.subarray(last).equals(good.subarray(last))).toBe(false);
  });

  it.each(['end', 'sync'] as const)('stands still at %s until it is healed, while it runs', async (at) => {
    const gpu = open({ faults: [{ kind: 'stall', after: 30, at }] });
    const child = spawn(
      'ffmpeg',
      [
        ...decodeArgs(gpu, clip('call')),
        '-vf',
        'scale_vaapi=w=640:h=360',
        '-c:v',
        'h264_vaapi',
        '-f',
        'null',
        '-',
      ],
      { env: { ...process.env, ...gpu.env }, stdio: 'ignore' },
    );
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await vi.waitFor(() => expect(gpu.counters().faults).toBeGreaterThan(0), 60_000);
    expect(gpu.counters().encodeJobs).toBeLessThan(40);
    gpu.inject();
    expect(await ended).toBe(0);
    expect(gpu.counters()).toMatchObject({ ...none, encodeJobs: frames });
  });

  it.each([
    { generation: 'all', lines: ['VideoProc', 'H264High:VLD', 'H264High:EncSlice', 'H264High:EncSliceLP'] },
    { generation: 'arc', lines: ['VideoProc', 'H264High:VLD', 'H264High:EncSliceLP'] },
    { generation: 'no-encode', lines: ['VideoProc', 'H264High:VLD'] },
  ] as const)('offers what a generation has: $generation', ({ generation, lines }) => {
    if (!has('vainfo')) return;
    const gpu = open({ generation });
    const { stdout } = run(gpu, 'vainfo', ['--display', 'drm', '--device', gpu.device]);
    const text = stdout.toString();
    expect(text).toContain('Driver version: Sluice test driver, not a GPU');
    const offered = [...text.matchAll(/VAProfile(\w+)\s*:\s*VAEntrypoint(\w+)/g)]
      .filter(([, profile]) => profile === 'None' || profile === 'H264High')
      .map(([, profile, entrypoint]) => (profile === 'None' ? entrypoint : `${profile}:${entrypoint}`));
    expect(offered).toEqual(lines);
  });

  it('shows devices and their files to Node too', () => {
    const gpu = open({ devices: 2, files: { '/sys/class/drm/renderD128/device/vendor': '0x8086\n' } });
    const script = `
      import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
      console.log(JSON.stringify([
        readdirSync('/dev/dri'),
        statSync('/dev/dri/renderD129').isFile(),
        existsSync('/dev/dri/renderD130'),
        readFileSync('/sys/class/drm/renderD128/device/vendor', 'utf8'),
        existsSync('/proc/self/fdinfo'),
      ]))`;
    const { stdout } = run(gpu, process.execPath, ['--input-type=module', '-e', script]);
    expect(JSON.parse(stdout.toString())).toEqual([
      ['renderD128', 'renderD129'],
      true,
      false,
      '0x8086\n',
      true,
    ]);
  });
});

it('says which packages are missing', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'build.mjs')], {
    env: { PATH: '/nonexistent' },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain('g++, pkg-config');
  expect(stderr).toContain('apt-get install');
});

/** Numbers, each up to 4 away. */
function near(...numbers: readonly number[]): unknown {
  const close = (wanted: number): unknown => ({
    asymmetricMatch: (value: unknown) => typeof value === 'number' && Math.abs(value - wanted) <= 4,
  });
  return numbers.map(close);
}
