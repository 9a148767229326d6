import { expect, it, vi } from 'vitest';
import { clip } from '../wasm/scripted-clip.ts';
import { describeBuilt } from '../wasm/scripted-modules.ts';
import type { GpuFault } from '../test/gpu/gpu-fault.ts';
import type { GpuGeneration } from '../test/gpu/test-gpu.ts';
import type { NativeAddon, NativeSession } from './addon.ts';
import { describeGpu, openGpu, type ScriptedGpu } from './scripted-gpu.ts';
import { describeNative, type EventOf, judge, layers, psnr, ScriptedSession } from './scripted-session.ts';

const [width, height] = [320, 176];
const half = [width / 2, height / 2] as const;
const whole = [0, 0, width, height] as const;
const [canvas, encoder, still] = [1, 2, 3];
const inputs = [10, 11, 12, 13];
const settings = { codec: 'h264', width, height, framerate: 30, bitrateKbps: 2000 } as const;

const grid = layers(
  ...inputs.map((picture, index) => ({
    picture,
    source: whole,
    destination: [(index % 2) * half[0], (index >> 1) * half[1], ...half] as const,
  })),
);
/** One large, one small over it, one cut out, one left out. */
const stage = layers(
  { picture: 10, source: whole, destination: whole },
  { picture: 11, source: whole, destination: [16, 16, 80, 44] },
  { picture: 12, source: [80, 44, 160, 88], destination: [200, 100, 100, 60] },
);
const nothingLeft = {
  ...{ sessions: 0, decoders: 0, canvases: 0, encoders: 0, pictures: 0 },
  ...{ surfaces: 0, deviceBuffers: 0, queuedBytes: 0 },
};
const nothingOnDevice = {
  ...{ misuses: 0, leaked: 0, liveDisplays: 0, liveConfigs: 0, liveContexts: 0 },
  ...{ liveSurfaces: 0, liveBuffers: 0, liveImages: 0 },
};
/** A sanitizer would make an end of its own of it. */
const crashing = Object.fromEntries(
  ['ASAN_OPTIONS', 'TSAN_OPTIONS'].map((name) => [name, `${process.env[name] ?? ''}:handle_segv=0`]),
);

describeBuilt('a GPU', () => {
  describeNative('with clips of the processor', (addon) => {
    describeGpu('simulated', () => {
      tests(addon);
    });
  });
});

function tests(addon: NativeAddon): void {
  let encodedClip: readonly EventOf<'encoded'>[] | undefined;

  /** Access units of a clip; the first and every tenth are key units. */
  async function unitsOf(): Promise<readonly EventOf<'encoded'>[]> {
    if (encodedClip !== undefined) return encodedClip;
    const scripted = new ScriptedSession(addon);
    const { session } = scripted;
    session.openCanvas(canvas, width, height);
    session.openEncoder(encoder, settings);
    for (const [index, packed] of clip(width, height, 30).entries()) {
      session.openStill(still, width, height, packed);
      session.compose(canvas, 0, layers({ picture: still, source: whole, destination: whole }));
      session.encode(encoder, canvas, index * 33, index % 10 === 0);
      session.closeObject(still);
    }
    await scripted.until('encoded', 30);
    await scripted.close();
    encodedClip = scripted.of('encoded');
    return encodedClip;
  }

  /** Opens four decoders, a canvas and an encoder. */
  function openMix(session: NativeSession): void {
    session.openCanvas(canvas, width, height);
    session.openEncoder(encoder, settings);
    for (const input of inputs) session.openDecoder(input, 'h264');
  }

  /** Gives each decoder a unit, the next later ones, and makes one picture. */
  function mix(
    session: NativeSession,
    units: readonly EventOf<'encoded'>[],
    index: number,
    arrangement = grid,
  ): void {
    const unit = units[index % units.length];
    for (const input of inputs)
      session.decode(input, unit?.data ?? new Uint8Array(), index, unit?.key ?? false);
    session.compose(canvas, 0x203040, arrangement);
    session.encode(encoder, canvas, index * 33, false);
  }

  async function expectClean(gpu: ScriptedGpu): Promise<void> {
    await vi.waitFor(async () => expect(await gpu.counters()).toEqual(nothingLeft), { timeout: 10_000 });
    expect(gpu.gpu.misuses()).toEqual([]);
    expect(gpu.gpu.counters()).toMatchObject(nothingOnDevice);
  }

  it.each<{ generation: GpuGeneration; decode: number; entrypoints: readonly string[] }>([
    { generation: 'all', decode: 3, entrypoints: ['VAEntrypointEncSlice', 'VAEntrypointEncSliceLP'] },
    { generation: 'arc', decode: 3, entrypoints: ['VAEntrypointEncSliceLP'] },
    { generation: 'no-encode', decode: 3, entrypoints: [] },
  ])(
    '$generation: tells what it can, by profile and entrypoint',
    async ({ generation, decode, entrypoints }) => {
      const gpu = await openGpu({ generation });
      const probe = await gpu.probe();
      expect(probe).toMatchObject({ engine: 'vaapi', maxSide: 4096, maxLayers: 64 });
      expect(probe.vendor).toContain('not a GPU');
      const h264 = probe.decode.filter(({ codec }) => codec === 'h264');
      expect(h264.map(({ profile }) => profile)).toContain('VAProfileH264ConstrainedBaseline');
      expect(h264).toHaveLength(decode);
      for (const implementation of ['libva', 'h264_vaapi']) {
        const offered = probe.encode.filter((each) => each.implementation === implementation);
        expect(offered.map(({ entrypoint }) => entrypoint)).toEqual(entrypoints);
      }
      await expectClean(gpu);
    },
  );

  it('is not opened where it may not be used, where it is not, or without a runtime for QSV', async () => {
    const gpu = await openGpu({ env: { SLUICE_ALLOW_TEST_GPU: '0' } });
    await expect(gpu.probe()).rejects.toThrow('/dev/dri/renderD128 is simulated, for tests only');
    await expect(gpu.probe({ engine: 'vaapi', device: '/dev/dri/renderD200' })).rejects.toThrow(
      '/dev/dri/renderD200 cannot be opened: No such file or directory',
    );
    await expect(gpu.probe({ engine: 'vaapi' })).rejects.toThrow('no render node was named');
    const allowed = await openGpu();
    await expect(allowed.probe(allowed.device('qsv'))).rejects.toThrow(
      /there is no QSV runtime for .*renderD128/,
    );
    const session = new ScriptedSession(allowed, allowed.device('qsv'));
    await session.until('closed');
    expect(session.of('failed')).toMatchObject([{ scope: 'device' }]);
    await expectClean(gpu);
    await expectClean(allowed);
  });

  it('looks like the processor: decoded, arranged in two ways, and encoded', async () => {
    const units = await unitsOf();
    const gpu = await openGpu();
    const sessions = [new ScriptedSession(addon), new ScriptedSession(gpu, gpu.device())];
    const seen = await Promise.all(
      sessions.map(async (scripted) => {
        const { session } = scripted;
        openMix(session);
        const taps: (Uint8Array | undefined)[] = [];
        const look = async (picture: number, pixels: 'rgb' | 'gray'): Promise<void> => {
          session.tap(taps.length, picture, width, height, pixels);
          taps.push((await scripted.until('tapped', taps.length + 1)).data);
        };
        for (const [index] of units.entries()) {
          mix(session, units, index, index < 15 ? grid : stage);
          if (index === 14 || index === 29) {
            await look(canvas, 'rgb');
            await look(10, 'gray');
          }
        }
        await scripted.until('encoded', units.length);
        await scripted.close();
        expect(scripted.of('pictured')).toHaveLength(units.length * inputs.length);
        expect(scripted.of('broken')).toEqual([]);
        const see = await judge('h264');
        return { taps, pictures: scripted.of('encoded').map(({ data }) => see(data)) };
      }),
    );
    const [cpu, device] = seen;
    for (const [index, tap] of cpu?.taps.entries() ?? []) {
      const other = device?.taps[index] ?? new Uint8Array();
      expect(psnr(other, tap ?? new Uint8Array()), `tap ${index}`).toBeGreaterThan(38);
    }
    for (const [index, picture] of cpu?.pictures.entries() ?? []) {
      const other = device?.pictures[index] ?? new Uint8Array();
      expect(psnr(other, picture ?? new Uint8Array()), `picture ${index}`).toBeGreaterThan(28);
    }
    await expectClean(gpu);
  });

  const frames = process.env.SLUICE_LONG ? 10_000 : 1000;
  it(
    `draws each of ${frames} pictures in one job, copies none, and holds no more at the end than at the beginning`,
    { timeout: 300_000 },
    async () => {
      const units = await unitsOf();
      const gpu = await openGpu();
      const scripted = new ScriptedSession(gpu, gpu.device());
      openMix(scripted.session);
      const run = async (from: number, to: number): Promise<void> => {
        for (let index = from; index < to; index++) {
          mix(scripted.session, units, index, index % 200 < 100 ? grid : stage);
          if (index % 50 === 49) await scripted.until('encoded', index + 1);
        }
        await scripted.until('encoded', to);
      };
      await run(0, 100);
      const [before, held] = [gpu.gpu.counters(), await gpu.counters()];
      await run(100, frames);
      const [after, now] = [gpu.gpu.counters(), await gpu.counters()];
      const done = frames - 100;
      expect(after.vppJobs - before.vppJobs).toBe(done);
      // Half a turn more of the three layers than of the four.
      expect(after.vppLayers - before.vppLayers).toBe(3.5 * done - 50);
      expect(after.encodeJobs - before.encodeJobs).toBe(done);
      expect(after.decodeJobs - before.decodeJobs).toBe(done * inputs.length);
      const copies = ({ imagesDerived, imagesRead, imagesWritten }: typeof after): number[] => [
        ...[imagesDerived, imagesRead, imagesWritten],
      ];
      expect(copies(after)).toEqual(copies(before));
      expect(after.mostSurfaces).toBe(before.mostSurfaces);
      expect({ ...now, queuedBytes: 0 }).toEqual({ ...held, queuedBytes: 0 });
      await scripted.close();
      await expectClean(gpu);
    },
  );

  it('does not draw what would be the same again, and draws the background where there are no layers', async () => {
    const gpu = await openGpu();
    const scripted = new ScriptedSession(gpu, gpu.device());
    const { session } = scripted;
    session.openCanvas(canvas, width, height);
    session.openEncoder(encoder, settings);
    /** Whether the upper left corner has a colour. */
    const expectCorner = async (...colour: readonly number[]): Promise<void> => {
      const count = scripted.of('tapped').length;
      session.tap(count, canvas, 32, 16, 'rgb');
      const { data = new Uint8Array() } = await scripted.until('tapped', count + 1);
      for (const [index, value] of colour.entries())
        expect(
          Math.abs((data[index] ?? 0) - value),
          `${colour.join()}: ${data.subarray(0, 3).join()}`,
        ).toBeLessThan(16);
    };
    await expectCorner(0, 0, 0);
    session.compose(canvas, 0xc03010, layers());
    await expectCorner(0xc0, 0x30, 0x10);
    session.openStill(still, 64, 64, new Uint8Array(64 * 96).fill(128).fill(200, 0, 64 * 64));
    const place = layers({ picture: still, source: [0, 0, 64, 64], destination: [64, 32, 64, 64] });
    session.compose(canvas, 0x10c030, place);
    await expectCorner(0x10, 0xc0, 0x30);
    const { vppJobs } = gpu.gpu.counters();
    for (let index = 0; index < 5; index++) {
      session.compose(canvas, 0x10c030, place);
      session.encode(encoder, canvas, index * 33, false);
    }
    await scripted.until('encoded', 5);
    expect(gpu.gpu.counters().vppJobs).toBe(vppJobs);
    await scripted.close();
    await expectClean(gpu);
  });

  it.each(['h264', 'h265', 'vp8', 'vp9', 'av1'] as const)(
    '%s: what the device encodes looks like what was drawn, for the processor and for the device',
    async (codec) => {
      const gpu = await openGpu();
      const probe = await gpu.probe();
      const isOffered = ({ codec: offered }: { codec: string }): boolean => offered === codec;
      if (!probe.encode.some(isOffered)) {
        // The simulated one has no encoder for it here; a device that has none says so.
        const without = new ScriptedSession(gpu, gpu.device());
        without.session.openEncoder(encoder, { ...settings, codec });
        await without.until('closed');
        expect(without.of('failed')[0]?.reason).toBe(`the device does not encode ${codec}`);
        return;
      }
      const pictures = clip(width, height, 12);
      const scripted = new ScriptedSession(gpu, gpu.device());
      const { session } = scripted;
      session.openCanvas(canvas, width, height);
      session.openEncoder(encoder, { ...settings, codec });
      for (const [index, packed] of pictures.entries()) {
        session.openStill(still, width, height, packed);
        session.compose(canvas, 0, layers({ picture: still, source: whole, destination: whole }));
        session.closeObject(still);
        session.encode(encoder, canvas, index * 33, index === 8);
      }
      await scripted.until('encoded', pictures.length);
      await scripted.close();
      const units = scripted.of('encoded');
      expect(units.flatMap(({ key }, index) => (key ? [index] : []))).toEqual([0, 8]);

      const judges = [
        ...(probe.decode.some(isOffered) ? [new ScriptedSession(gpu, gpu.device())] : []),
        ...(addon.probe({ engine: 'cpu' }).decode.some(isOffered) ? [new ScriptedSession(addon)] : []),
      ];
      expect(judges.length).toBeGreaterThan(0);
      for (const seeing of judges) {
        seeing.session.openDecoder(inputs[0] ?? 0, codec);
        for (const [index, { data, key }] of units.entries()) {
          seeing.session.decode(inputs[0] ?? 0, data, index, key);
          seeing.session.tap(index, inputs[0] ?? 0, width, height, 'gray');
          const { data: gray = new Uint8Array() } = await seeing.until('tapped', index + 1);
          expect(psnr(gray, stretched(pictures[index] ?? gray)), `picture ${index}`).toBeGreaterThan(24);
        }
        expect(seeing.of('broken')).toEqual([]);
        await seeing.close();
      }
      await expectClean(gpu);
    },
  );

  it('draws what is more than a job may have in several, over one background', async () => {
    const gpu = await openGpu();
    const sessions = [new ScriptedSession(addon), new ScriptedSession(gpu, gpu.device())];
    const [packed] = clip(64, 64, 1);
    const many = Array.from({ length: 100 }, (_, index) => ({
      picture: still,
      source: [0, 0, 64, 64] as const,
      destination: [(index % 10) * 30, Math.trunc(index / 10) * 16, 20, 10] as const,
    }));
    const seen = await Promise.all(
      sessions.map(async (scripted) => {
        const { session } = scripted;
        session.openCanvas(canvas, width, height);
        session.openStill(still, 64, 64, packed ?? new Uint8Array());
        session.compose(canvas, 0x8080ff, layers(...many));
        session.tap(1, canvas, width, height, 'gray');
        const { data = new Uint8Array() } = await scripted.until('tapped');
        await scripted.close();
        return data;
      }),
    );
    expect(psnr(...pairOf(seen))).toBeGreaterThan(38);
    // The trial of 64 layers, two jobs of 64 and 36, the tap.
    expect(gpu.gpu.counters()).toMatchObject({ vppJobs: 4, vppLayers: 64 + 100 + 1 });
    await expectClean(gpu);
  });

  it.each([
    { implementation: 'libva', generation: 'all', isLive: true },
    { implementation: 'libva', generation: 'arc', isLive: true },
    { implementation: 'h264_vaapi', generation: 'all', isLive: false },
    { implementation: 'h264_vaapi', generation: 'arc', isLive: false },
  ] as const)(
    '$implementation on $generation: constrained baseline, key pictures when asked for, a new rate is followed',
    async ({ implementation, generation, isLive }) => {
      const gpu = await openGpu({ generation });
      const scripted = new ScriptedSession(gpu, { ...gpu.device(), encoders: [implementation] });
      const { session } = scripted;
      const size = [160, 90] as const;
      const all = [0, 0, ...size] as const;
      session.openCanvas(canvas, ...size);
      session.openEncoder(encoder, { ...settings, width: size[0], height: size[1], bitrateKbps: 1500 });
      const pictures = clip(...size, 60);
      for (const [index, packed] of pictures.entries()) {
        if (index === 30) session.setRate(encoder, 150, 30);
        session.openStill(still, ...size, packed);
        session.compose(canvas, 0, layers({ picture: still, source: all, destination: all }));
        session.closeObject(still);
        session.encode(encoder, canvas, index * 33, index === 20);
        await scripted.until('encoded', index + 1);
      }
      await scripted.close();
      const units = scripted.of('encoded');
      const keys = units.flatMap(({ key }, index) => (key ? [index] : []));
      expect(keys).toEqual(isLive ? [0, 20] : [0, 20, 30]);
      const bytes = (from: number, to: number): number =>
        units.slice(from, to).reduce((sum, { data }) => sum + data.length, 0);
      expect(bytes(45, 60)).toBeLessThan(bytes(5, 20) / 2);
      for (const key of keys) {
        const data = Buffer.from(units[key]?.data ?? []);
        expect(nalTypes(data).filter((type) => [5, 7, 8].includes(type))).toEqual([7, 8, 5]);
        const sps = data.subarray(data.indexOf(Buffer.from([0, 0, 1, 0x67])) + 4);
        expect([sps[0], (sps[1] ?? 0) & 0x40]).toEqual([66, 0x40]);
      }
      const see = await judge('h264');
      for (const [index, { data }] of units.entries()) {
        const seen = see(data) ?? new Uint8Array();
        const wanted = pictures[index] ?? seen;
        if (index < 30) expect(psnr(seen, wanted), `picture ${index}`).toBeGreaterThan(26);
      }
      // Whoever comes later begins with the second key picture, which needs nothing from before.
      const later = await judge('h264');
      for (const { data } of units.slice(20)) expect(later(data)).toHaveLength((size[0] * size[1] * 3) / 2);
      await expectClean(gpu);
    },
  );

  it.each<{ faults: readonly GpuFault[]; scope: string; reason: RegExp }>([
    { faults: [{ kind: 'busy' }], scope: 'device', reason: /busy/i },
    { faults: [{ kind: 'busy', on: 'vpp' }], scope: 'device', reason: /draw: .*busy/i },
    { faults: [{ kind: 'busy', on: 'encode' }], scope: 'device', reason: /encode: .*busy/i },
    { faults: [{ kind: 'busy', on: 'decode' }], scope: 'session', reason: /decode/ },
    { faults: [{ kind: 'busy', after: 7 }], scope: 'device', reason: /busy/i },
    { faults: [{ kind: 'lost', after: 9 }], scope: 'device', reason: /failed/ },
    { faults: [{ kind: 'busy', at: 'sync' }], scope: 'device', reason: /busy/i },
  ])('$faults: the session fails once, cleanly', async ({ faults, scope, reason }) => {
    const units = await unitsOf();
    const gpu = await openGpu();
    const scripted = new ScriptedSession(gpu, gpu.device());
    openMix(scripted.session);
    for (let index = 0; index < 5; index++) mix(scripted.session, units, index);
    await scripted.until('encoded', 5);
    gpu.gpu.inject(...faults);
    for (let index = 10; index < 40; index++) mix(scripted.session, units, index);
    await scripted.until('closed');
    expect(scripted.of('failed')).toMatchObject([{ scope }]);
    expect(scripted.of('failed')[0]?.reason).toMatch(reason);
    expect(scripted.events.slice(-2).map(({ type }) => type)).toEqual(['failed', 'closed']);
    await expectClean(gpu);
    // The device is well again: so is who begins anew.
    gpu.gpu.inject();
    const next = new ScriptedSession(gpu, gpu.device());
    openMix(next.session);
    mix(next.session, units, 0);
    await next.until('encoded');
    await next.close();
    await expectClean(gpu);
  });

  it('a picture that the device refuses once costs that picture only', async () => {
    const units = await unitsOf();
    const gpu = await openGpu();
    const scripted = new ScriptedSession(gpu, gpu.device());
    openMix(scripted.session);
    mix(scripted.session, units, 0);
    await scripted.until('encoded', 1);
    gpu.gpu.inject({ kind: 'busy', on: 'decode', times: 1 });
    for (let index = 1; index < 12; index++) mix(scripted.session, units, index);
    await scripted.until('encoded', 12);
    // Of the first decoder, until its next key unit.
    const broken = scripted.of('broken').map(({ decoder, timestamp }) => [decoder, timestamp]);
    expect(broken).toEqual(Array.from({ length: 9 }, (_, index) => [10, index + 1]));
    await scripted.close();
    expect(scripted.of('failed')).toEqual([]);
    await expectClean(gpu);
  });

  it('fails alone when there are no surfaces left', async () => {
    const units = await unitsOf();
    const gpu = await openGpu();
    const first = new ScriptedSession(gpu, gpu.device());
    openMix(first.session);
    mix(first.session, units, 0);
    await first.until('encoded', 1);
    gpu.gpu.inject({ kind: 'surfaces', max: gpu.gpu.counters().liveSurfaces + 20 });
    const second = new ScriptedSession(gpu, gpu.device());
    openMix(second.session);
    mix(second.session, units, 0);
    await second.until('closed');
    expect(second.of('failed')).toMatchObject([{ scope: 'session' }]);
    expect(second.of('failed')[0]?.reason).toContain('no room for');
    mix(first.session, units, 1);
    await first.until('encoded', 2);
    await first.close();
    await expectClean(gpu);
  });

  it.each(['end', 'sync'] as const)(
    'a stall at %s is seen from outside, and ends with the device',
    async (at) => {
      const units = await unitsOf();
      const gpu = await openGpu();
      const scripted = new ScriptedSession(gpu, gpu.device());
      openMix(scripted.session);
      mix(scripted.session, units, 0);
      await scripted.until('encoded', 1);
      gpu.gpu.inject({ kind: 'stall', at });
      mix(scripted.session, units, 1);
      await vi.waitFor(async () => expect((await gpu.progress()).busyMs).toBeGreaterThan(100), {
        timeout: 10_000,
      });
      scripted.session.close();
      expect(await gpu.counters()).toMatchObject({ sessions: 1 });
      gpu.gpu.inject();
      await scripted.until('closed');
      await expectClean(gpu);
    },
  );

  it('takes no harm from wrong results', async () => {
    const units = await unitsOf();
    const gpu = await openGpu({ faults: [{ kind: 'corrupt', after: 40 }] });
    const scripted = new ScriptedSession(gpu, gpu.device());
    openMix(scripted.session);
    for (let index = 0; index < 20; index++) mix(scripted.session, units, index);
    await scripted.until('encoded', 20);
    await scripted.close();
    expect(gpu.gpu.counters().faults).toBeGreaterThan(20);
    await expectClean(gpu);
  });

  it('a driver that crashes takes its process with it, and no other', async () => {
    const units = await unitsOf();
    const gpu = await openGpu({ faults: [{ kind: 'crash', after: 20 }], env: crashing });
    const { session } = new ScriptedSession(gpu, gpu.device());
    openMix(session);
    for (let index = 0; index < 20; index++) mix(session, units, index);
    expect(await gpu.ended).toBe('SIGSEGV');
  });

  it('units that are damaged cost a picture, not the session', async () => {
    const units = await unitsOf();
    const gpu = await openGpu();
    const scripted = new ScriptedSession(gpu, gpu.device());
    const { session } = scripted;
    openMix(session);
    for (const [index, { data, key }] of units.entries()) {
      const damaged = Uint8Array.from(data, (byte, at) => (at % 7 === index % 7 ? byte ^ 0x55 : byte));
      session.decode(10, damaged, index, true);
      session.decode(11, data.subarray(0, 5 + index), index, true);
      session.decode(12, new Uint8Array(), index, true);
      session.decode(13, data, index, key);
    }
    await scripted.until('pictured', units.length);
    await scripted.close();
    expect(scripted.of('failed')).toEqual([]);
    expect(scripted.of('broken').length).toBeGreaterThan(units.length);
    const { leaked, liveSurfaces } = gpu.gpu.counters();
    expect({ leaked, liveSurfaces }).toEqual({ leaked: 0, liveSurfaces: 0 });
  });

  it(
    'fifty sessions, some closed in the middle of their work, leave nothing',
    { timeout: 120_000 },
    async () => {
      const units = await unitsOf();
      const gpu = await openGpu();
      for (let round = 0; round < 10; round++) {
        const scripted = Array.from({ length: 5 }, () => new ScriptedSession(gpu, gpu.device()));
        for (const { session } of scripted) {
          openMix(session);
          for (let index = 0; index < 4; index++) mix(session, units, index);
        }
        if (round % 2 === 0) await Promise.all(scripted.map((each) => each.until('encoded', 4)));
        await Promise.all(scripted.map((each) => each.close()));
        expect(scripted.flatMap((each) => each.of('failed'))).toEqual([]);
      }
      await expectClean(gpu);
      expect(gpu.gpu.counters().displays).toBe(50);
    },
  );
}

/** The luma of a packed picture as `tap` gives it. */
function stretched(packed: Uint8Array): Uint8Array {
  return packed
    .subarray(0, width * height)
    .map((value) => Math.min(255, Math.max(0, Math.round(((value - 16) * 255) / 219))));
}

function pairOf(pictures: readonly Uint8Array[]): [Uint8Array, Uint8Array] {
  return [pictures[0] ?? new Uint8Array(), pictures[1] ?? new Uint8Array(1)];
}

/** Types of the NAL units of an access unit (Annex B). */
function nalTypes(data: Uint8Array): number[] {
  const types: number[] = [];
  for (let at = 0; at + 3 < data.length; at++) {
    if (data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 1) types.push((data[at + 3] ?? 0) & 31);
  }
  return types;
}
